// Routes whose handlers are members of one object, which they share and keep.
#pragma once

#include <memory>
#include <string_view>
#include <utility>

#include "http/router.h"

namespace daybook::api {

template <typename Handlers>
class MemberRoutes {
 public:
  using Handle = void (Handlers::*)(http::Request& request, http::Responder responder) const;

  MemberRoutes(http::Router& router, std::shared_ptr<const Handlers> handlers)
      : router_(router), handlers_(std::move(handlers)) {}

  const MemberRoutes& Add(http::Method method, std::string_view pattern, Handle handle) const {
    router_.Add(method, pattern,
                [handlers = handlers_, handle](http::Request& request, http::Responder responder) {
                  ((*handlers).*handle)(request, std::move(responder));
                });
    return *this;
  }

 private:
  http::Router& router_;
  const std::shared_ptr<const Handlers> handlers_;
};

}  // namespace daybook::api
