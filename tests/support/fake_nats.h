// FakeNats speaks as much of the protocol of NATS as a client needs to connect, subscribe to its
// inbox and publish, and does at the wrong time what real servers seldom do.
#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "base/mutex.h"

namespace daybook::test {

class FakeNats {
 public:
  struct Message {
    std::string subject;
    std::string reply;
    std::string data;
  };
  // What is sent for a message: as Answer() makes it, or anything.
  using Answers = std::function<std::string(const Message& message, const std::string& sid)>;

  explicit FakeNats(Answers answers);
  // Ends all connections.
  ~FakeNats();

  std::string url() const { return "nats://127.0.0.1:" + std::to_string(port_); }
  int connections() const { return connections_; }  // that were made so far
  // Shuts the sockets of all connections.
  void CutAll();
  // It accepts, but says and answers nothing; or it reads nothing.
  void SetSilent(bool silent) { silent_ = silent; }
  void SetDeaf(bool deaf) { deaf_ = deaf; }
  // The connection ends when what Answers gives now is sent.
  void CutAfterThis() { cuts_after_this_ = true; }

  // A message to the client that answers `message`, if that asks for one.
  static std::string Answer(const Message& message, const std::string& sid,
                            const std::string& data);

 private:
  void Accept();
  void Serve(int fd);
  // False: the connection is over.
  bool TakeLine(int fd, std::string& received, std::string& sid);
  bool Receive(int fd, std::string& received);

  const Answers answers_;
  int listener_ = -1;
  int port_ = 0;
  std::atomic<bool> ends_{false};
  std::atomic<bool> silent_{false};
  std::atomic<bool> deaf_{false};
  std::atomic<bool> cuts_after_this_{false};
  std::atomic<int> connections_{0};

  Mutex mutex_;
  std::vector<int> sockets_ GUARDED_BY(mutex_);
  std::vector<std::thread> threads_ GUARDED_BY(mutex_);
  std::thread acceptor_;
};

}  // namespace daybook::test
