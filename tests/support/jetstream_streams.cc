#include "support/jetstream_streams.h"

#include <chrono>

#include "http/client.h"
#include "jetstream/connection.h"
#include "jetstream/stream_api.h"
#include "support/nats_servers.h"

namespace daybook::test {

using std::chrono::seconds;

namespace {

Result<std::string> FetchPage(const std::string& url, const std::string& path) {
  const auto server = http::ServerUrl::Parse(url);
  if (!server.ok()) return server.status();
  const auto response =
      http::Ask(*server, {"GET", path, ""}, std::chrono::steady_clock::now() + seconds(10));
  if (!response.ok()) return response.status();
  return response->body;
}

}  // namespace

jetstream::JetStreamOptions JetStreamForTests() {
  jetstream::JetStreamOptions options;
  options.connection.url = RunningNats().url;
  options.connection.name = "test";
  options.monitor_urls = RunningNats().monitor_urls;
  options.fetch_page = FetchPage;
  // The tests hold on one server, too.
  options.allow_weaker_durability = RunningNats().monitor_urls.size() < 3;
  options.replicas = options.allow_weaker_durability ? 1 : 3;
  options.prefix = "t" + log::LogId::Random().ToString().substr(0, 8);
  return options;
}

std::unique_ptr<jetstream::JetStreamStore> OpenJetStream(
    const jetstream::JetStreamOptions& options) {
  auto store = jetstream::JetStreamStore::Open(options);
  CHECK(store.ok(), store.status().message());
  const Status serving = (*store)->AwaitServing(seconds(30));
  CHECK(serving.ok(), serving.message());
  return *std::move(store);
}

void DeleteStreams(const std::string& prefix) {
  jetstream::ConnectionOptions options;
  options.url = RunningNats().url;
  const auto connection = jetstream::Connection::Open(options);
  const auto names =
      (*connection)
          ->AskAndWait({"$JS.API.STREAM.NAMES", {}, R"({"subject":")" + prefix + R"(.>"})"},
                       seconds(10));
  if (!names.ok()) return;
  const std::string text(names->data());
  jetstream::StreamApi api(**connection, seconds(10));
  for (std::size_t at = 0; (at = text.find("\"" + prefix + "_", at)) != std::string::npos;) {
    const std::size_t end = text.find('"', ++at);
    (void)api.DeleteAndWait(text.substr(at, end - at));
    at = end;
  }
}

}  // namespace daybook::test
