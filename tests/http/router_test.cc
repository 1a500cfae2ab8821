#include "http/router.h"

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace daybook::http
