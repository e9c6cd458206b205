#include "httpd/engine.h"

#include "httpd/epoll_engine.h"
#include "httpd/pool_engine.h"
#include "httpd/reuseport_engine.h"
#include "httpd/thread_engine.h"
#include "httpd/uring_engine.h"

namespace plateau::httpd {

std::unique_ptr<Engine> make_engine(Service& service) {
  switch (service.options.engine) {
    case EngineKind::epoll:
      return std::make_unique<EpollEngine>(service);
    case EngineKind::reuseport:
      return std::make_unique<ReuseportEngine>(service);
    case EngineKind::pool:
      return std::make_unique<PoolEngine>(service);
    case EngineKind::io_uring:
      return std::make_unique<UringEngine>(service);
    case EngineKind::thread:
      break;
  }
  return std::make_unique<ThreadEngine>(service);
}

}  // namespace plateau::httpd
