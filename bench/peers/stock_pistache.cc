// bench_stock_pistache --port N --threads N: the commit log as Pistache's own examples would do it.
//
// Http::Endpoint, Rest::Router, a RapidJSON document for each body, Pistache's base64, and a vector
// under a mutex. POST / appends; GET / reads, the offset in the query or in the body. This is what
// daybook would be had it stayed with Pistache's HTTP, and is here to be compared with it only.
#include <pistache/base64.h>
#include <pistache/endpoint.h>
#include <pistache/router.h>
#include <rapidjson/document.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace {

using Pistache::Http::Code;
using Pistache::Http::ResponseWriter;
using Pistache::Rest::Request;
using JsonWriter = rapidjson::Writer<rapidjson::StringBuffer>;

class CommitLog {
 public:
  std::uint64_t Append(std::vector<std::byte> value) {
    const std::lock_guard lock(mutex_);
    records_.push_back(std::move(value));
    return records_.size() - 1;
  }

  std::optional<std::vector<std::byte>> Read(std::uint64_t offset) const {
    const std::lock_guard lock(mutex_);
    if (offset >= records_.size()) return std::nullopt;
    return records_[offset];
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::vector<std::byte>> records_;
};

void Answer(ResponseWriter& response, const rapidjson::StringBuffer& json) {
  response.send(Code::Ok, std::string(json.GetString(), json.GetSize()), MIME(Application, Json));
}

class Handlers {
 public:
  void Append(const Request& request, ResponseWriter response) {
    rapidjson::Document document;
    document.Parse(request.body().c_str());
    if (document.HasParseError() || !document.IsObject() || !document.HasMember("record") ||
        !document["record"].IsObject() || !document["record"].HasMember("value") ||
        !document["record"]["value"].IsString()) {
      response.send(Code::Bad_Request, "a record was expected");
      return;
    }
    const std::string text = document["record"]["value"].GetString();
    Base64Decoder decoder(text);
    const std::uint64_t offset = log_.Append(decoder.Decode());
    rapidjson::StringBuffer json;
    JsonWriter writer(json);
    writer.StartObject();
    writer.Key("offset");
    writer.Uint64(offset);
    writer.EndObject();
    Answer(response, json);
  }

  void Read(const Request& request, ResponseWriter response) {
    const std::optional<std::uint64_t> offset = OffsetOf(request);
    if (!offset) {
      response.send(Code::Bad_Request, "an offset was expected");
      return;
    }
    const std::optional<std::vector<std::byte>> value = log_.Read(*offset);
    if (!value) {
      response.send(Code::Not_Found, "there is no such record");
      return;
    }
    Base64Encoder encoder(*value);
    const std::string& text = encoder.Encode();
    rapidjson::StringBuffer json;
    JsonWriter writer(json);
    writer.StartObject();
    writer.Key("record");
    writer.StartObject();
    writer.Key("value");
    writer.String(text.c_str(), static_cast<rapidjson::SizeType>(text.size()));
    writer.Key("offset");
    writer.Uint64(*offset);
    writer.EndObject();
    writer.EndObject();
    Answer(response, json);
  }

 private:
  static std::optional<std::uint64_t> OffsetOf(const Request& request) {
    if (const auto asked = request.query().get("offset")) {
      return std::strtoull(asked->c_str(), nullptr, 10);
    }
    rapidjson::Document document;
    document.Parse(request.body().c_str());
    if (document.HasParseError() || !document.IsObject() || !document.HasMember("offset") ||
        !document["offset"].IsUint64()) {
      return std::nullopt;
    }
    return document["offset"].GetUint64();
  }

  CommitLog log_;
};

}  // namespace

int main(int argc, char** argv) {
  int port = 0, threads = 2;
  for (int i = 1; i + 1 < argc; i += 2) {
    (std::string_view(argv[i]) == "--port" ? port : threads) = std::atoi(argv[i + 1]);
  }
  Handlers handlers;
  Pistache::Rest::Router router;
  Pistache::Rest::Routes::Post(router, "/",
                               Pistache::Rest::Routes::bind(&Handlers::Append, &handlers));
  Pistache::Rest::Routes::Get(router, "/",
                              Pistache::Rest::Routes::bind(&Handlers::Read, &handlers));

  Pistache::Http::Endpoint endpoint(
      Pistache::Address(Pistache::Ipv4::loopback(), static_cast<std::uint16_t>(port)));
  endpoint.init(
      Pistache::Http::Endpoint::options()
          .threads(threads)
          .maxRequestSize(16 << 20)
          .maxResponseSize(16 << 20)
          .backlog(4096)
          .flags(Pistache::Flags<Pistache::Tcp::Options>(Pistache::Tcp::Options::ReuseAddr) |
                 Pistache::Tcp::Options::NoDelay));
  endpoint.setHandler(router.handler());
  endpoint.serveThreaded();
  std::printf("port %d\n", static_cast<int>(static_cast<std::uint16_t>(endpoint.getPort())));
  std::fflush(stdout);
  for (;;) std::this_thread::sleep_for(std::chrono::hours(1));
}
