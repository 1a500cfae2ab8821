#include "api/page_body.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "api/record_frames.h"

namespace daybook::api {
namespace {

using testing::Each;
using testing::Le;

constexpr PageForm kForms[] = {PageForm::kJson, PageForm::kNdjson, PageForm::kFrames,
                               PageForm::kValues};

struct Made {
  std::string body;
  std::vector<std::size_t> pieces;
};

Made Make(http::BodySource& source) {
  Made made;
  for (bool more = true; more;) {
    http::BodyPiece piece;
    more = source.Next(piece);
    made.body.append(piece.text).append(piece.view);
    made.pieces.push_back(piece.text.size());
  }
  return made;
}

log::Page PageOf(const std::vector<std::string>& values) {
  const auto backing = std::make_shared<const std::vector<std::string>>(values);
  log::Page page;
  for (const std::string& value : *backing) {
    log::RecordView record;
    record.offset = Offset(7 + page.records.size());
    record.timestamp = Timestamp(0x0102030405);
    record.value = value;
    page.bytes += value.size();
    page.records.push_back(std::move(record));
  }
  page.backing = backing;
  return page;
}

std::string Body(const log::Page& page, PageForm form) {
  PageBody body(page, Offset(9), form, ValueEncoding::kText);
  return Make(body).body;
}

TEST(PageBody, ShowsEachRecordInItsForm) {
  const log::Page page = PageOf({"a", "b"});
  EXPECT_THAT(Body(page, PageForm::kJson),
              testing::MatchesRegex(R"(\{"records":\[\{"offset":7,.*"text":"a"\},\{"offset":8,.*)"
                                    R"("text":"b"\}\],"next_offset":9\})"
                                    "\n"));
  EXPECT_THAT(Body(page, PageForm::kNdjson), testing::MatchesRegex(R"(\{"offset":7,.*"text":"a"\})"
                                                                   "\n"
                                                                   R"(\{"offset":8,.*"text":"b"\})"
                                                                   "\n"));
  EXPECT_EQ(Body(page, PageForm::kValues), "ab");
  EXPECT_EQ(Body(PageOf({}), PageForm::kJson), "{\"records\":[],\"next_offset\":9}\n");
  EXPECT_EQ(Body(PageOf({}), PageForm::kNdjson), "");
  EXPECT_EQ(Body(PageOf({}), PageForm::kFrames), "");
}

TEST(PageBody, AFrameHasItsFieldsLittleEndian) {
  log::Page page = PageOf({"value", ""});
  page.records[0].key = "key";
  std::string encoded;
  log::HeadersView::Append(encoded, "a", "\"1\"");
  log::HeadersView::Append(encoded, "b", "");
  page.records[0].headers = log::HeadersView(encoded, 2);
  page.bytes = log::PayloadBytes(page.records[0]);
  const std::string headers = R"({"a":"\"1\"","b":""})";
  const std::string expected = std::string("\7\0\0\0\0\0\0\0\5\4\3\2\1\0\0\0\3\0\0\0", 20) +
                               std::string(1, static_cast<char>(headers.size())) +
                               std::string("\0\0\0\5\0\0\0", 7) + "key" + headers + "value" +
                               std::string("\10\0\0\0\0\0\0\0\5\4\3\2\1\0\0\0", 16) +
                               std::string(12, '\0');
  EXPECT_EQ(Body(page, PageForm::kFrames), expected);
  PageBody body(page, Offset(9), PageForm::kFrames, ValueEncoding::kBase64);
  EXPECT_EQ(body.size(), expected.size());
}

TEST(PageBody, ALargePageIsMadeInPieces) {
  const std::vector<std::string> values(5000, std::string(100, 'x'));
  for (const PageForm form : kForms) {
    PageBody body(PageOf(values), Offset(9), form, ValueEncoding::kBase64);
    const Made made = Make(body);
    EXPECT_GE(made.body.size(), 500'000U);
    EXPECT_THAT(made.pieces, Each(Le(66U << 10)));
    EXPECT_EQ(body.size().value_or(made.body.size()), made.body.size());
    EXPECT_LT(made.body.size(), body.bytes_about() + body.bytes_about() / 4);
  }
}

TEST(PageBody, ALargeValueIsSentFromWhereItLies) {
  const std::string value(100'000, 'x');
  const log::Page page = PageOf({value, "small", value});
  for (const PageForm form : {PageForm::kFrames, PageForm::kValues}) {
    PageBody body(page, Offset(9), form, ValueEncoding::kBase64);
    EXPECT_EQ(body.size(), Body(page, form).size());
    http::BodyPiece piece;
    EXPECT_TRUE(body.Next(piece));
    EXPECT_EQ(piece.view.data(), page.records[0].value.data());
    const Made rest = Make(body);
    EXPECT_THAT(rest.pieces, Each(Le(100U)));
    EXPECT_EQ(*body.size(), piece.text.size() + piece.view.size() + rest.body.size());
  }
}

}  // namespace
}  // namespace daybook::api
