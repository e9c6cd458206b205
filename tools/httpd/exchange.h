// One request from its head to its answer, whatever protocol carries it: routing, middleware, and the reply.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "httpd/body_reader.h"
#include "httpd/middleware.h"
#include "httpd/request_head.h"
#include "httpd/response.h"
#include "httpd/route.h"
#include "httpd/service.h"
#include "httpd/truth.h"

namespace plateau::httpd {

class Exchange {
 public:
  // `peer` as in "127.0.0.1:43210"; it and `protocol` outlive the exchange.
  Exchange(const Service& service, const std::string& peer, std::string_view protocol)
      : service_(service), peer_(peer), protocol_(protocol) {}

  // A head has come. Its views may end with the call.
  void begin(const RequestHead& head);
  // Whatever was asked, `status` is the answer; also without begin().
  void refuse(int status, std::string_view allow = {});

  const Route& route() const { return route_; }
  bool head_only() const { return head_only_; }
  BodySink& body() { return body_; }
  // Nothing but the route decides what "GET /" returns.
  bool plain_root() const { return route_.kind == RouteKind::root && !head_only_ && !decorated_; }

  // The answer without framing and connection fields; its views are valid until forget(). `stages` are the
  // planted stages so far.
  Reply answer(const StageSpans& stages);

  // The answer is out, or the peer gone: into the access log.
  void finished(const RequestRecord& record) const;
  void forget();

 private:
  // What only some requests need.
  struct Extras {
    std::string method, path, rest;  // rest: of /static/
    std::string if_none_match, if_modified_since;
    std::string request_id;
    TraceContext trace;
    std::string fields;
    FileAnswer file;
    std::uint64_t begun_ns = 0;
  };

  Extras& extras();
  void begin_middleware(const RequestHead& head);
  void begin_file(const RequestHead& head);
  void fill(Reply& reply);
  void fill_file(Reply& reply);
  void add_fields(Reply& reply, const StageSpans& stages);

  const Service& service_;
  const std::string& peer_;
  const std::string_view protocol_;
  Route route_;
  bool head_only_ = false;
  bool timing_ = false;
  bool decorated_ = false;  // the reply has fields of its own
  BodySink body_;
  std::string text_;  // body of computed responses
  std::unique_ptr<Extras> extras_;
};

}  // namespace plateau::httpd
