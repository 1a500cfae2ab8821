#include "log/headers_view.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace daybook::log {
namespace {

using testing::ElementsAre;
using testing::Pair;

std::string SomeHeaders() {
  std::string bytes;
  HeadersView::Append(bytes, "name", "value");
  HeadersView::Append(bytes, "empty", "");
  HeadersView::Append(bytes, "", std::string(HeadersView::kTextBytesMax, 'x'));
  return bytes;
}

TEST(HeadersView, ShowsWhatWasAppended) {
  const std::string bytes = SomeHeaders();
  const HeadersView headers(bytes, 3);
  EXPECT_THAT(headers, ElementsAre(Pair("name", "value"), Pair("empty", ""),
                                   Pair("", std::string(HeadersView::kTextBytesMax, 'x'))));
  EXPECT_EQ(headers.size(), 3U);
  EXPECT_EQ(headers.bytes(), bytes);
  EXPECT_EQ(headers.payload_bytes(), 14 + HeadersView::kTextBytesMax);
  EXPECT_THAT(HeadersView(), ElementsAre());
  EXPECT_TRUE(HeadersView().empty());
}

TEST(HeadersView, PutMakesTheSameBytes) {
  std::string put(4 + 9, '\0');
  EXPECT_EQ(HeadersView::Put(put.data(), "name", "value"), put.data() + put.size());
  std::string appended;
  HeadersView::Append(appended, "name", "value");
  EXPECT_EQ(put, appended);
}

TEST(HeadersView, OfAnyBytesItIsToldWhereHeadersEnd) {
  const std::string bytes = SomeHeaders();
  EXPECT_EQ(HeadersView::BytesOf(bytes, 0), 0U);
  EXPECT_EQ(HeadersView::BytesOf(bytes, 1), 13U);
  EXPECT_EQ(HeadersView::BytesOf(bytes + "more", 3), bytes.size());
  EXPECT_EQ(HeadersView::BytesOf(bytes, 4), std::nullopt);
  for (std::size_t end = 0; end < bytes.size(); ++end) {
    const std::string cut = bytes.substr(0, end);  // of its own, so that a sanitizer sees its end
    EXPECT_EQ(HeadersView::BytesOf(cut, 3), std::nullopt) << end;
  }
}

}  // namespace
}  // namespace daybook::log
