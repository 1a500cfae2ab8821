#include "api/embedded.h"

#include <memory>
#include <utility>

#include "api/content_coding.h"
#include "api/request_body.h"
#include "base/base64.h"
#include "base/sha256.h"

namespace daybook::api {
namespace {

std::string Digest(std::string_view bytes) {
  const Sha256Digest digest = Sha256(bytes);
  std::string text;
  AppendBase64(text, {reinterpret_cast<const char*>(digest.data()), digest.size()});
  return text;
}

// What stands in the page between those two.
std::string_view Between(std::string_view page, std::string_view begin, std::string_view end) {
  std::string_view rest = page.substr(page.find(begin) + begin.size());
  return rest.substr(0, rest.find(end));
}

// The page's own script and style and nothing else, requests to this server and nowhere else, and
// no way to make elements of strings.
std::string SecurityPolicy(std::string_view page) {
  return "default-src 'none'; script-src 'sha256-" +
         Digest(Between(page, "<script type=\"module\">", "</script>")) + "'; style-src 'sha256-" +
         Digest(Between(page, "<style>", "</style>")) +
         "'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; "
         "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";
}

// As it is sent, with and without a coding.
struct Form {
  std::string body;
  std::string tag;
};

}  // namespace

http::Handler EmbeddedDocument(std::string body, std::string_view media_type, std::string fields) {
  const std::string digest = Digest(body);
  const auto zipped = std::make_shared<const Form>(Form{Gzip(body), "\"" + digest + "-gzip\""});
  const auto plain = std::make_shared<const Form>(Form{std::move(body), "\"" + digest + "\""});
  return WithoutParameters([plain, zipped, media_type = std::string(media_type),
                            fields = std::move(fields)](const http::Request& request) {
    const bool gzip = AcceptsGzip(request.HeaderList("accept-encoding"));
    const Form& form = gzip ? *zipped : *plain;
    http::Response response;
    response.fields = fields;
    response.AddField("Cache-Control", "no-cache");
    response.AddField("Vary", "Accept-Encoding");
    response.AddField("ETag", form.tag);
    response.AddField("X-Content-Type-Options", "nosniff");
    if (MatchesWeakly(request.HeaderList("if-none-match"), form.tag)) {
      response.code = http::Code::Not_Modified;
      return response;
    }
    response.AddField("Content-Type", media_type);
    if (gzip) response.AddField("Content-Encoding", "gzip");
    response.body = form.body;
    return response;
  });
}

http::Handler EmbeddedPage(std::string_view page) {
  std::string fields = "Content-Security-Policy: " + SecurityPolicy(page) + "\r\n";
  fields.append("Referrer-Policy: no-referrer\r\n");
  return EmbeddedDocument(std::string(page), "text/html; charset=utf-8", std::move(fields));
}

}  // namespace daybook::api
