#include "app/jetstream.h"

#include <chrono>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>

#include "base/ascii.h"
#include "http/client.h"
#include "jetstream/jetstream_store.h"

namespace daybook::app {
namespace {

// Of a server's monitoring.
constexpr std::chrono::milliseconds kFetchTimeout{2'000};

Result<std::string> FetchPage(const std::string& url, const std::string& path) {
  const Result<http::ServerUrl> server = http::ServerUrl::Parse(url);
  if (!server.ok()) return server.status();
  const Result<http::ClientResponse> response =
      http::Ask(*server, {"GET", path, ""}, std::chrono::steady_clock::now() + kFetchTimeout);
  if (!response.ok()) return response.status();
  if (response->code != 200) {
    return Status(StatusCode::kUnavailable,
                  path + " is answered with " + std::to_string(response->code));
  }
  return response->body;
}

// Without the end of line that editors leave.
Result<std::string> ReadSecret(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string secret((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  if (!file) return Status(StatusCode::kInvalidArgument, path + " cannot be read");
  while (!secret.empty() && (secret.back() == '\n' || secret.back() == '\r')) secret.pop_back();
  return secret;
}

}  // namespace

Result<std::unique_ptr<log::LogStore>> MakeJetStreamStore(const config::Config& config) {
  jetstream::JetStreamOptions options;
  options.connection.url = config.nats_url;
  options.connection.name = "daybook";
  options.connection.user = config.nats_user;
  if (!config.nats_password_file.empty()) {
    Result<std::string> password = ReadSecret(config.nats_password_file);
    if (!password.ok()) return password.status();
    options.connection.password = *std::move(password);
  }
  options.connection.credentials_file = config.nats_credentials_file;
  options.connection.nkey = config.nats_nkey;
  options.connection.nkey_seed_file = config.nats_nkey_seed_file;
  options.connection.tls_ca_file = config.nats_tls_ca_file;
  options.connection.tls_certificate_file = config.nats_tls_certificate_file;
  options.connection.tls_key_file = config.nats_tls_key_file;
  for (std::string_view urls = config.nats_monitor_urls; !urls.empty();)
    options.monitor_urls.emplace_back(TakeUntil(urls, ','));
  options.fetch_page = FetchPage;
  options.prefix = config.nats_prefix;
  options.replicas = config.nats_replicas;
  options.allow_weaker_durability = config.allow_weaker_durability;
  options.timeout = config.nats_timeout;
  options.idempotency_window = config.idempotency_window;
  options.limits = {config.max_logs, config.max_cursors};
  auto store = jetstream::JetStreamStore::Open(std::move(options));
  if (!store.ok()) return store.status();
  return std::unique_ptr<log::LogStore>(*std::move(store));
}

}  // namespace daybook::app
