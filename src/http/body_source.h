// BodySource makes the body of one answer while it is sent, so that a large one is never in memory
// as a whole.
//
// A Response owns it, then the connection, which asks for the next piece on its worker's thread
// when little is left to be sent, and destroys it when all was sent or the client has gone. All
// calls are made on that thread.
//
// One that makes a piece each time that something happens, without an end, says when it has to wait
// for that, and wakes the connection then.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "http/close_reason.h"
#include "http/waker.h"

namespace daybook::http {

// `text`, and behind it what `view` shows.
struct BodyPiece {
  std::string text;
  std::string_view view;  // sent as it lies in memory; has to live as long as the source
  bool waits = false;     // there is nothing behind it until the source wakes its connection
};

class BodySource {
 public:
  virtual ~BodySource() = default;

  // Puts the next piece, some tens of KiB (a view may be larger), into `piece`, which is empty.
  // False: there is none behind it. Must not block. What it throws, and a body that is not of
  // size(), cuts the answer off: the connection ends, as a fault.
  virtual bool Next(BodyPiece& piece) = 0;

  // Before the first Next(), of a body that is sent.
  virtual void OnStart(const Waker& /*waker*/) {}
  // It has waited for Limits::quiet_time. Next() is called after it.
  virtual void OnQuiet() {}
  // It is to come to its end, since the server drains (kDrain) or the client has closed its side
  // (kClient); one that does not wait does so anyway. Next() is called after it.
  virtual void EndSoon(CloseReason /*why*/) {}
  // The connection ends before the body does. The last call.
  virtual void OnCut(CloseReason /*why*/) {}

  // Of the whole body, where it is known: it is the Content-Length. Elsewhere the body is chunked,
  // or, for a client of HTTP/1.0, ended by closing the connection.
  virtual std::optional<std::uint64_t> size() const { return std::nullopt; }
  // What it keeps in memory, of which the BodyBudget is charged; without room there the client
  // gets 503 instead, or, when it comes to keep more while it is sent, is cut off.
  virtual std::size_t held_bytes() const { return 0; }
};

}  // namespace daybook::http
