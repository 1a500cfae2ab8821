#include "access/token_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <future>
#include <string>

#include "base/logging.h"

namespace daybook::access {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;

std::string LineOf(const std::string& name, const std::string& token) {
  return name + " read * " + TextOf(DigestOf(token)) + "\n";
}

class TokenFileTest : public testing::Test {
 protected:
  TokenFileTest() { logging::SetLevel(logging::Level::kError); }
  ~TokenFileTest() override {
    std::filesystem::remove_all(folder_);
    logging::SetLevel(logging::Level::kInfo);
  }
  static std::filesystem::path MakeFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "tokens-XXXXXX").string();
    return ::mkdtemp(name.data());
  }
  // In one step, as editors and Kubernetes do it.
  void Write(const std::string& text) const {
    std::ofstream(path_ + ".new") << text;
    std::filesystem::rename(path_ + ".new", path_);
  }
  std::unique_ptr<TokenFile> Open() const {
    auto file = TokenFile::Open(path_, milliseconds(1));
    EXPECT_TRUE(file.ok()) << file.status().message();
    return file.ok() ? std::move(*file) : nullptr;
  }
  // Comes back when it is so, as it will be.
  static void Await(const std::function<bool()>& is_so) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!is_so() && std::chrono::steady_clock::now() < until) std::this_thread::yield();
    EXPECT_TRUE(is_so());
  }

  const std::filesystem::path folder_ = MakeFolder();
  const std::string path_ = (folder_ / "tokens").string();
};

TEST_F(TokenFileTest, IsReadWhenItIsOpened) {
  Write(LineOf("one", "1"));
  const auto file = Open();
  EXPECT_NE(file->Find("1"), nullptr);
  EXPECT_EQ(file->Find("2"), nullptr);
  EXPECT_EQ(file->tokens(), 1U);
  EXPECT_EQ(file->taken_over(), 1U);
  EXPECT_FALSE(file->is_wrong());
}

TEST_F(TokenFileTest, IsNotOpenedWhereItIsMissingOrWrong) {
  const auto refusal = [&] {
    const auto file = TokenFile::Open(path_, milliseconds(1));
    EXPECT_FALSE(file.ok());
    EXPECT_EQ(file.status().code(), StatusCode::kInvalidArgument);
    return file.status().message();
  };
  EXPECT_THAT(refusal(), HasSubstr(path_ + ": it cannot be opened: No such file"));
  Write("");
  EXPECT_THAT(refusal(), HasSubstr("there is no token in it"));
  Write(LineOf("one", "1") + "half");
  EXPECT_THAT(refusal(), HasSubstr("line 2: "));
  Write(std::string(kTokenFileBytesMax, '#') + "#");
  EXPECT_THAT(refusal(), HasSubstr("larger than 1Mi"));
  std::filesystem::remove(path_);
  std::filesystem::create_directory(path_);
  EXPECT_THAT(refusal(), HasSubstr("no regular file"));
  std::filesystem::remove(path_);
  ASSERT_EQ(::mkfifo(path_.c_str(), 0600), 0);
  EXPECT_THAT(refusal(), HasSubstr("no regular file"));
}

TEST_F(TokenFileTest, WhatItSaysAnewIsTakenOver) {
  Write(LineOf("one", "1") + LineOf("two", "2"));
  const auto file = Open();
  const auto revoked = file->Find("1");
  const auto kept = file->Find("2");
  Write(LineOf("two", "2") + LineOf("three", "3"));
  Await([&] { return file->Find("3") != nullptr; });
  EXPECT_EQ(file->Find("1"), nullptr);
  Await([&] { return revoked->revoked(); });
  EXPECT_EQ(file->Find("2"), kept);
}

TEST_F(TokenFileTest, FilesThatOneThreadAsksInTurnsAreToldApart) {
  Write(LineOf("one", "1"));
  const auto first = Open();
  const std::string other = (folder_ / "other").string();
  std::ofstream(other) << LineOf("two", "2");
  const auto second = *TokenFile::Open(other, milliseconds(1));
  for (int turn = 0; turn < 2; ++turn) {
    EXPECT_NE(first->Find("1"), nullptr);
    EXPECT_EQ(second->Find("1"), nullptr);
    EXPECT_EQ(first->Find("2"), nullptr);
    EXPECT_NE(second->Find("2"), nullptr);
  }
}

// The file's name, size and time may be what they were.
TEST_F(TokenFileTest, ASymbolicLinkIsFollowedAnew) {
  for (const char* version : {"1", "2"}) {
    std::filesystem::create_directory(folder_ / version);
    std::ofstream(folder_ / version / "tokens") << LineOf("one", version);
  }
  std::filesystem::last_write_time(folder_ / "2" / "tokens",
                                   std::filesystem::last_write_time(folder_ / "1" / "tokens"));
  std::filesystem::create_directory_symlink("1", folder_ / "..data");
  std::filesystem::create_symlink("..data/tokens", path_);
  const auto file = Open();
  ASSERT_NE(file->Find("1"), nullptr);
  std::filesystem::create_directory_symlink("2", folder_ / "..new");
  std::filesystem::rename(folder_ / "..new", folder_ / "..data");
  Await([&] { return file->Find("2") != nullptr; });
  EXPECT_EQ(file->Find("1"), nullptr);
}

TEST_F(TokenFileTest, WhatWasRightLastStaysWhileItIsWrong) {
  Write(LineOf("one", "1"));
  const auto file = Open();
  const auto grant = file->Find("1");
  for (const std::string& wrong : {std::string(), std::string("half a li"), LineOf("", "2")}) {
    Write(LineOf("one", "1"));
    Await([&] { return !file->is_wrong(); });
    Write(wrong);
    Await([&] { return file->is_wrong(); });
    EXPECT_EQ(file->Find("1"), grant);
    EXPECT_FALSE(grant->revoked());
  }
  Write(LineOf("one", "1"));
  Await([&] { return !file->is_wrong(); });
  std::filesystem::remove(path_);
  Await([&] { return file->is_wrong(); });
  EXPECT_EQ(file->Find("1"), grant);
  Write(LineOf("two", "2"));
  Await([&] { return file->Find("2") != nullptr; });
  Await([&] { return !file->is_wrong(); });
  EXPECT_TRUE(grant->revoked());
}

TEST_F(TokenFileTest, IsAskedWhileItChanges) {
  Write(LineOf("one", "1") + LineOf("both", "b"));
  const auto file = Open();
  auto asked = std::async(std::launch::async, [&] {
    int missed = 0;
    for (int i = 0; i < 20'000; ++i) missed += file->Find("b") == nullptr ? 1 : 0;
    return missed;
  });
  for (int i = 0; i < 50; ++i) Write(LineOf("one", std::to_string(i)) + LineOf("both", "b"));
  EXPECT_EQ(asked.get(), 0);
  Await([&] { return file->Find("49") != nullptr; });
}

}  // namespace
}  // namespace daybook::access
