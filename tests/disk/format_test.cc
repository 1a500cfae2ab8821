#include "disk/format.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace daybook::disk {
namespace {

using testing::HasSubstr;

constexpr FramePlace kPlace{0x1122334455667788, 8192};

FrameHeader SomeFrame() {
  FrameHeader header;
  header.body_bytes = 100;
  header.record_count = 3;
  header.first_offset = Offset(7);
  header.timestamp = Timestamp(1'700'000'000'123);
  header.durable_position = 4096;
  header.body_checksum = 42;
  return header;
}

std::string Encode(const FrameHeader& header, const FramePlace& place = kPlace) {
  std::string bytes(kFrameHeaderBytes, 'x');
  EncodeFrameHeader(header, place, bytes.data());
  return bytes;
}

TEST(Format, ASegmentsHeaderComesBackAsItWas) {
  const SegmentHeader header{log::LogId::Random(), Offset(1234567), Timestamp(1'700'000'000'000),
                             99};
  const std::string bytes = EncodeSegmentHeader(header);
  ASSERT_EQ(bytes.size(), kSegmentHeaderBytes);
  const auto read = DecodeSegmentHeader(bytes + "what comes behind it");
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->log, header.log);
  EXPECT_EQ(read->first_offset, header.first_offset);
  EXPECT_EQ(read->created, header.created);
  EXPECT_EQ(read->salt, header.salt);
}

TEST(Format, EveryFlippedBitOfASegmentsHeaderIsRefused) {
  const std::string bytes = EncodeSegmentHeader({log::LogId::Random(), Offset(1), Timestamp(2), 3});
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    std::string flipped = bytes;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
    EXPECT_FALSE(DecodeSegmentHeader(flipped).ok()) << bit;
  }
  EXPECT_FALSE(DecodeSegmentHeader(bytes.substr(1)).ok());
}

TEST(Format, ALaterVersionIsNamed) {
  std::string bytes = EncodeSegmentHeader({});
  bytes[8] = 2;
  EXPECT_THAT(DecodeSegmentHeader(bytes).status().message(), HasSubstr("version 2"));
}

TEST(Format, MetaComesBackAndEveryFlippedBitOfItIsRefused) {
  const Meta meta{log::LogId::Random(), Offset(77)};
  const std::string bytes = EncodeMeta(meta);
  const auto read = DecodeMeta(bytes);
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->log, meta.log);
  EXPECT_EQ(read->first_offset, meta.first_offset);
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    std::string flipped = bytes;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
    EXPECT_FALSE(DecodeMeta(flipped).ok()) << bit;
  }
  EXPECT_FALSE(DecodeMeta(bytes + "x").ok());
  EXPECT_FALSE(DecodeMeta(EncodeSegmentHeader({})).ok());
}

TEST(Format, AFramesHeaderComesBackAsItWas) {
  const FrameHeader header = SomeFrame();
  const auto read = DecodeFrameHeader(Encode(header).data(), kPlace);
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->type, FrameType::kAppend);
  EXPECT_EQ(read->body_bytes, header.body_bytes);
  EXPECT_EQ(read->record_count, header.record_count);
  EXPECT_EQ(read->first_offset, header.first_offset);
  EXPECT_EQ(read->timestamp, header.timestamp);
  EXPECT_EQ(read->durable_position, header.durable_position);
  EXPECT_EQ(read->body_checksum, header.body_checksum);
  EXPECT_EQ(read->frame_bytes(), 160U);
  FrameHeader mark;
  mark.type = FrameType::kMark;
  mark.seal = true;
  mark.durable_position = 8192;
  const auto read_mark = DecodeFrameHeader(Encode(mark).data(), kPlace);
  ASSERT_TRUE(read_mark.has_value());
  EXPECT_EQ(read_mark->type, FrameType::kMark);
  EXPECT_TRUE(read_mark->seal);
}

TEST(Format, ALostFrameHasRecordsAndNothingElse) {
  FrameHeader lost;
  lost.type = FrameType::kLost;
  lost.record_count = UINT32_MAX;
  lost.first_offset = Offset(7);
  lost.durable_position = 8192;
  const auto read = DecodeFrameHeader(Encode(lost).data(), kPlace);
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->type, FrameType::kLost);
  EXPECT_EQ(read->record_count, UINT32_MAX);
  EXPECT_EQ(read->frame_bytes(), kFrameHeaderBytes);
  FrameHeader body = lost;
  body.body_bytes = 1;
  FrameHeader seal = lost;
  seal.seal = true;
  FrameHeader none = lost;
  none.record_count = 0;
  for (const FrameHeader& wrong : {body, seal, none})
    EXPECT_FALSE(DecodeFrameHeader(Encode(wrong).data(), kPlace).has_value());
}

TEST(Format, EveryFlippedBitOfAFramesHeaderIsRefused) {
  const std::string bytes = Encode(SomeFrame());
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    std::string flipped = bytes;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
    EXPECT_FALSE(DecodeFrameHeader(flipped.data(), kPlace).has_value()) << bit;
  }
}

TEST(Format, AFrameIsValidInItsPlaceOnly) {
  const std::string bytes = Encode(SomeFrame());
  EXPECT_TRUE(DecodeFrameHeader(bytes.data(), kPlace).has_value());
  EXPECT_FALSE(DecodeFrameHeader(bytes.data(), {kPlace.salt, kPlace.position + 8}).has_value());
  EXPECT_FALSE(DecodeFrameHeader(bytes.data(), {kPlace.salt + 1, kPlace.position}).has_value());
  EXPECT_NE(BodyChecksum("body", kPlace), BodyChecksum("body", {kPlace.salt, kPlace.position + 8}));
  EXPECT_NE(BodyChecksum("body", kPlace), BodyChecksum("body", {kPlace.salt + 1, kPlace.position}));
}

TEST(Format, AFrameThatContradictsItselfIsRefused) {
  const auto refused = [](auto change) {
    FrameHeader header = SomeFrame();
    change(header);
    return !DecodeFrameHeader(Encode(header).data(), kPlace).has_value();
  };
  EXPECT_FALSE(refused([](FrameHeader&) {}));
  EXPECT_TRUE(refused([](FrameHeader& header) { header.record_count = 0; }));
  EXPECT_TRUE(refused([](FrameHeader& header) { header.seal = true; }));
  EXPECT_TRUE(refused([](FrameHeader& header) { header.type = FrameType::kMark; }));
  EXPECT_TRUE(refused([](FrameHeader& header) { header.type = static_cast<FrameType>(3); }));
  EXPECT_TRUE(refused([](FrameHeader& header) { header.durable_position = 8200; }));
  EXPECT_TRUE(refused([](FrameHeader& header) { header.durable_position = 4088; }));
}

TEST(Format, SegmentsAreNamedByTheirFirstOffset) {
  EXPECT_EQ(SegmentName(Offset(42)), "00000000000000000042.log");
  EXPECT_EQ(ParseSegmentName("00000000000000000042.log"), Offset(42));
  const Offset last(18446744073709551615U);
  EXPECT_EQ(ParseSegmentName(SegmentName(last)), last);
  for (const char* name :
       {"", "42.log", "00000000000000000042.index", "0000000000000000004x.log",
        "00000000000000000042.log.tmp", "99999999999999999999.log", "-0000000000000000042.log"}) {
    EXPECT_FALSE(ParseSegmentName(name).has_value()) << name;
  }
}

}  // namespace
}  // namespace daybook::disk
