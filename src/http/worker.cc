#include "http/worker.h"

#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <exception>
#include <optional>
#include <random>
#include <utility>

#include "base/check.h"
#include "base/turn.h"

namespace daybook::http {
namespace {

using Pistache::Polling::Mode;
using Pistache::Polling::NotifyOn;
using Pistache::Polling::Tag;

constexpr std::size_t kScratchBytes = 64 << 10;
// Of those that wait together for something that happened, before others have their turn.
constexpr int kWakesPerTurn = 128;
// Of what comes up on this thread: what is to be done, and whom that wakes.
constexpr int kOwnMailRounds = 2;

thread_local Worker* current_worker = nullptr;

ExchangeId IdOf(Tag tag) {
  return {static_cast<int>(tag.value() & 0xFFFFFFFF), static_cast<std::uint32_t>(tag.value() >> 32),
          0};
}

NotifyOn FlagsOf(Connection::Interest interest) {
  NotifyOn flags = NotifyOn::Hangup;
  if (interest.read) flags = flags | NotifyOn::Read;
  if (interest.write) flags = flags | NotifyOn::Write;
  return flags;
}

}  // namespace

void PeerHandler::onConnection(const std::shared_ptr<Pistache::Tcp::Peer>& peer) {
  static_cast<Worker*>(transport())->OnPeer(peer);
}

Worker::Worker(Shared& shared)
    : Transport(std::make_shared<PeerHandler>()),
      shared_(shared),
      timers_(shared.limits),
      scratch_(kScratchBytes, '\0'),
      stats_(shared.routes.size()),
      next_request_id_(std::random_device()() | static_cast<std::uint64_t>(std::random_device()())
                                                    << 32) {
  UpdateClock();
}

Worker::~Worker() = default;

Tag Worker::TagOf(const ExchangeId& id) {
  return Tag(static_cast<std::uint64_t>(id.generation) << 32 | static_cast<std::uint32_t>(id.fd));
}

std::shared_ptr<Pistache::Aio::Handler> Worker::clone() const {
  return std::make_shared<Worker>(shared_);
}

// The base class would register queues of its own here; nothing is ever put into them.
void Worker::registerPoller(Pistache::Polling::Epoll& poller) {
  wakeup_ = Descriptor(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
  tick_ = Descriptor(::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC));
  alarm_ = Descriptor(::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC));
  CHECK(wakeup_.get() >= 0 && tick_.get() >= 0 && alarm_.get() >= 0,
        "no descriptors are left to start a worker with");
  for (const int fd : {wakeup_.get(), tick_.get(), alarm_.get()}) {
    poller.addFd(fd, Pistache::Flags<NotifyOn>(NotifyOn::Read), TagOf({fd, 0, 0}));
  }
}

void Worker::UpdateClock() {
  now_ = last_read_ = std::chrono::steady_clock::now();
  const std::time_t second = std::time(nullptr);
  if (second == date_second_) return;
  date_second_ = second;
  std::tm utc{};
  ::gmtime_r(&second, &utc);
  char text[64];
  // RFC 9110 section 5.6.7; the names of days and months are the C locale's.
  date_field_.assign(text,
                     std::strftime(text, sizeof text, "Date: %a, %d %b %Y %H:%M:%S GMT\r\n", &utc));
}

void Worker::onReady(const Pistache::Aio::FdSet& events) {
  current_worker = this;
  UpdateClock();
  std::optional<Turn> turn;
  if (listeners_.empty()) turn.emplace();  // else it must not be held up
  for (const auto& event : events) {
    Guard(IdOf(event.getTag()), [&] { OnEvent(event); });
  }
  if (turn) FinishTurn(*turn);
  for (int round = 0; round < kOwnMailRounds && !own_mail_.empty(); ++round) {
    Mail mail = std::exchange(own_mail_, {});
    Deliver(mail);
    if (turn) FinishTurn(*turn);
  }
  ServeWoken();
  if (turn) FinishTurn(*turn);  // or its answers would wait for the next event
  if (!own_mail_.empty() || !woken_.empty()) WakeUp();
  SetAlarm();
}

// What was put off may take as long as a disk does.
void Worker::FinishTurn(Turn& turn) {
  held_up_.store(true, std::memory_order_relaxed);
  turn.Finish();
  held_up_.store(false, std::memory_order_relaxed);
}

// Whatever goes wrong with one connection must not end the others, nor take their answers.
template <typename Step>
void Worker::Guard(const ExchangeId& id, Step step) {
  try {
    step();
  } catch (const std::exception& fault) {
    ReportFault(fault.what());
    if (Find(id) != nullptr) Close(id.fd, CloseReason::kFault);
  }
}

void Worker::OnEvent(const Pistache::Aio::FdSet::Entry& event) {
  const ExchangeId id = IdOf(event.getTag());
  if (id.generation != 0) {
    if (Find(id) != nullptr) OnConnectionEvent(id.fd, event);
  } else if (id.fd == wakeup_.get()) {
    ReadMail();
  } else if (id.fd == tick_.get()) {
    OnTick();
  } else if (id.fd == alarm_.get()) {
    OnAlarm();
  } else {
    Accept();
  }
}

void Worker::OnConnectionEvent(int fd, const Pistache::Aio::FdSet::Entry& event) {
  Connection& connection = *slots_[static_cast<std::size_t>(fd)].connection;
  // EPOLLHUP: both directions are over, but what the client sent before may still be there, over
  // which closing would reset the connection. EPOLLERR, which Pistache does not tell, comes alone
  // when nothing is watched.
  const bool over = event.isHangup() && !connection.lingering();
  if (over || (!event.isReadable() && !event.isWritable())) return Close(fd);
  bool alive = true;
  if (event.isWritable()) alive = connection.OnWritable();
  if (alive && event.isReadable()) alive = connection.OnReadable(scratch_);
  Continue(fd, alive);
}

void Worker::OnTick() {
  std::uint64_t ticks = 0;
  (void)!::read(tick_.get(), &ticks, sizeof ticks);
  while (Timer* expired = timers_.TakeExpired(now_)) {
    Connection& connection = *slots_[static_cast<std::size_t>(expired->fd())].connection;
    const ExchangeId id = connection.id();
    Guard(id, [&] { Continue(id.fd, connection.OnTimer()); });
  }
  if (accepting_paused_) PauseAccepting(false);
  UpdateTick();
}

void Worker::OnAlarm() {
  std::uint64_t rings = 0;
  (void)!::read(alarm_.get(), &rings, sizeof rings);
  alarm_set_for_ = SteadyTime::max();
  while (Alarm* due = timers_.TakeDue(now_)) {
    Connection& connection = *slots_[static_cast<std::size_t>(due->fd())].connection;
    Guard(connection.id(), [&] { connection.OnAlarm(); });
  }
}

// An alarm that was stopped since rings for nothing: most are stopped early, and setting costs
// more.
void Worker::SetAlarm() {
  const SteadyTime next = timers_.next_alarm();
  if (next >= alarm_set_for_) return;
  alarm_set_for_ = next;
  const auto at_ns =
      std::chrono::duration_cast<std::chrono::nanoseconds>(next.time_since_epoch()).count();
  constexpr std::int64_t kSecondNs = 1'000'000'000;
  itimerspec spec{};
  spec.it_value.tv_sec = at_ns / kSecondNs;
  spec.it_value.tv_nsec = at_ns % kSecondNs;
  ::timerfd_settime(alarm_.get(), TFD_TIMER_ABSTIME, &spec, nullptr);
}

Worker::Slot* Worker::Find(const ExchangeId& id) {
  if (id.fd < 0 || static_cast<std::size_t>(id.fd) >= slots_.size()) return nullptr;
  Slot& slot = slots_[static_cast<std::size_t>(id.fd)];
  const bool same = slot.connection != nullptr && slot.connection->id().generation == id.generation;
  return same ? &slot : nullptr;
}

void Worker::Continue(int fd, bool alive) {
  if (alive) {
    Watch(fd);
  } else {
    Close(fd);
  }
}

void Worker::Watch(int fd) {
  Slot& slot = slots_[static_cast<std::size_t>(fd)];
  const Connection::Interest wanted = slot.connection->interest();
  if (wanted == slot.watched) return;
  slot.watched = wanted;
  reactor()->modifyFd(key(), fd, FlagsOf(wanted), TagOf(slot.connection->id()), Mode::Level);
}

void Worker::Close(int fd) {
  Close(fd, slots_[static_cast<std::size_t>(fd)].connection->close_reason());
}

void Worker::Close(int fd, CloseReason reason) {
  stats_.CountClosed(reason);
  Connection& connection = *slots_[static_cast<std::size_t>(fd)].connection;
  connection.OnClose(reason);
  const Place place = connection.place();
  if (const std::shared_ptr<Peer> peer = Forget(fd, place)) removePeer(peer);  // closes it
  UpdateTick();
}

// The place goes last: whoever finds all of them free finds nothing left of their connections.
std::shared_ptr<Worker::Peer> Worker::Forget(int fd, Place place) {
  std::shared_ptr<Peer> peer;
  if (static_cast<std::size_t>(fd) < slots_.size()) {
    Slot& slot = slots_[static_cast<std::size_t>(fd)];
    slot.connection.reset();
    peer = std::exchange(slot.peer, nullptr);
  }
  connection_count_.fetch_sub(1, std::memory_order_relaxed);
  shared_.places.GiveBack(place);
  return peer;
}

void Worker::UpdateTick() {
  const bool wanted = connections() > 0 || accepting_paused_;
  if (wanted == ticking_) return;
  ticking_ = wanted;
  itimerspec spec{};
  if (wanted) {
    const auto period_ns =
        std::chrono::duration_cast<std::chrono::nanoseconds>(timers_.period()).count();
    spec.it_interval.tv_nsec = period_ns;
    spec.it_value.tv_nsec = period_ns;
  }
  ::timerfd_settime(tick_.get(), 0, &spec, nullptr);
}

// --- what is told of requests

// A counter, mixed (the finalizer of SplitMix64, which maps no two numbers to one), in base 32.
std::string Worker::MakeRequestId() {
  constexpr std::string_view kDigits = "0123456789abcdefghjkmnpqrstvwxyz";
  constexpr std::size_t kDigitCount = 13;  // of 5 bits
  std::uint64_t mixed = next_request_id_++;
  mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
  mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
  mixed ^= mixed >> 31;
  std::string id(kDigitCount, '0');
  for (char& digit : id) {
    digit = kDigits[mixed & 31];
    mixed >>= 5;
  }
  return id;
}

void Worker::OnAnswered(const Request& request, Code code, std::uint64_t body_bytes,
                        std::chrono::nanoseconds duration) {
  if (shared_.observer == nullptr || !shared_.observer->wants_exchanges()) return;
  shared_.observer->OnExchange(
      {request, request.route() ? std::string_view(shared_.routes[*request.route()].pattern) : "",
       request.method_known() ? MethodName(request.method()) : "", code, body_bytes, duration});
}

// --- answers and tasks from other threads

void Worker::Answer(const ExchangeId& id, Response response) {
  if (current_worker == this) {
    Slot* slot = Find(id);
    if (slot == nullptr || slot->connection->TakeAnswerInCall(id.request, response)) return;
  }
  Put(&Mail::answers, {id, std::move(response)});
}

void Worker::Wake(const ExchangeId& id) { Put(&Mail::wakes, id); }

void Worker::Hold(const ExchangeId& id, std::shared_ptr<Held> held,
                  std::chrono::milliseconds at_most) {
  if (Slot* slot = Find(id)) slot->connection->Hold(std::move(held), at_most);
}

Response Worker::Unanswered() const {
  return shared_.router.error_page()(
      {Code::Internal_Server_Error, "internal", "the request was dropped without an answer"});
}

void Worker::Post(UniqueFunction<void()> task) { Put(&Mail::tasks, std::move(task)); }

template <typename Item>
void Worker::Put(std::vector<Item> Mail::*items, Item item) {
  if (current_worker == this) return (own_mail_.*items).push_back(std::move(item));
  bool first = false;
  {
    const MutexLock lock(mutex_);
    first = mail_.empty();
    (mail_.*items).push_back(std::move(item));
  }
  if (first) WakeUp();
}

void Worker::WakeUp() {
  const std::uint64_t one = 1;
  (void)!::write(wakeup_.get(), &one, sizeof one);
}

// The eventfd is drained before the mail is taken: what comes in between wakes once too often,
// never too seldom.
void Worker::ReadMail() {
  std::uint64_t wakeups = 0;
  (void)!::read(wakeup_.get(), &wakeups, sizeof wakeups);
  Mail mail;
  {
    const MutexLock lock(mutex_);
    std::swap(mail, mail_);
  }
  Deliver(mail);
  for (const ExchangeId& id : std::exchange(resumed_, {})) {
    Guard(id, [&] {
      if (Slot* slot = Find(id)) Continue(id.fd, slot->connection->Resume());
    });
  }
}

void Worker::Deliver(Mail& mail) {
  for (auto& [id, response] : mail.answers) {
    Guard(id, [&, &to = id, &answer = response] {
      if (Slot* slot = Find(to)) {
        Continue(to.fd, slot->connection->OnAnswer(to.request, std::move(answer)));
      }
    });
  }
  for (auto& task : mail.tasks) Guard({}, [&] { task(); });
  woken_.insert(woken_.end(), mail.wakes.begin(), mail.wakes.end());
}

void Worker::ServeWoken() {
  for (int i = 0; i < kWakesPerTurn && !woken_.empty(); ++i) {
    const ExchangeId id = woken_.front();
    woken_.pop_front();
    Guard(id, [&] {
      if (Slot* slot = Find(id)) Continue(id.fd, slot->connection->OnWake(id.request));
    });
  }
}

void Worker::ResumeLater(const ExchangeId& id) {
  resumed_.push_back(id);
  WakeUp();
}

}  // namespace daybook::http
