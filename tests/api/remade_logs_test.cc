// A log that was deleted, and one that was made later under its name: nothing that was known of the
// first acts on the second. Over a real socket.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>

#include "api/engines_test.h"

namespace daybook::api {
namespace {

using test::Reply;
using testing::AnyOf;
using testing::HasSubstr;

constexpr const char* kRecords = "/v1/logs/a/records";
constexpr const char* kJson = "Content-Type: application/json\r\n";
constexpr const char* kOneRecord = R"({"records":[{"text":"a"}]})";

class RemadeLogsTest : public EnginesTest {
 protected:
  RemadeLogsTest() { Make(); }

  void Make() { ASSERT_EQ(Ask("PUT", "/v1/logs/a").status, 201); }
  void Delete() { ASSERT_EQ(Ask("DELETE", "/v1/logs/a").status, 204); }
  Reply Append(const std::string& fields = "") {
    return Ask("POST", kRecords, kOneRecord, kJson + fields);
  }
  Reply PutCursor(int offset, const std::string& fields = "") {
    return Ask("PUT", "/v1/logs/a/cursors/c", "{\"offset\":" + std::to_string(offset) + "}",
               kJson + fields);
  }
  std::uint64_t End() {
    const Reply reply = Ask("GET", std::string(kRecords) + "?offset=next");
    return std::stoull(reply.Field("end-offset"));
  }
};

TEST_P(RemadeLogsTest, ItBeginsAtOffset0WithAnIdOfItsOwn) {
  const std::string id = Append().Field("log-id");
  Delete();
  Make();
  EXPECT_EQ(End(), 0U);
  const Reply append = Append();
  EXPECT_EQ(append.Field("location"), "/v1/logs/a/records/0");
  EXPECT_NE(append.Field("log-id"), id);
}

TEST_P(RemadeLogsTest, ItsSettingsAreNew) {
  ASSERT_EQ(Ask("PUT", "/v1/logs/a", R"({"retention":{"max_age":"1h"}})", kJson).status, 200);
  Delete();
  Make();
  EXPECT_THAT(Ask("GET", "/v1/logs/a").body, HasSubstr(R"("retention":{})"));
}

TEST_P(RemadeLogsTest, CursorsDieWithTheFirst) {
  ASSERT_EQ(PutCursor(0).status, 201);
  Delete();
  Make();
  ExpectProblem(Ask("GET", "/v1/logs/a/cursors/c"), 404, "no-such-cursor", "'c'");
  EXPECT_EQ(Ask("GET", "/v1/logs/a/cursors").body, "{\"cursors\":[]}\n");
}

TEST_P(RemadeLogsTest, ACursorsRevisionNeverComesBack) {
  const std::string before = PutCursor(0).Field("etag");
  Delete();
  Make();
  const std::string after = PutCursor(0).Field("etag");
  EXPECT_NE(after, before);
  EXPECT_EQ(PutCursor(0, "If-Match: " + before + "\r\n").status, 412);
  EXPECT_EQ(PutCursor(0, "If-Match: " + after + "\r\n").status, 200);
}

TEST_P(RemadeLogsTest, AnIdempotencyKeyIsNotRemembered) {
  const std::string key = "Idempotency-Key: k\r\n";
  ASSERT_EQ(Append(key).status, 201);
  Delete();
  Make();
  const Reply again = Append(key);
  EXPECT_EQ(again.status, 201);
  EXPECT_EQ(again.Field("idempotency-replayed"), "");
  EXPECT_EQ(End(), 1U);
}

TEST_P(RemadeLogsTest, AnEntityTagOfAPageIsOfNoOther) {
  Append();
  Append();
  const std::string page = std::string(kRecords) + "?limit=1";
  const std::string tag = Ask("GET", page).Field("etag");
  ASSERT_NE(tag, "");
  EXPECT_EQ(Ask("GET", page, "", "If-None-Match: " + tag + "\r\n").status, 304);
  Delete();
  Make();
  Append();
  Append();
  EXPECT_EQ(Ask("GET", page, "", "If-None-Match: " + tag + "\r\n").status, 200);
}

TEST_P(RemadeLogsTest, AnEntityTagOfARecordIsOfNoOther) {
  Append();
  const std::string record = std::string(kRecords) + "/0";
  const std::string tag = Ask("GET", record).Field("etag");
  ASSERT_NE(tag, "");
  Delete();
  Make();
  Append();
  EXPECT_EQ(Ask("GET", record, "", "If-None-Match: " + tag + "\r\n").status, 200);
}

TEST_P(RemadeLogsTest, AnEntityTagOfALogIsOfNoOther) {
  const std::string tag = Ask("GET", "/v1/logs/a").Field("etag");
  Delete();
  Make();
  EXPECT_EQ(Ask("GET", "/v1/logs/a", "", "If-None-Match: " + tag + "\r\n").status, 200);
}

TEST_P(RemadeLogsTest, ARequestThatNamedTheFirstIs409) {
  const std::string id = Append().Field("log-id");
  Delete();
  EXPECT_EQ(Ask("GET", std::string(kRecords) + "?log_id=" + id).status, 404);
  Make();
  const Reply append = Ask("POST", std::string(kRecords) + "?log_id=" + id, kOneRecord, kJson);
  ExpectProblem(append, 409, "other-log", R"("outcome":"not_appended")");
  EXPECT_EQ(Ask("GET", std::string(kRecords) + "?log_id=" + id).status, 409);
  EXPECT_EQ(Ask("DELETE", "/v1/logs/a?log_id=" + id).status, 409);
  EXPECT_EQ(End(), 0U);
}

TEST_P(RemadeLogsTest, APutBesideDeletionsMakesItOrChangesIt) {
  std::atomic<bool> done = false;
  std::thread deleting([&] {
    test::HttpClient other(server_->port());
    while (!done) {
      other.Send("DELETE /v1/logs/a HTTP/1.1\r\nHost: a\r\n\r\n");
      ASSERT_TRUE(other.Read().has_value());
    }
  });
  // Servers may have nothing to say of a stream that goes just now.
  const bool has_servers = std::string(GetParam()) == "jetstream";
  for (int i = 0; i < (has_servers ? 30 : 300); ++i) {
    const Reply put = Ask("PUT", "/v1/logs/a");
    EXPECT_THAT(put.status, AnyOf(200, 201, has_servers ? 503 : 200)) << put.body;
  }
  done = true;
  deleting.join();
}

TEST_P(RemadeLogsTest, AnUploadThatWasInTheMiddleIsNotForTheSecond) {
  test::HttpClient uploading(server_->port());
  const std::string line = "{\"text\":\"x\"}\n";
  uploading.Send(std::string("POST ") + kRecords + " HTTP/1.1\r\nHost: a\r\n" +
                 "Content-Type: application/x-ndjson\r\nExpect: 100-continue\r\n" +
                 "Content-Length: " + std::to_string(2 * line.size()) + "\r\n\r\n");
  ASSERT_EQ(uploading.Read()->status, 100);
  uploading.Send(line);
  Delete();
  Make();
  uploading.Send(line);
  const auto reply = uploading.Read();
  ASSERT_TRUE(reply.has_value());
  ExpectProblem(*reply, 404, "no-such-log", R"("outcome":"not_appended")");
  EXPECT_EQ(End(), 0U);
}

INSTANTIATE_TEST_SUITE_P(Engines, RemadeLogsTest, Engines(), EngineName);

}  // namespace
}  // namespace daybook::api
