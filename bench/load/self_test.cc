#include "load/self_test.h"

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "load/answer_reader.h"
#include "load/deliveries.h"
#include "load/event_reader.h"
#include "load/histogram.h"
#include "load/request_source.h"

namespace daybook::bench {
namespace {

class Checks {
 public:
  void Expect(bool holds, const std::string& claim) {
    if (holds) return;
    std::fprintf(stderr, "bench_load: does not hold: %s\n", claim.c_str());
    all_hold_ = false;
  }
  bool all_hold() const { return all_hold_; }

 private:
  bool all_hold_ = true;
};

void AQuantileIsWithinOnePercent(Checks& checks) {
  constexpr auto kMax = static_cast<std::int64_t>(Histogram::kNanosecondsMax);
  for (std::int64_t exact = 1; exact < kMax; exact += 1 + exact / 3) {
    const auto histogram = std::make_unique<Histogram>();
    histogram->Add(exact);
    histogram->Add(INT64_MAX);  // so that the largest does not stand in for the quantile
    const double told = static_cast<double>(histogram->Quantile(0.5));
    checks.Expect(std::abs(told - static_cast<double>(exact)) <= 0.01 * static_cast<double>(exact),
                  "quantile of " + std::to_string(exact) + " is " + std::to_string(told));
  }
}

void QuantilesOfAnEvenSpread(Checks& checks) {
  const auto histogram = std::make_unique<Histogram>();
  const auto half = std::make_unique<Histogram>();
  constexpr std::int64_t kCount = 100'000;
  for (std::int64_t i = 1; i <= kCount; ++i) (i % 2 == 0 ? *histogram : *half).Add(i * 1000);
  histogram->Merge(*half);
  for (const double share : {0.5, 0.9, 0.99, 0.999}) {
    const double exact = share * static_cast<double>(kCount * 1000);
    const double told = static_cast<double>(histogram->Quantile(share));
    checks.Expect(std::abs(told - exact) <= 0.01 * exact, "share " + std::to_string(share));
  }
  checks.Expect(histogram->max() == std::uint64_t{kCount * 1000}, "the largest is exact");
  checks.Expect(histogram->count() == std::uint64_t{kCount}, "all are counted");
  checks.Expect(Histogram().Quantile(0.5) == 0, "no values, no quantile");
}

void AnyTwoSplitsGiveTheSameAnswers(Checks& checks) {
  constexpr std::string_view kStream =
      "HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\n{\"offset\":0}\n"
      "HTTP/1.1 100 Continue\r\n\r\n"
      "HTTP/1.1 404 Not Found\r\ntransfer-encoding: chunked\r\n\r\n"
      "a;x=y\r\n0123456789\r\n1\r\n!\r\n0\r\nA: b\r\n\r\n"
      "HTTP/1.1 204 No Content\r\n\r\n"
      "HTTP/1.1 500 Bad\r\nConnection: Close\r\ncontent-length:0\r\n\r\n";
  for (std::size_t first = 0; first < kStream.size(); ++first) {
    for (std::size_t second = first; second < kStream.size(); ++second) {
      AnswerReader reader;
      std::vector<Answer> answers;
      const bool fed = reader.Feed(kStream.substr(0, first), answers) &&
                       reader.Feed(kStream.substr(first, second - first), answers) &&
                       reader.Feed(kStream.substr(second), answers);
      const bool same = fed && answers.size() == 4 && answers[0].status == 200 &&
                        answers[1].status == 404 && answers[2].status == 204 &&
                        answers[3].status == 500 && answers[3].close && !answers[0].close;
      checks.Expect(same,
                    "answers split at " + std::to_string(first) + ", " + std::to_string(second));
    }
  }
}

void WhatIsNoAnswerIsRefused(Checks& checks) {
  for (const std::string_view bytes :
       {"hello there\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n"}) {
    AnswerReader reader;
    std::vector<Answer> answers;
    checks.Expect(!reader.Feed(bytes, answers), "refused: " + std::string(bytes));
  }
}

void ABodyIsKeptWithoutItsFrames(Checks& checks) {
  constexpr std::string_view kAnswer =
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n6\r\na\r\nb\r\n\r\n1\r\nc\r\n0\r\n\r\n";
  for (std::size_t split = 0; split < kAnswer.size(); ++split) {
    AnswerReader reader;
    reader.KeepBodies();
    std::vector<Answer> answers;
    const bool fed = reader.Feed(kAnswer.substr(0, split), answers) &&
                     reader.Feed(kAnswer.substr(split), answers);
    checks.Expect(fed && reader.body() == "a\r\nb\r\nc",
                  "a body split at " + std::to_string(split));
  }
}

void AnEventIsThereWhenItsLastLineIs(Checks& checks) {
  constexpr std::string_view kEvents =
      "retry: 2000\nid: 6\n\nid: 7\nevent: record\ndata: {}\n\n:\n\nid: 8\ndata: {}\n\nid: 9\n";
  for (std::size_t split = 0; split < kEvents.size(); ++split) {
    EventReader reader;
    std::vector<std::uint64_t> ids;
    reader.Feed(kEvents.substr(0, split), ids);
    reader.Feed(kEvents.substr(split), ids);
    checks.Expect(ids == std::vector<std::uint64_t>{7, 8},
                  "events split at " + std::to_string(split));
  }
  EventReader reader;
  std::vector<std::uint64_t> ids;
  reader.Feed("retry: 2000\nid: -1\n\n", ids);
  checks.Expect(reader.has_begun() && ids.empty() && reader.next_id() == 0, "a stream begins at 0");
}

void ADeliveryTakesTheTimeSinceTheAnswer(Checks& checks) {
  const auto deliveries = std::make_unique<Deliveries>(5, 3);
  deliveries->OnDelivered(5, 1'000);
  deliveries->OnAnswered("{\"offset\":5}", 2'000, true);
  deliveries->OnDelivered(5, 2'100);
  deliveries->OnAnswered("{\"offset\":6}", 3'000, false);
  deliveries->OnDelivered(6, 4'000);
  deliveries->OnDelivered(8, 5'000);  // behind all that are told of
  checks.Expect(deliveries->appends() == 1 && deliveries->end() == 7, "one append is measured");
  checks.Expect(deliveries->early() == 1 && deliveries->delivered() == 2, "one came early");
  checks.Expect(deliveries->latency().max() == 100, "and one 100 ns after the answer");
}

void RequestsAskForEachOffsetInTurn(Checks& checks) {
  Options options;
  options.target = "read";
  options.offsets = 3;
  RequestSource source(options, 0);
  std::string text;
  for (int i = 0; i < 4; ++i) source.AppendTo(text);
  std::size_t from = 0;
  for (const char* path : {"/?offset=0 ", "/?offset=1 ", "/?offset=2 ", "/?offset=0 "}) {
    from = text.find(path, from);
    checks.Expect(from != std::string::npos, std::string("the next request is ") + path);
  }
  checks.Expect(Base64Value(4) == "TG9nTA==" && Base64Value(5) == "TG9nTG8=", "padding of base64");
}

void PagesAreAStepApart(Checks& checks) {
  Options options;
  options.target = "read";
  options.offsets = 2;
  options.offset_step = 500;
  RequestSource source(options, 0);
  std::string text;
  for (int i = 0; i < 3; ++i) source.AppendTo(text);
  const std::size_t second = text.find("/?offset=500 ");
  checks.Expect(text.find("/?offset=0 ") < second, "the first page is asked for first");
  checks.Expect(text.find("/?offset=0 ", second) != std::string::npos, "and after the last again");
}

void ABodyComesSoManyTimes(Checks& checks) {
  Options options;
  options.body = "line\n";
  options.body_times = 3;
  options.content_type = "text/plain";
  std::string text;
  RequestSource(options, 0).AppendTo(text);
  checks.Expect(text.ends_with("Content-Type: text/plain\r\nContent-Length: 15\r\n\r\n"
                               "line\nline\nline\n"),
                "the body is there three times, and its length is right");
}

void EachRequestHasASerialNumberOfItsOwn(Checks& checks) {
  Options options;
  options.threads = 2;
  options.body = R"({"key":"{serial}"})";
  std::string text;
  for (int worker = 0; worker < 2; ++worker) {
    RequestSource source(options, worker);
    for (int i = 0; i < 2; ++i) source.AppendTo(text);
  }
  for (const char* number : {"000000000000", "000000000001", "500000000000", "500000000001"}) {
    const std::string body = std::string("\r\n\r\n{\"key\":\"") + number + "\"}";
    checks.Expect(text.find(body) != std::string::npos, std::string("a request has ") + number);
  }
  checks.Expect(text.find("Content-Length: 22\r\n") != std::string::npos, "its length is right");
}

}  // namespace

bool SelfTest() {
  Checks checks;
  AQuantileIsWithinOnePercent(checks);
  QuantilesOfAnEvenSpread(checks);
  AnyTwoSplitsGiveTheSameAnswers(checks);
  WhatIsNoAnswerIsRefused(checks);
  ABodyIsKeptWithoutItsFrames(checks);
  AnEventIsThereWhenItsLastLineIs(checks);
  ADeliveryTakesTheTimeSinceTheAnswer(checks);
  RequestsAskForEachOffsetInTurn(checks);
  PagesAreAStepApart(checks);
  ABodyComesSoManyTimes(checks);
  EachRequestHasASerialNumberOfItsOwn(checks);
  return checks.all_hold();
}

}  // namespace daybook::bench
