// One thing shown as a client would have it (RFC 9110 section 12): which of several media types,
// and whether it is zipped, or needs to be sent at all.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "api/page_body.h"
#include "api/problem.h"
#include "api/record_json.h"
#include "http/request.h"
#include "http/response.h"

namespace daybook::api {

// What a request says of the way that it would have its answer.
struct Wish {
  std::string_view media_type;  // of those that are offered
  ValueEncoding encoding = ValueEncoding::kBase64;
  bool gzip = false;
  std::string if_none_match;
  // What will never be other than it is now may be shown again without asking, for a while.
  bool may_be_kept = false;
};

// 406: none of `offered` is accepted.
std::variant<Wish, Problem> WishOf(const http::Request& request,
                                   std::span<const std::string_view> offered,
                                   ValueEncoding encoding);

// 200, or 304 where the client has it already. `fields` go with either. `version` names what is
// shown, if that will never be other than it is now; "": it may be, and is not to be stored.
http::Response AnswerOf(const Wish& wish, std::string fields, std::string_view version,
                        std::unique_ptr<PageBody> body);

}  // namespace daybook::api
