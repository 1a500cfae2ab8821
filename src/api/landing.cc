#include "api/landing.h"

#include <string>

#include "base/ascii.h"

namespace daybook::api {
namespace {

constexpr const char* kPage = R"(<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>daybook</title>
<style>
:root { color-scheme: light dark; --edge: #8883; --soft: #8881; --link: #2563c9; }
@media (prefers-color-scheme: dark) { :root { --link: #8ab4f8; } }
body { font: 16px/1.55 system-ui, sans-serif; max-width: 44rem; margin: 3.5rem auto; padding: 0 1.25rem; }
h1 { font-size: 1.9rem; margin: 0 0 .25rem; letter-spacing: -.02em; }
h2 { font-size: 1rem; margin: 2rem 0 .5rem; }
p { margin: .5rem 0; }
pre { background: var(--soft); border: 1px solid var(--edge); border-radius: .5rem; padding: .8rem 1rem; overflow-x: auto; }
code, pre { font: .875rem/1.6 ui-monospace, monospace; }
a { color: var(--link); }
</style>
</head>
<body>
<h1>daybook</h1>
<p>An append-only commit log over HTTP. This address is its API; a record is appended with POST and read back by its
offset.</p>
<h2>Append a record</h2>
<p>The value is base64; the answer is the record's offset.</p>
<pre>curl -X POST localhost:8080 -d '{"record":{"value":"TGV0J3MgR28gIzEK"}}'</pre>
<h2>Read it back</h2>
<pre>curl -X GET localhost:8080 -d '{"offset":0}'
curl 'localhost:8080/?offset=0'</pre>
<h2>Operations</h2>
<p><a href="/docs">/docs</a> &middot; <a href="/openapi.json">/openapi.json</a> &middot; <a href="/console">/console</a></p>
<p><a href="/healthz">/healthz</a> &middot; <a href="/readyz">/readyz</a> &middot; <a href="/version">/version</a></p>
</body>
</html>
)";

}  // namespace

http::Response LandingPage() {
  http::Response response;
  response.AddField("Content-Type", "text/html; charset=utf-8");
  response.AddField("Cache-Control", "no-store");
  response.AddField("Content-Security-Policy",
                    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'");
  response.AddField("X-Content-Type-Options", "nosniff");
  response.body = kPage;
  return response;
}

bool TakesHtml(const http::Request& request) {
  std::string accept = request.HeaderList("accept");
  for (char& c : accept) c = LowerAscii(c);
  return accept.find("text/html") != std::string::npos;
}

bool AsksForPage(const http::Request& request) {
  return TakesHtml(request) && !request.query() &&
         request.HeaderList("transfer-encoding").empty() &&
         request.Header("content-length").value_or("0") == "0";
}

}  // namespace daybook::api
