// How NATS is connected to.
#pragma once

#include <string>

namespace daybook::jetstream {

struct ConnectionOptions {
  std::string url;  // "nats://a:4222,nats://b:4222"; tls:// for TLS
  std::string name;
  std::string user;
  std::string password;
  std::string credentials_file;
  std::string nkey;  // the public one
  std::string nkey_seed_file;
  std::string tls_ca_file;
  std::string tls_certificate_file;
  std::string tls_key_file;
};

}  // namespace daybook::jetstream
