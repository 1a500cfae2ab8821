#include "http/probe_server.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace daybook::test {
namespace {

using http::Method;
using http::Request;
using http::Responder;
using http::Response;

Response Text(std::string body) {
  Response response;
  response.AddField("Content-Type", "text/plain");
  response.body = std::move(body);
  return response;
}

// Alternately as text and as a view.
class Xs : public http::BodySource {
 public:
  explicit Xs(std::size_t bytes) : left_(bytes) {}

  bool Next(http::BodyPiece& piece) override {
    piece.text.assign(std::min(left_, kPieceBytes), 'x');
    left_ -= piece.text.size();
    piece.view = std::string_view(viewed_).substr(0, left_);
    left_ -= piece.view.size();
    return left_ > 0;
  }

 private:
  static constexpr std::size_t kPieceBytes = 20'000;
  const std::string viewed_ = std::string(kPieceBytes, 'x');
  std::size_t left_;
};

}  // namespace

ProbeServer::ProbeServer(const http::Limits& limits, std::size_t threads,
                         const AddRoutes& add_routes) {
  http::ServerOptions options;
  options.listen_address = "127.0.0.1:0";
  options.threads = threads;
  options.limits = limits;
  options.report_fault = [this](std::string_view) { ++faults_; };
  http::Router router = MakeRouter();
  add_routes(router);
  server_ = std::move(*http::Server::Start(options, std::move(router)));
  for (int i = 0; i < 2; ++i) answerers_.emplace_back([this] { AnswerLater(); });
}

// What comes from the moment of `stopping_` on is answered in its handler's call, for no Responder
// may outlive the server.
ProbeServer::~ProbeServer() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  for (std::thread& answerer : answerers_) answerer.join();
  later_.clear();
  Release();
  server_.reset();
}

http::Router ProbeServer::MakeRouter() {
  http::Router router([](const http::Error& error) {
    Response response = Text(error.detail + "\n");
    response.code = error.code;
    return response;
  });
  const auto echo = [](Request& request, Responder responder) {
    std::move(responder).Send(Text(std::move(request.mutable_body())));
  };
  router.Add(Method::Post, "/echo", echo);
  router.Add(Method::Put, "/echo", echo);
  router.Add(Method::Get, "/target", [](Request& request, Responder responder) {
    std::move(responder).Send(
        Text(std::string(request.path()) + " " + std::string(request.query().value_or("-"))));
  });
  router.Add(Method::Get, "/big", [](Request& request, Responder responder) {
    std::move(responder).Send(Text(std::string(std::stoul(std::string(*request.query())), 'x')));
  });
  router.Add(Method::Get, "/stream", [](Request& request, Responder responder) {
    Response response = Text({});
    response.source = std::make_unique<Xs>(std::stoul(std::string(*request.query())));
    std::move(responder).Send(std::move(response));
  });
  router.AddForCrowded(
      "/for-crowded", [](Request&, Responder responder) { std::move(responder).Send(Text("ok")); });
  router.Add(Method::Get, "/none", [](Request&, Responder responder) {
    std::move(responder).Send(Response{http::Code::No_Content, {}, {}});
  });
  router.Add(Method::Get, "/later", [this](Request& request, Responder responder) {
    {
      const std::lock_guard lock(mutex_);
      if (stopping_) return std::move(responder).Send(Text("stopping"));
      later_.emplace_back(std::move(responder), std::string(request.query().value_or("")));
    }
    changed_.notify_all();
  });
  router.Add(Method::Get, "/hold", [this](Request&, Responder responder) {
    {
      const std::lock_guard lock(mutex_);
      if (stopping_) return std::move(responder).Send(Text("stopping"));
      held_.push_back(std::move(responder));
    }
    changed_.notify_all();
  });
  router.Add(Method::Get, "/drop", [](Request&, const Responder&) {});
  router.Add(Method::Get, "/throw",
             [](Request&, const Responder&) { throw std::runtime_error("no"); });
  return router;
}

void ProbeServer::AnswerLater() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return stopping_ || !later_.empty(); });
    if (stopping_) return;
    auto [responder, text] = std::move(later_.front());
    later_.pop_front();
    lock.unlock();
    std::move(responder).Send(Text(std::move(text)));
    lock.lock();
  }
}

void ProbeServer::WaitForHeld(std::size_t count) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return held_.size() >= count; });
}

void ProbeServer::Release() {
  std::vector<Responder> held;
  {
    const std::lock_guard lock(mutex_);
    held.swap(held_);
  }
  for (Responder& responder : held) std::move(responder).Send(Text("released"));
}

}  // namespace daybook::test
