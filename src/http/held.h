// Held is a request whose answer waits for something to happen, on no thread and without a timer of
// its own.
//
// The connection has it from Responder::Hold() until the request is answered or the client has
// gone, and calls it on its worker's thread.
#pragma once

namespace daybook::http {

class Held {
 public:
  virtual ~Held() = default;

  // After Waker::Wake(), of which several may be one.
  virtual void OnWake() = 0;
  // The time is over, the server drains, or the client has closed its side: the answer is due now.
  virtual void End() = 0;
};

}  // namespace daybook::http
