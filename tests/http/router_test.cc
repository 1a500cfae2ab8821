#include "http/router.h"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "http/request_builder.h"

namespace daybook::http {
namespace {

class RouterTest : public testing::Test {
 protected:
  RouterTest()
      : router_([](const Error& error) {
          Response response;
          response.code = error.code;
          return response;
        }) {
    const auto say = [](const std::string& name) {
      return [name](Request& request, Responder responder) {
        Response response;
        response.body = name;
        if (name == "record") {
          response.body.append(" ")
              .append(request.Parameter("log"))
              .append(" ")
              .append(request.Parameter("offset"));
        }
        std::move(responder).Send(std::move(response));
      };
    };
    router_.Add(Method::Get, "/", say("root"));
    router_.Add(Method::Post, "/", say("append"));
    router_.Add(Method::Get, "/logs/{log}", say("log"));
    router_.Add(Method::Get, "/logs/{log}/records/{offset}", say("record"));
  }

  Response Dispatch(Method method, const std::string& target) {
    test::CapturingSink sink;
    Request request = RequestBuilder(method, target).Build();
    router_.Dispatch(request, budget_, Responder(sink, {}));
    EXPECT_TRUE(sink.response().has_value());
    return std::move(sink.response()).value_or(Response{});
  }

  BodyBudget budget_{1 << 20};
  Router router_;
};

TEST_F(RouterTest, FindsLiteralAndNamedSegments) {
  EXPECT_EQ(Dispatch(Method::Get, "/").body, "root");
  EXPECT_EQ(Dispatch(Method::Get, "/?offset=1").body, "root");
  EXPECT_EQ(Dispatch(Method::Post, "/").body, "append");
  EXPECT_EQ(Dispatch(Method::Get, "/logs/a.b/records/17").body, "record a.b 17");
}

TEST_F(RouterTest, DecodesEachSegmentOnceBeforeItCompares) {
  EXPECT_EQ(Dispatch(Method::Get, "/%6cogs/a%2fb/records/%2525").body, "record a/b %25");
}

TEST_F(RouterTest, NoOtherSpellingReachesARoute) {
  for (const char* target :
       {"/logs", "/logs/", "/logs/a/", "//", "//logs/a", "/logs//records/1", "/Logs/a",
        "/logs/a/../b/c", "/logs/a/records/1/2", "/logs%2fa", "/."}) {
    EXPECT_EQ(Dispatch(Method::Get, target).code, Code::Not_Found) << target;
  }
  for (const char* target : {"/logs/%", "/logs/%zz", "/logs/%00", "/logs/a%0"}) {
    EXPECT_EQ(Dispatch(Method::Get, target).code, Code::Bad_Request) << target;
  }
}

TEST_F(RouterTest, OtherMethodsAreToldWhatIsAllowed) {
  const Response refused = Dispatch(Method::Delete, "/");
  EXPECT_EQ(refused.code, Code::Method_Not_Allowed);
  EXPECT_EQ(refused.fields, "Allow: GET, HEAD, POST, OPTIONS\r\n");
  EXPECT_EQ(Dispatch(Method::Options, "/logs/a").fields, "Allow: GET, HEAD, OPTIONS\r\n");
  EXPECT_EQ(Dispatch(Method::Options, "/nope").code, Code::Not_Found);
  EXPECT_EQ(Dispatch(Method::Options, "*").code, Code::No_Content);
}

TEST_F(RouterTest, HeadGoesWhereGetGoes) {
  EXPECT_EQ(Dispatch(Method::Head, "/").body, "root");
  EXPECT_EQ(Dispatch(Method::Head, "/nope").code, Code::Not_Found);
}

// Lets nobody to "/logs/shut", and keeps what it was asked.
class Doorkeeper : public Gate {
 public:
  Admission Admit(const Request& request, Method method) const override {
    asked_.push_back(std::string(MethodName(method)) + " " + std::string(request.path()));
    if (request.path() != "/logs/shut") return {std::make_shared<const Pass>(), std::nullopt};
    Response refusal;
    refusal.code = Code::Forbidden;
    return {nullptr, std::move(refusal)};
  }
  mutable std::vector<std::string> asked_;
};

TEST_F(RouterTest, NoHandlerSeesWhatTheGateRefuses) {
  const auto gate = std::make_shared<Doorkeeper>();
  router_.SetGate(gate);
  EXPECT_EQ(Dispatch(Method::Get, "/logs/shut").code, Code::Forbidden);
  EXPECT_EQ(Dispatch(Method::Head, "/logs/open").body, "log");
  EXPECT_EQ(gate->asked_, (std::vector<std::string>{"GET /logs/shut", "GET /logs/open"}));
}

TEST_F(RouterTest, TheGateIsNotAskedWhereThereIsNoHandler) {
  const auto gate = std::make_shared<Doorkeeper>();
  router_.SetGate(gate);
  EXPECT_EQ(Dispatch(Method::Get, "/nowhere").code, Code::Not_Found);
  EXPECT_EQ(Dispatch(Method::Put, "/logs/shut").code, Code::Method_Not_Allowed);
  EXPECT_EQ(Dispatch(Method::Options, "/logs/shut").code, Code::No_Content);
  EXPECT_EQ(Dispatch(Method::Get, "/%zz").code, Code::Bad_Request);
  EXPECT_TRUE(gate->asked_.empty());
}

// As of a request with a body: when the header is there, and again when all of it is.
TEST_F(RouterTest, TheGateIsAskedOnceForARequest) {
  const auto gate = std::make_shared<Doorkeeper>();
  router_.SetGate(gate);
  Request request = RequestBuilder(Method::Post, "/").Build();
  EXPECT_FALSE(router_.BeginUpload(request, budget_).has_value());
  test::CapturingSink sink;
  router_.Dispatch(request, budget_, Responder(sink, {}));
  EXPECT_EQ(sink.response()->body, "append");
  EXPECT_EQ(gate->asked_.size(), 1U);
  EXPECT_NE(request.pass(), nullptr);
  Request shut = RequestBuilder(Method::Get, "/logs/shut").Build();
  EXPECT_TRUE(router_.BeginUpload(shut, budget_).has_value());
}

}  // namespace
}  // namespace daybook::http
