// Requests for handlers that are called without a server, and a place for their answers.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "http/request.h"
#include "http/responder.h"

namespace daybook::http {

class RequestBuilder {
 public:
  RequestBuilder(Method method, std::string target) {
    request_.method_ = method;
    request_.SetTarget(std::move(target));
  }
  RequestBuilder& Field(std::string_view name, std::string_view value) {
    request_.AddField(name, value);
    return *this;
  }
  RequestBuilder& Body(std::string body) {
    request_.body_ = std::move(body);
    return *this;
  }
  Request Build() { return std::move(request_); }

 private:
  Request request_;
};

}  // namespace daybook::http

namespace daybook::test {

class CapturingSink : public http::AnswerSink {
 public:
  void Answer(const http::ExchangeId&, http::Response response) override {
    response_ = std::move(response);
  }
  void Hold(const http::ExchangeId&, std::shared_ptr<http::Held>,
            std::chrono::milliseconds) override {}
  void Wake(const http::ExchangeId&) override {}
  void Post(UniqueFunction<void()>) override {}
  http::Response Unanswered() const override { return {http::Code::Internal_Server_Error, {}, {}}; }
  std::optional<http::Response>& response() { return response_; }

 private:
  std::optional<http::Response> response_;
};

}  // namespace daybook::test
