// Follower is the body of an event stream: the records of a log from an offset on, as they come.
//
// It takes them from the log's feed, or reads the log where it is behind that, and keeps no more of
// them than are read at one time: its client's pace is its own.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "access/grant.h"
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
    std::optional<std::string> key;                        // that the records have
    std::shared_ptr<const access::Grant> grant = nullptr;  // that lets it read, where it needs one
  };

  Follower(std::shared_ptr<log::Log> log, std::shared_ptr<Feed> feed, Wanted wanted,
           std::shared_ptr<LiveStats> stats);
  ~Follower() override;

  void OnStart(const http::Waker& waker) override;
  bool Next(http::BodyPiece& piece) override;
  // Of what it has read by itself.
  std::size_t held_bytes() const override;
  void OnQuiet() override;
  void EndSoon(http::CloseReason why) override;
  void OnCut(http::CloseReason why) override;

 private:
  class OwnRead;
  using Block = std::shared_ptr<const EventBlock>;

  struct Viewed {
    Block block;
    bool is_own = false;  // and not the feed's
  };
  struct End {
    FollowEnd why;
    std::string detail;
  };

  // Adds some of what there is now; false: it has to wait for more.
  bool AddSome(http::BodyPiece& piece);
  bool TakeOwn(std::string& text);
  void AddOf(const Viewed& from, http::BodyPiece& piece);
  // False: it has to wait.
  bool OnUnreadable(const Status& failure, std::string& text);
  void ReadOwn();
  void CountEnd(FollowEnd why);

  const std::shared_ptr<log::Log> log_;
  const std::shared_ptr<Feed> feed_;
  const Wanted wanted_;
  const std::shared_ptr<LiveStats> stats_;
  http::Waker waker_;
  std::optional<Feed::Member> member_;  // once it has started
  std::optional<access::RevocationWatch> revocation_;
  Offset next_;                    // that it has not given yet
  std::shared_ptr<OwnRead> read_;  // under way
  Block own_;                      // that it has read, and given in part
  std::array<Viewed, 2> viewed_;   // of which the newest views are
  bool is_begun_ = false;
  bool is_quiet_ = false;
  bool is_live_ = false;  // it has waited for what comes next
  std::optional<End> end_;
  bool end_is_counted_ = false;
};

}  // namespace daybook::api
