// Responder is the right and the duty to answer one request, once, from any thread.
//
// A handler gets one with its request and may answer within the call or move it to where the answer
// will be known. An answer from the connection's own thread within the handler's call is written at
// once; from elsewhere it travels through the worker's queue, and is dropped there when the client
// has gone meanwhile: it is found by descriptor and generation, so it can never reach another
// client. A Responder that is destroyed unused answers 500. Must not outlive the Server.
#pragma once

#include <chrono>
#include <memory>
#include <utility>

#include "http/held.h"
#include "http/response.h"
#include "http/waker.h"

namespace daybook::http {

class AnswerSink : public WakeSink {
 public:
  // Thread-safe.
  virtual void Answer(const ExchangeId& id, Response response) = 0;
  // Within the handler's call.
  virtual void Hold(const ExchangeId& id, std::shared_ptr<Held> held,
                    std::chrono::milliseconds at_most) = 0;
  virtual Response Unanswered() const = 0;
};

class Responder {
 public:
  Responder(AnswerSink& sink, const ExchangeId& id) : sink_(&sink), id_(id) {}
  Responder(Responder&& other) noexcept
      : sink_(std::exchange(other.sink_, nullptr)), id_(other.id_) {}
  Responder& operator=(Responder&& other) = delete;
  ~Responder() {
    if (sink_ != nullptr) sink_->Answer(id_, sink_->Unanswered());
  }

  // Within the handler's call: has `held` told of what its answer may wait for, which is to be
  // given after `at_most`.
  void Hold(std::shared_ptr<Held> held, std::chrono::milliseconds at_most) {
    sink_->Hold(id_, std::move(held), at_most);
  }
  Waker waker() const { return {*sink_, id_}; }

  void Send(Response response) && {
    std::exchange(sink_, nullptr)->Answer(id_, std::move(response));
  }

 private:
  AnswerSink* sink_;
  ExchangeId id_;
};

}  // namespace daybook::http
