// Messages of NATS: what is sent, and what comes.
#pragma once

#include <nats/nats.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace daybook::jetstream {

struct Outgoing {
  std::string subject;
  std::vector<std::pair<const char*, std::string>> headers;  // without control characters
  std::string data;

  // Roughly what it takes on the way.
  std::size_t bytes() const;
};

// Owns a message of cnats, whose bytes stay where they are when it is moved. Used on one thread at
// a time. cnats has a thread free messages, and would wake it for each; so a thread keeps a few
// that are done with, and gives them away together.
class Incoming {
 public:
  explicit Incoming(natsMsg* message) : message_(message) {}

  std::string_view subject() const { return natsMsg_GetSubject(message_.get()); }
  std::string_view data() const {
    return {natsMsg_GetData(message_.get()),
            static_cast<std::size_t>(natsMsg_GetDataLength(message_.get()))};
  }
  // None: there is no such header. As long as the message.
  std::optional<std::string_view> Header(const char* name) const;
  // The number in that header. None: there is no such header, or it is no number.
  std::optional<std::uint64_t> NumberHeader(const char* name) const;
  // What a message that consists of a status says, as 404. 0: it has none.
  int status() const;
  // Nobody listens to the subject that was asked.
  bool no_responders() const { return natsMsg_IsNoResponders(message_.get()); }

 private:
  struct Destroy {
    void operator()(natsMsg* message) const;
  };
  std::unique_ptr<natsMsg, Destroy> message_;
};

}  // namespace daybook::jetstream
