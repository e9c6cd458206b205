#include <tuple>

#include "foreign/recipe.h"

namespace plateau::live {
namespace {

using Command = std::vector<std::string>;

// A program of tests/targets, told the port and the folder.
auto with(const Command& command) {
  return [command](const std::string& folder, std::uint16_t port) {
    Launch launch{command};
    launch.command.insert(launch.command.end(), {std::to_string(port), folder});
    return launch;
  };
}

// Its log knows nothing of bytes that go out by sendfile.
Launch launch_gunicorn(const std::string& folder, std::uint16_t port) {
  return {{"/usr/bin/python3",
           "-m",
           "gunicorn",
           "--chdir",
           std::string(TARGETS) + "/python",
           "--workers",
           "3",
           "--worker-class",
           "gthread",
           "--threads",
           "4",
           "--keep-alive",
           "60",
           "--bind",
           "127.0.0.1:" + std::to_string(port),
           "--log-level",
           "critical",
           "--access-logfile",
           "-",
           "--access-logformat",
           "log\t%(h)s:%({REMOTE_PORT}e)s\t%(r)s\t%(s)s\t%(B)s",
           "--env",
           "FOLDER=" + folder,
           "wsgi:application"}};
}

Launch launch_uvicorn(const std::string& folder, std::uint16_t port) {
  (void)folder;
  return {{"/usr/bin/python3", "-m", "uvicorn", "--app-dir", std::string(TARGETS) + "/python", "--host",
           "127.0.0.1", "--port", std::to_string(port), "--no-use-colors", "--timeout-keep-alive", "60",
           "asgi:application"}};
}

std::vector<Recipe> go_recipes() {
  std::vector<Recipe> made;
  for (const auto& [name, program, extensions] :
       {std::tuple{"go", GO_SERVER, true}, std::tuple{"go_fasthttp", GO_FAST_SERVER, false}}) {
    const std::string path = program;
    made.push_back({name,
                    {path.empty() ? "Go, or a package of it," : path},
                    with({path}),
                    {.extensions = extensions},
                    Counted::bodies,
                    false,
                    SIGTERM,
                    "go"});
  }
  return made;
}

}  // namespace

std::vector<Recipe> runtime_recipes() {
  const std::string targets = TARGETS;
  std::vector<Recipe> made = go_recipes();
  made.push_back({"node",
                  {"/usr/bin/node"},
                  with({"/usr/bin/node", targets + "/node/server.js"}),
                  {.half_close_pipelines = false},
                  Counted::bodies,
                  false,
                  SIGTERM,
                  "node"});
  made.push_back({"java",
                  {"/usr/bin/java", "/usr/bin/javac"},
                  with({"/usr/bin/java", "-XX:TieredStopAtLevel=1", targets + "/java/Server.java"}),
                  {.extensions = false, .pipelines = false},
                  Counted::bodies,
                  false,
                  SIGTERM,
                  "jvm"});
  made.push_back({"python_threads",
                  {"/usr/bin/python3"},
                  with({"/usr/bin/python3", targets + "/python/threads.py"}),
                  {},
                  Counted::bodies,
                  false,
                  SIGTERM,
                  "python"});
  made.push_back({"gunicorn",
                  {"/usr/bin/python3", "/usr/lib/python3/dist-packages/gunicorn/__main__.py"},
                  launch_gunicorn,
                  {.pipelines = false},
                  Counted::nothing,
                  false,
                  SIGTERM,
                  "python"});
  made.push_back({"uvicorn",
                  {"/usr/bin/python3", "/usr/lib/python3/dist-packages/uvicorn/main.py"},
                  launch_uvicorn,
                  {.half_close = false},
                  Counted::nothing,
                  false,
                  SIGTERM,
                  "python"});
  return made;
}

}  // namespace plateau::live
