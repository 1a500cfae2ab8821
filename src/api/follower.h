// Follower is the body of an event stream: the records of a log from an offset on, as they come.
//
// It takes them from the log's feed, or reads the log where it is behind that, and keeps no more of
// them than one page: its client's pace is its own.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "api/feed.h"
#include "api/live_stats.h"
#include "http/body_source.h"
#include "log/log.h"

namespace daybook::api {

class Follower : public http::BodySource {
 public:
  struct Wanted {
    Offset from;
    ValueEncoding encoding = ValueEncoding::kBase64;
    std::optional<std::string> key;  // that the records have
  };

  Follower(std::shared_ptr<log::Log> log, std::shared_ptr<Feed> feed, Wanted wanted,
           std::shared_ptr<LiveStats> stats);
  ~Follower() override;

  void OnStart(const http::Waker& waker) override;
  bool Next(http::BodyPiece& piece) override;
  void OnQuiet() override;
  void EndSoon(http::CloseReason why) override;
  void OnCut(http::CloseReason why) override;

 private:
  class OwnRead;

  struct End {
    FollowEnd why;
    std::string detail;
  };

  // Adds what there is now; false: it has to wait for more.
  bool AddSome(std::string& text);
  bool AddOwn(std::string& text);
  void AddOf(const Feed::Block& block, std::string& text);
  void OnUnreadable(const Status& failure, std::string& text);
  void ReadOwn();
  bool Wants(const std::optional<std::string>& key) const {
    return !wanted_.key || key == wanted_.key;
  }

  const std::shared_ptr<log::Log> log_;
  const std::shared_ptr<Feed> feed_;
  const Wanted wanted_;
  const std::shared_ptr<LiveStats> stats_;
  http::Waker waker_;
  std::optional<Feed::Member> member_;  // once it has started
  Offset next_;                         // that it has not given yet
  std::shared_ptr<OwnRead> read_;       // under way
  log::Page page_;                      // that it has read
  std::size_t page_given_ = 0;          // of its records
  bool is_begun_ = false;
  bool is_quiet_ = false;
  bool is_paused_ = false;  // the log could not be read
  std::optional<End> end_;
};

}  // namespace daybook::api
