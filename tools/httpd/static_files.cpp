#include "httpd/static_files.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <ctime>
#include <optional>

#include "httpd/protocol_options.h"
#include "toolkit/field_text.h"

namespace plateau::httpd {
namespace {

struct Type {
  std::string_view extension;
  std::string_view name;
};

constexpr Type kTypes[] = {{".html", "text/html; charset=utf-8"},
                           {".css", "text/css; charset=utf-8"},
                           {".js", "text/javascript; charset=utf-8"},
                           {".json", "application/json"},
                           {".txt", "text/plain; charset=utf-8"},
                           {".md", "text/markdown; charset=utf-8"},
                           {".csv", "text/csv; charset=utf-8"},
                           {".svg", "image/svg+xml"},
                           {".png", "image/png"},
                           {".jpg", "image/jpeg"},
                           {".jpeg", "image/jpeg"},
                           {".gif", "image/gif"},
                           {".ico", "image/x-icon"},
                           {".wasm", "application/wasm"},
                           {".pdf", "application/pdf"}};

std::string_view type_of(std::string_view path) {
  for (const Type& type : kTypes) {
    if (path.ends_with(type.extension)) return type.name;
  }
  return "application/octet-stream";
}

std::optional<std::string> decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out.push_back(text[i]);
      continue;
    }
    unsigned value = 0;
    const std::string_view digits = text.substr(i + 1, 2);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
    if (digits.size() != 2 || error != std::errc() || end != digits.data() + 2 || value == 0) return {};
    out.push_back(static_cast<char>(value));
    i += 2;
  }
  return out;
}

int status_of_error(int error) {
  switch (error) {
    case EACCES:
    case EPERM:
    case EXDEV:
    case ELOOP:
      return 403;
    case ENOENT:
    case ENOTDIR:
    case ENAMETOOLONG:
      return 404;
    default:
      return 500;
  }
}

Fd open_beneath(int directory, const std::string& path) {
  open_how how{};
  how.flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
  return Fd(static_cast<int>(::syscall(SYS_openat2, directory, path.c_str(), &how, sizeof how)));
}

std::string date_text(std::time_t seconds) {
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  char text[64];
  return std::string(text, std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &parts));
}

std::string etag_of(const struct stat& file) {
  char text[64];
  const auto stamp = static_cast<std::uint64_t>(file.st_mtim.tv_sec) * 1'000'000'000u +
                     static_cast<std::uint64_t>(file.st_mtim.tv_nsec);
  auto end = std::to_chars(text, text + 24, stamp, 16).ptr;
  *end++ = '-';
  end = std::to_chars(end, text + sizeof text, static_cast<std::uint64_t>(file.st_size), 16).ptr;
  return '"' + std::string(text, end) + '"';
}

bool names_tag(std::string_view list, std::string_view tag) {
  bool named = false;
  toolkit::for_each_in_list(list, [&](std::string_view item) {
    if (item.starts_with("W/")) item.remove_prefix(2);
    named = named || item == "*" || item == tag;
  });
  return named;
}

bool unmodified(const FileQuery& query, const std::string& tag, std::time_t modified) {
  if (!query.if_none_match.empty()) return names_tag(query.if_none_match, tag);
  if (query.if_modified_since.empty()) return false;
  std::tm parts{};
  const std::string since(query.if_modified_since);
  const char* const end = ::strptime(since.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
  return end != nullptr && *end == '\0' && modified <= ::timegm(&parts);
}

bool read_whole(int fd, std::uint64_t size, std::string& out) {
  out.resize(size);
  std::size_t at = 0;
  while (at < size) {
    const ssize_t count = ::read(fd, out.data() + at, size - at);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    at += static_cast<std::size_t>(count);
  }
  return true;
}

}  // namespace

Result<std::unique_ptr<StaticFiles>> StaticFiles::open(const std::string& directory) {
  Fd fd(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.valid()) {
    return fail("--static " + directory + ": " + std::strerror(errno) + "; name a directory that can be read",
                ExitCode::usage);
  }
  return std::unique_ptr<StaticFiles>(new StaticFiles(std::move(fd)));
}

FileAnswer StaticFiles::answer(const FileQuery& query) const {
  FileAnswer answer;
  const std::optional<std::string> path = decoded(query.path);
  if (!path || path->empty()) {
    answer.status = path ? 404 : 400;
    return answer;
  }
  const Fd file = open_beneath(directory_.get(), *path);
  struct stat facts {};
  if (!file.valid() || ::fstat(file.get(), &facts) != 0) {
    answer.status = status_of_error(errno);
    return answer;
  }
  if (!S_ISREG(facts.st_mode)) return answer;
  answer.size = static_cast<std::uint64_t>(facts.st_size);
  answer.type = type_of(*path);
  const std::string tag = etag_of(facts);
  answer.fields = "ETag: " + tag + "\r\nLast-Modified: " + date_text(facts.st_mtim.tv_sec) + "\r\n";
  if (unmodified(query, tag, facts.st_mtim.tv_sec)) {
    answer.status = 304;
  } else if (answer.size > kMaxBody) {
    answer.status = 413;
  } else {
    const bool whole = query.head_only || read_whole(file.get(), answer.size, answer.content);
    answer.status = whole ? 200 : 500;
  }
  if (answer.status != 200 && answer.status != 304) answer.fields.clear();
  return answer;
}

}  // namespace plateau::httpd
