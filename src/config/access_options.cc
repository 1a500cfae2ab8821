#include "config/access_options.h"

#include <cstdint>
#include <string_view>

#include "base/ascii.h"
#include "config/urls.h"

namespace daybook::config {
namespace {

// Which a browser leaves out of an origin.
bool HasUsualPort(std::string_view origin) {
  return (origin.starts_with("http://") && origin.ends_with(":80")) ||
         (origin.starts_with("https://") && origin.ends_with(":443"));
}

// As a browser writes them, so without capitals.
bool AreOrigins(std::string_view text) {
  if (text == "*") return true;
  const bool are_urls = text.find_first_of(kUpperLetters) == std::string_view::npos &&
                        AreUrls(text, {"http://", "https://"}, false);
  while (are_urls && !text.empty()) {
    if (HasUsualPort(TakeUntil(text, ','))) return false;
  }
  return are_urls;
}

}  // namespace

void AddAccessOptions(OptionTable& table) {
  constexpr std::uint64_t kClientMax = 1'000'000;
  table.Group("Access");
  table.Text("token-file", &Config::token_file, "FILE",
             "the tokens that are let in, as `daybook token new` makes them; read again when it "
             "changes; empty: no token is needed",
             "a file");
  table.Switch("protect-metrics", &Config::protect_metrics,
               "/metrics needs a token with the scope metrics, too");
  table.Text("cors-origins", &Config::cors_origins, "ORIGINS",
             "whose pages may use the server from a browser, by commas; *: any page's",
             "origins such as https://app.example.com, with commas between them, or *", AreOrigins);
  table.Count("client-rate", &Config::client_rate,
              "requests a second of one token's name, or of one address where there is none; one "
              "more gets 429; 0: any number",
              0, kClientMax);
  table.Count("client-burst", &Config::client_burst,
              "how many of them may come at once after a pause; 0: as many as in a second", 0,
              kClientMax);
  table.Count("client-requests", &Config::client_requests,
              "requests of the same that are under way at one time, waits and followers among "
              "them; one more gets 429; 0: any number",
              0, kClientMax);
}

Status CheckAccessOptions(const Config& config) {
  if (config.protect_metrics && config.token_file.empty()) {
    return {StatusCode::kInvalidArgument,
            "protect-metrics: there is no token-file that could have a token with that scope"};
  }
  if (config.client_burst != 0 && config.client_rate == 0)
    return {StatusCode::kInvalidArgument, "client-burst: there is no client-rate"};
  return {};
}

}  // namespace daybook::config
