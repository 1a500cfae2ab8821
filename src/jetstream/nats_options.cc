#include "jetstream/nats_options.h"

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/ascii.h"

namespace daybook::jetstream {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kConnectTimeout{2'000};
constexpr milliseconds kReconnectWait{500};
constexpr milliseconds kReconnectJitter{500};
constexpr milliseconds kWriteDeadline{2'000};
constexpr milliseconds kPingInterval{5'000};
constexpr int kPingsWithoutAnswer = 2;

// The servers of "nats://a:4222,nats://b:4222".
std::vector<std::string> ServersOf(std::string_view url) {
  std::vector<std::string> servers;
  while (!url.empty()) servers.emplace_back(TakeUntil(url, ','));
  return servers;
}

// kInvalidArgument: cnats refuses one of them.
class OptionsBuilder {
 public:
  OptionsBuilder() {
    natsOptions* made = nullptr;
    Add("natsOptions_Create", natsOptions_Create(&made));
    options_.reset(made);
  }

  natsOptions* get() const { return options_.get(); }
  void Add(const char* what, natsStatus status) {
    if (status == NATS_OK || !failure_.ok()) return;
    failure_ = {StatusCode::kInvalidArgument,
                std::string(what) + ": " + natsStatus_GetText(status)};
  }
  Result<NatsOptions> Take() && {
    if (!failure_.ok()) return failure_;
    return std::move(options_);
  }

 private:
  NatsOptions options_;
  Status failure_;
};

void AddAccess(OptionsBuilder& builder, const ConnectionOptions& options) {
  natsOptions* const o = builder.get();
  if (!options.user.empty()) {
    builder.Add("the user of NATS",
                natsOptions_SetUserInfo(o, options.user.c_str(), options.password.c_str()));
  }
  if (!options.credentials_file.empty()) {
    builder.Add("the credentials of NATS", natsOptions_SetUserCredentialsFromFiles(
                                               o, options.credentials_file.c_str(), nullptr));
  }
  if (!options.nkey.empty()) {
    builder.Add("the NKey of NATS", natsOptions_SetNKeyFromSeed(o, options.nkey.c_str(),
                                                                options.nkey_seed_file.c_str()));
  }
  // To cnats the scheme says nothing: it speaks TLS where the server asks for that, and would send
  // user and password as they are to whoever stands in the server's place and does not.
  if (options.url.find("tls://") != std::string::npos)
    builder.Add("TLS", natsOptions_SetSecure(o, true));
  if (!options.tls_ca_file.empty()) {
    builder.Add("the CA of NATS",
                natsOptions_LoadCATrustedCertificates(o, options.tls_ca_file.c_str()));
  }
  if (!options.tls_certificate_file.empty()) {
    builder.Add("the certificate for NATS",
                natsOptions_LoadCertificatesChain(o, options.tls_certificate_file.c_str(),
                                                  options.tls_key_file.c_str()));
  }
}

}  // namespace

Result<NatsOptions> MakeNatsOptions(const ConnectionOptions& options,
                                    const NatsCallbacks& callbacks) {
  OptionsBuilder builder;
  natsOptions* const o = builder.get();
  const std::vector<std::string> servers = ServersOf(options.url);
  std::vector<const char*> urls;
  urls.reserve(servers.size());
  for (const std::string& server : servers) urls.push_back(server.c_str());
  builder.Add("the URL of NATS",
              natsOptions_SetServers(o, urls.data(), static_cast<int>(urls.size())));
  builder.Add("name", natsOptions_SetName(o, options.name.c_str()));
  AddAccess(builder, options);
  builder.Add("timeout", natsOptions_SetTimeout(o, kConnectTimeout.count()));
  builder.Add("reconnects", natsOptions_SetMaxReconnect(o, -1));
  builder.Add("reconnect wait", natsOptions_SetReconnectWait(o, kReconnectWait.count()));
  builder.Add("jitter", natsOptions_SetReconnectJitter(o, kReconnectJitter.count(),
                                                       kReconnectJitter.count()));
  // Nothing is kept to be sent after a loss of the connection.
  builder.Add("reconnect buffer", natsOptions_SetReconnectBufSize(o, 0));
  builder.Add("pings", natsOptions_SetPingInterval(o, kPingInterval.count()));
  builder.Add("pings", natsOptions_SetMaxPingsOut(o, kPingsWithoutAnswer));
  builder.Add("write deadline", natsOptions_SetWriteDeadline(o, kWriteDeadline.count()));
  // cnats would else wait a millisecond for more to send.
  builder.Add("send at once", natsOptions_SetSendAsap(o, true));
  builder.Add("one thread of delivery", natsOptions_UseGlobalMessageDelivery(o, true));
  if (callbacks.closure == nullptr) return std::move(builder).Take();
  builder.Add("retries",
              natsOptions_SetRetryOnFailedConnect(o, true, callbacks.connected, callbacks.closure));
  builder.Add("callback", natsOptions_SetReconnectedCB(o, callbacks.connected, callbacks.closure));
  builder.Add("callback",
              natsOptions_SetDisconnectedCB(o, callbacks.disconnected, callbacks.closure));
  builder.Add("callback", natsOptions_SetClosedCB(o, callbacks.closed, callbacks.closure));
  builder.Add("callback", natsOptions_SetErrorHandler(o, callbacks.error, callbacks.closure));
  return std::move(builder).Take();
}

}  // namespace daybook::jetstream
