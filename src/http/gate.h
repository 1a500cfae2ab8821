// Gate decides whether a request goes on to the handler of its route.
//
// It is asked when the header is there and the route is known, before a body is waited for, and not
// where the path has no handler for the method; and again when the body is there, if the pass has
// ended since. Owned by the router, and called by all workers.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>

#include "http/request.h"
#include "http/response.h"

namespace daybook::http {

class Gate {
 public:
  virtual ~Gate() = default;

  struct Admission {
    std::shared_ptr<const Pass> pass;  // may be null
    std::optional<Response> refusal;   // has no source
  };
  // `method` is that of the handler: GET where the request has HEAD.
  virtual Admission Admit(const Request& request, Method method) const = 0;
};

}  // namespace daybook::http
