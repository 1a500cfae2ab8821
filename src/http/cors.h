// Cors lets pages of other origins use the server, as browsers ask for it (the Fetch standard,
// "HTTP-access control"). What a page may do is for its token to say: no cookie or other credential
// that a browser has by itself is ever let through. Owned by the router, and read by all workers.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "http/request.h"

namespace daybook::http {

class Cors {
 public:
  // Lets no page in.
  Cors() = default;
  // `origins`: such as "https://app.example.com", or "*" for any.
  explicit Cors(std::vector<std::string> origins);

  // Adds the fields of an answer to `request`, if there are any.
  void AppendFields(const Request& request, std::string& fields) const {
    if (!origins_.empty()) AppendAnswerFields(request, fields);
  }
  // Adds those of an answer to OPTIONS that asks whether the page may send such a request, where
  // `methods` are what the path has, by commas.
  void AppendPreflightFields(const Request& request, std::string_view methods,
                             std::string& fields) const;

 private:
  void AppendAnswerFields(const Request& request, std::string& fields) const;
  bool Allows(std::string_view origin) const;

  std::vector<std::string> origins_;
  bool allows_all_ = false;
};

}  // namespace daybook::http
