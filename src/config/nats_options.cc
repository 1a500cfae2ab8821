#include "config/nats_options.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "config/urls.h"

namespace daybook::config {
namespace {

constexpr std::size_t kPrefixCharactersMax = 32;
constexpr std::size_t kNkeyCharacters = 56;
constexpr std::uint64_t kReplicasMax = 5;  // what JetStream takes

bool AreClientUrls(std::string_view text) { return AreUrls(text, {"nats://", "tls://"}, false); }
bool AreMonitorUrls(std::string_view text) { return AreUrls(text, {"http://"}, true); }

bool IsPrefix(std::string_view text) {
  return !text.empty() && text.size() <= kPrefixCharactersMax &&
         IsAllOf(text, {kDigits, kLowerLetters, kUpperLetters, "_-"});
}

// A seed, which is secret, is none: it begins with S.
bool IsPublicUserNkey(std::string_view text) {
  constexpr std::string_view kBase32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  return text.empty() ||
         (text.size() == kNkeyCharacters && text.front() == 'U' && IsAllOf(text, {kBase32}));
}

Status Mistake(std::string message) { return {StatusCode::kInvalidArgument, std::move(message)}; }

struct Named {
  const char* name;
  const std::string& text;
};

Status CheckPair(const Named& one, const Named& other) {
  if (one.text.empty() == other.text.empty()) return {};
  return one.text.empty() ? Mistake(std::string(other.name) + " needs " + one.name)
                          : Mistake(std::string(one.name) + " needs " + other.name);
}

Status CheckReadable(const Named& file) {
  if (file.text.empty()) return {};
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> opened(std::fopen(file.text.c_str(), "re"),
                                                               std::fclose);
  // A folder can be opened, too.
  if (opened != nullptr && (std::fgetc(opened.get()) != EOF || std::ferror(opened.get()) == 0))
    return {};
  const int error = errno;
  return Mistake(std::string(file.name) + ": cannot read '" + file.text +
                 "': " + std::generic_category().message(error));
}

}  // namespace

void AddNatsOptions(OptionTable& table) {
  table.Group("NATS");
  table.Text("nats-url", &Config::nats_url, "URLS",
             "NATS servers that the engine jetstream connects to, which it needs",
             "nats://host[:port] or tls://host[:port], several with commas between them",
             AreClientUrls);
  table.Text("nats-monitor-urls", &Config::nats_monitor_urls, "URLS",
             "the monitoring address of every NATS server, which alone tells whether it syncs",
             "http://host:port, several with commas between them", AreMonitorUrls);
  table.Text("nats-prefix", &Config::nats_prefix, "NAME",
             "what the names of streams and subjects begin with",
             "1 to 32 letters, digits, _ and -", IsPrefix);
  table.Count("nats-replicas", &Config::nats_replicas, "NATS servers that keep each record", 1,
              kReplicasMax);
  table.Duration("nats-timeout", &Config::nats_timeout,
                 "how long one try to append waits for its acknowledgement");
  table.Switch("allow-weaker-durability", &Config::allow_weaker_durability,
               "use a NATS that does not hold what is promised (fewer than 3 replicas, no "
               "sync_interval always, an old server, monitoring that cannot be read); answers then "
               "tell the durability that there is");
  table.Text("nats-user", &Config::nats_user, "NAME", "the user that daybook is at NATS", "a name");
  table.Text("nats-password-file", &Config::nats_password_file, "FILE", "with that user's password",
             "a file");
  table.Text("nats-credentials-file", &Config::nats_credentials_file, "FILE",
             "with a JWT and its seed (.creds), instead of a user", "a file");
  table.Text("nats-nkey", &Config::nats_nkey, "NKEY",
             "the public key that daybook is at NATS, instead of a user",
             "the public nkey of a user, U and 55 of A-Z and 2-7", IsPublicUserNkey);
  table.Text("nats-nkey-seed-file", &Config::nats_nkey_seed_file, "FILE",
             "with the seed of that nkey", "a file");
  table.Text("nats-tls-ca-file", &Config::nats_tls_ca_file, "FILE",
             "with the certificates (PEM) of those who sign for the NATS servers", "a file");
  table.Text("nats-tls-certificate-file", &Config::nats_tls_certificate_file, "FILE",
             "with the certificate (PEM) that daybook shows", "a file");
  table.Text("nats-tls-key-file", &Config::nats_tls_key_file, "FILE",
             "with the key (PEM) of that certificate", "a file");
}

Status CheckNatsOptions(const Config& config) {
  if (config.engine != "jetstream") return {};
  if (config.nats_url.empty()) {
    return Mistake(
        "the engine jetstream needs nats-url: nats://host[:port] or tls://host[:port], several "
        "with commas between them");
  }
  const Named user{"nats-user", config.nats_user};
  const Named password{"nats-password-file", config.nats_password_file};
  const Named credentials{"nats-credentials-file", config.nats_credentials_file};
  const Named nkey{"nats-nkey", config.nats_nkey};
  const Named seed{"nats-nkey-seed-file", config.nats_nkey_seed_file};
  const Named certificate{"nats-tls-certificate-file", config.nats_tls_certificate_file};
  const Named key{"nats-tls-key-file", config.nats_tls_key_file};
  if (user.text.empty() && !password.text.empty())
    return Mistake(std::string(password.name) + " needs " + user.name);
  for (const auto& [one, other] : {std::pair(nkey, seed), std::pair(certificate, key)}) {
    if (Status status = CheckPair(one, other); !status.ok()) return status;
  }
  const Named* given = nullptr;
  for (const Named* way : {&user, &credentials, &nkey}) {
    if (way->text.empty()) continue;
    if (given != nullptr) {
      return Mistake(std::string(given->name) + " and " + way->name +
                     ": daybook is one user at NATS; leave one of them out");
    }
    given = way;
  }
  for (const Named& file : {password, credentials, seed,
                            Named{"nats-tls-ca-file", config.nats_tls_ca_file}, certificate, key}) {
    if (Status status = CheckReadable(file); !status.ok()) return status;
  }
  return {};
}

}  // namespace daybook::config
