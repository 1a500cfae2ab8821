// BodySink takes the body of one request as it arrives, so that a large one is never in memory as
// it was sent.
//
// An upload handler (Router::AddUpload) makes it when the request's header is there. Everything is
// called on the connection's worker's thread and must not block. It is destroyed when Finish() has
// returned, or as soon as the request cannot come to its end: it was refused or malformed, it
// stalled, or the client has gone.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <variant>

#include "http/body_budget.h"
#include "http/request.h"
#include "http/responder.h"
#include "http/response.h"

namespace daybook::http {

class BodySink {
 public:
  virtual ~BodySink() = default;

  // The next bytes of the body, which are the caller's. A refusal is the request's answer, and
  // nothing more is called.
  [[nodiscard]] virtual std::optional<Response> Append(std::string_view bytes) = 0;

  // The body is whole: as a Handler. request.body() is empty.
  virtual void Finish(Request& request, Responder responder) = 0;
};

// What becomes of a request whose header is there: a body that is taken, or a refusal, which is
// sent before any "100 Continue".
//
// A refusal, here or of Append(), has no source. It is sent at once and ends the connection, unless
// the header tells that the body is a small one: that is read to its end first, and the connection
// is kept.
using Upload = std::variant<std::unique_ptr<BodySink>, Response>;

// `held` is for what the sink keeps in memory: the transport counts nothing of the body.
using UploadHandler = std::function<Upload(Request& request, BodyShare held)>;

}  // namespace daybook::http
