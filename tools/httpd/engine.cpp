#include "httpd/engine.h"

#include "httpd/epoll_engine.h"
#include "httpd/thread_engine.h"

namespace plateau::httpd {

std::unique_ptr<Engine> make_engine(Service& service) {
  switch (service.options.engine) {
    case EngineKind::epoll:
      return std::make_unique<EpollEngine>(service);
    case EngineKind::thread:
      break;
  }
  return std::make_unique<ThreadEngine>(service);
}

}  // namespace plateau::httpd
