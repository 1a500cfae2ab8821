// TokenFile has the tokens that a file says, and takes over what it says anew.
//
// It reads the file each second and compares what is in it: neither a file's time nor its number
// says that a Secret has changed, which Kubernetes swaps by a symbolic link. A file that is missing
// or wrong then changes nothing: what was right last stays, and the log and the metrics say so.
// Thread-safe.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

#include "access/token_set.h"
#include "base/mutex.h"
#include "base/status.h"

namespace daybook::access {

inline constexpr std::size_t kTokenFileBytesMax = 1 << 20;

class TokenFile {
 public:
  // Reads it and watches it from then on. kInvalidArgument: it is missing, cannot be read, or is
  // wrong, and why.
  static Result<std::unique_ptr<TokenFile>> Open(
      std::string path, std::chrono::milliseconds interval = std::chrono::seconds(1));
  ~TokenFile();
  TokenFile(const TokenFile&) = delete;
  TokenFile& operator=(const TokenFile&) = delete;

  // The token's grant, null where there is no such token.
  std::shared_ptr<const Grant> Find(std::string_view token) const;

  // What operators want to know.
  std::size_t tokens() const { return set()->size(); }
  std::uint64_t taken_over() const { return taken_over_; }  // times that it said something new
  bool is_wrong() const { return is_wrong_; }               // now, so that older tokens count

 private:
  TokenFile(std::string path, std::chrono::milliseconds interval);

  std::shared_ptr<const TokenSet> set() const;
  void Set(TokenSet set);
  Status Read(std::string& text) const;
  Status Look();
  void Watch();
  void Report(const Status& status);

  const std::string path_;
  const std::chrono::milliseconds interval_;
  std::atomic<std::uint64_t> taken_over_{0};
  std::atomic<bool> is_wrong_{false};

  // Of whoever looks: Open() and then the thread.
  bool looked_ = false;
  std::string seen_;   // what was in it then
  Status verdict_;     // on that
  std::string fault_;  // what was reported last; empty where it is right

  mutable Mutex mutex_;
  CondVar stop_changed_;
  bool stops_ GUARDED_BY(mutex_) = false;
  std::shared_ptr<const TokenSet> set_ GUARDED_BY(mutex_);
  std::atomic<std::uint64_t> set_number_{0};  // which no other set has had, of no file

  std::thread thread_;
};

}  // namespace daybook::access
