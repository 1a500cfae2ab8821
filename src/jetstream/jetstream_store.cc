#include "jetstream/jetstream_store.h"

#include <algorithm>
#include <utility>

#include "base/rfc3339.h"
#include "jetstream/contention.h"
#include "jetstream/record_message.h"
#include "jetstream/stream_settings.h"
#include "log/refusals.h"

namespace daybook::jetstream {
namespace {

using std::chrono::milliseconds;

constexpr std::uint64_t kInFlightMessagesMax = 4'096;
constexpr std::uint64_t kInFlightBytesMax = 64 << 20;
constexpr std::uint64_t kWaitingAppendsMax = 16'384;
// A server cuts off a connection that it has too much to send for (max_pending, 64 MiB).
constexpr std::uint64_t kReadsMax = 64;
constexpr std::uint64_t kReadBytesMax = 24 << 20;
constexpr std::uint64_t kWaitingReadsMax = 16'384;
constexpr std::size_t kWorkers = 8;
}  // namespace

Result<std::unique_ptr<JetStreamStore>> JetStreamStore::Open(JetStreamOptions options) {
  auto connection = Connection::Open(options.connection);
  if (!connection.ok()) return connection.status();
  return std::unique_ptr<JetStreamStore>(
      new JetStreamStore(std::move(options), *std::move(connection)));
}

JetStreamStore::JetStreamStore(JetStreamOptions options, std::unique_ptr<Connection> connection)
    : options_(std::move(options)),
      names_(options_.prefix),
      connection_(std::move(connection)),
      api_(*connection_, kAskTimeout),
      values_(*connection_, api_, names_.CatalogueStream(), kAskTimeout),
      catalogue_(values_, names_),
      window_(kInFlightMessagesMax, kInFlightBytesMax, kWaitingAppendsMax),
      reads_(kReadsMax, kReadBytesMax, kWaitingReadsMax),
      workers_(kWorkers),
      parts_{options_,
             names_,
             *connection_,
             api_,
             catalogue_,
             window_,
             reads_,
             operations_,
             timers_,
             workers_,
             counters_,
             [this] { return Serving(); },
             [this](const StreamInfo& info) { return WeaknessOf(info); },
             closed_},
      failure_(StatusCode::kUnavailable, "NATS was not reached yet") {
  connection_->Subscribe(names_.LogNotices(),
                         [this](const Incoming& message) { OnLogNotice(message); });
  connection_->Subscribe(names_.RecordNotices(),
                         [this](const Incoming& message) { OnRecordNotice(message); });
  keeper_ = std::thread([this] { Keep(); });
}

JetStreamStore::~JetStreamStore() {
  JetStreamStore::Close();
  {
    const MutexLock lock(mutex_);
    stopping_ = true;
    changed_.NotifyAll();
  }
  // Nobody waits any longer for an answer.
  connection_->Close();
  keeper_.join();
  workers_.Stop();
  timers_.Stop();
}

void JetStreamStore::Close() {
  closed_ = true;
  operations_.AwaitNone();
}

Status JetStreamStore::Prepared() const {
  const MutexLock lock(mutex_);
  return prepared_ ? Status() : failure_;
}

Status JetStreamStore::Serving() const {
  const MutexLock lock(mutex_);
  if (!prepared_) return failure_;
  if (!weakness_.empty()) {
    return {StatusCode::kUnavailable,
            "appends are refused, for they would not be as durable as is promised: " + weakness_};
  }
  return {};
}

void JetStreamStore::Find(std::string_view name, log::FindDone done) {
  LogPtr known;
  {
    const MutexLock lock(mutex_);
    if (const auto found = logs_.find(name); found != logs_.end()) known = found->second;
  }
  if (known != nullptr && known->Present().ok()) return done(std::shared_ptr<log::Log>(known));
  workers_.Run([this, under_way = operations_.Begin(), name = std::string(name),
                done = std::move(done)]() mutable {
    Result<LogPtr> found = FindNow(name);
    if (!found.ok()) return done(found.status());
    done(std::shared_ptr<log::Log>(*std::move(found)));
  });
}

Result<JetStreamStore::LogPtr> JetStreamStore::FindNow(const std::string& name) {
  if (Status prepared = Prepared(); !prepared.ok()) return prepared;
  const Result<Named> named = catalogue_.Find(name);
  if (!named.ok()) return named.status();
  if (!named->entry) return log::NoSuchLog(name);
  return Know(name, *named->entry);
}

void JetStreamStore::Create(std::string_view name, const log::Retention& retention,
                            log::CreateDone done) {
  workers_.Run([this, under_way = operations_.Begin(), name = std::string(name), retention,
                done = std::move(done)]() mutable { done(CreateNow(name, retention)); });
}

Result<log::Created> JetStreamStore::CreateNow(const std::string& name,
                                               const log::Retention& retention) {
  if (Status prepared = Prepared(); !prepared.ok()) return prepared;
  return MakeOrFind(name, retention);
}

Result<log::Created> JetStreamStore::MakeOrFind(const std::string& name,
                                                const log::Retention& retention) {
  for (int tries = 0; tries < kChangeTries; WaitForOthers(++tries)) {
    const Result<Named> named = catalogue_.Find(name);
    if (!named.ok()) return named.status();
    if (named->entry) {
      const Result<StreamInfo> info = api_.InfoAndWait(names_.Stream(name, named->entry->id));
      if (info.ok()) return log::Created{Know(name, *named->entry), false};
      // One without a stream is what a deletion left that did not come to its end.
      if (info.status().code() != StatusCode::kLogDeleted) return info.status();
    } else if (Status room = CheckRoomForLog(); !room.ok()) {
      return room;
    }
    const Result<LogPtr> made = MakeNow(name, retention, named->revision);
    if (!made.ok()) return made.status();
    if (*made != nullptr) return log::Created{*made, true};
  }
  return Contended("the log '" + name + "'");
}

Status JetStreamStore::CheckRoomForLog() {
  const auto names = catalogue_.LogNames();
  if (!names.ok()) return names.status();
  if (names->size() < options_.limits.logs_max) return {};
  const auto entries = catalogue_.FindAll(*names);
  if (!entries.ok()) return entries.status();
  return entries->size() < options_.limits.logs_max ? Status() : log::TooManyLogs(options_.limits);
}

Result<JetStreamStore::LogPtr> JetStreamStore::MakeNow(const std::string& name,
                                                       const log::Retention& retention,
                                                       std::uint64_t revision) {
  LogEntry entry;
  entry.id = log::LogId::Random();
  entry.retention = retention;
  const StreamSpec spec = LogSpec(options_, names_, name, entry.id, retention);
  // Nobody knows of the stream before the catalogue does.
  const auto give_up = [&](const Status& status) {
    (void)api_.DeleteAndWait(spec.name);
    return status;
  };
  const Result<StreamInfo> info = api_.CreateAndWait(spec);
  if (info.status().code() == StatusCode::kUnknownOutcome)
    return give_up(Status(StatusCode::kUnavailable, info.status().message()));
  if (!info.ok()) return info.status();
  entry.created = info->created;
  const Result<std::uint64_t> put = catalogue_.Put(name, entry, revision);
  if (put.ok()) {
    entry.revision = *put;
    return Know(name, entry);
  }
  if (put.status().code() == StatusCode::kUnknownOutcome) return put.status();
  const Status refused = give_up(put.status());
  if (refused.code() == StatusCode::kConditionFailed) return LogPtr();
  return refused;
}

void JetStreamStore::Delete(std::shared_ptr<log::Log> log, log::DeleteDone done) {
  CHECK(log->name() != log::kDefaultLog, "the log 'default' is deleted");
  workers_.Run(
      [this, under_way = operations_.Begin(), log = std::move(log),
       done = std::move(done)]() mutable { done(DeleteNow(static_cast<JetStreamLog&>(*log))); });
}

// The stream goes first: from then on nothing can be appended. A name that is left without a stream
// is one of a deleted log.
Status JetStreamStore::DeleteNow(JetStreamLog& log) {
  if (Status present = log.Present(); !present.ok()) return present;
  Status deleted = api_.DeleteAndWait(log.stream());
  if (!deleted.ok() && deleted.code() != StatusCode::kLogDeleted) return deleted;
  log.NoteDeleted();
  Forget(log);
  ForgetEntry(log);
  return deleted.ok() ? Status() : log.Present();
}

void JetStreamStore::ForgetEntry(const JetStreamLog& log) {
  const Result<Named> named = catalogue_.Find(log.name());
  if (named.ok() && named->entry && named->entry->id == log.id())
    (void)catalogue_.Remove(log.name(), named->revision);
  (void)catalogue_.ForgetCursors(log.id());
}

void JetStreamStore::List(std::string_view prefix, std::string_view after, std::size_t logs_max,
                          log::ListDone done) {
  workers_.Run([this, under_way = operations_.Begin(), prefix = std::string(prefix),
                after = std::string(after), logs_max,
                done = std::move(done)]() mutable { done(ListNow(prefix, after, logs_max)); });
}

Result<std::vector<std::shared_ptr<log::Log>>> JetStreamStore::ListNow(const std::string& prefix,
                                                                       const std::string& after,
                                                                       std::size_t logs_max) {
  if (Status prepared = Prepared(); !prepared.ok()) return prepared;
  const auto names = catalogue_.LogNames();
  if (!names.ok()) return names.status();
  auto next = std::max(prefix, after) == after
                  ? std::upper_bound(names->begin(), names->end(), after)
                  : std::lower_bound(names->begin(), names->end(), prefix);
  std::vector<std::shared_ptr<log::Log>> logs;
  while (logs.size() < logs_max && next != names->end() && next->starts_with(prefix)) {
    std::vector<std::string> some;
    for (;
         some.size() < logs_max - logs.size() && next != names->end() && next->starts_with(prefix);
         ++next)
      some.push_back(*next);
    const auto entries = catalogue_.FindAll(some);
    if (!entries.ok()) return entries.status();
    for (const auto& [name, entry] : *entries) logs.push_back(Know(name, entry));
  }
  return logs;
}

JetStreamStore::LogPtr JetStreamStore::Know(const std::string& name, const LogEntry& entry) {
  LogPtr before;  // is destroyed after the lock
  const MutexLock lock(mutex_);
  LogPtr& known = logs_[name];
  if (known != nullptr && known->id() == entry.id) {
    known->NoteEntry(entry);
    return known;
  }
  LogPtr made = std::make_shared<JetStreamLog>(parts_, name, entry);
  // What was read before the known one was made.
  if (known != nullptr && known->revision() > entry.revision) {
    made->NoteDeleted();
    return made;
  }
  if (known != nullptr) {
    known->NoteDeleted();
    logs_by_id_.erase(known->id());
    before = std::move(known);
  }
  known = logs_by_id_[entry.id] = std::move(made);
  return known;
}

void JetStreamStore::Forget(const JetStreamLog& log) {
  LogPtr forgotten;
  const MutexLock lock(mutex_);
  const auto found = logs_.find(log.name());
  if (found == logs_.end() || found->second.get() != &log) return;
  forgotten = std::move(found->second);
  logs_.erase(found);
  logs_by_id_.erase(log.id());
}

// Another daybook changed the log, deleted it, or made another one of its name.
void JetStreamStore::OnLogNotice(const Incoming& message) {
  const auto name = Names::NameIn(message.subject());
  const auto revision = message.NumberHeader("Nats-Sequence");
  if (!name || !revision) return;
  const auto entry = LogEntry::Parse(message.data(), *revision);
  LogPtr known;
  {
    const MutexLock lock(mutex_);
    if (const auto found = logs_.find(*name); found != logs_.end()) known = found->second;
  }
  if (known == nullptr || known->revision() >= *revision) return;
  if (entry && known->id() == entry->id) return known->NoteEntry(*entry);
  known->NoteDeleted();
  Forget(*known);
}

void JetStreamStore::OnRecordNotice(const Incoming& message) {
  const std::string_view subject = message.subject();
  const auto id = log::LogId::Parse(subject.substr(subject.rfind('.') + 1));
  const auto sequence = message.NumberHeader("Nats-Sequence");
  const auto time = ParseRfc3339(message.Header("Nats-Time-Stamp").value_or(""));
  if (!id || !sequence || !time) return;
  LogPtr log;
  {
    const MutexLock lock(mutex_);
    const auto found = logs_by_id_.find(*id);
    if (found == logs_by_id_.end()) return;
    log = found->second;
  }
  const std::uint64_t inside_batch = InsideBatch(message.Header(kBatchSequenceHeader),
                                                 message.Header(kBatchCommitHeader).has_value());
  log->NoteStored(*sequence, {*time, inside_batch});
}

std::vector<log::Check> JetStreamStore::Checks() const {
  using State = log::Check::State;
  const MutexLock lock(mutex_);
  std::vector<log::Check> checks;
  checks.push_back({"nats", readiness_.ready() ? State::kOk : State::kFailing,
                    failure_.ok() ? "" : failure_.message()});
  if (prepared_) {
    checks.push_back(
        {"durability", weakness_.empty() ? State::kOk : State::kFailing, found_weakness_});
  }
  return checks;
}

std::optional<log::ReplicationStats> JetStreamStore::replication_stats() const {
  log::ReplicationStats stats = counters_.replication();
  stats.in_flight_records = window_.messages();
  stats.waiting_appends = window_.waiting();
  stats.connected = connection_->connected();
  stats.reconnects = std::max<std::uint64_t>(connection_->connects(), 1) - 1;
  stats.timeouts = connection_->timeouts();
  return stats;
}

log::AppendLimits JetStreamStore::append_limits() const {
  const std::uint64_t payload = connection_->payload_bytes_max();
  // What was never connected refuses for that reason.
  if (payload == 0) return {kBatchRecordsMax, UINT64_MAX};
  return {kBatchRecordsMax, payload > kHeaderBytesMax ? payload - kHeaderBytesMax : 0};
}

Status JetStreamStore::AwaitServing(milliseconds timeout) {
  const auto deadline = Connection::Clock::now() + timeout;
  for (;;) {
    Status serving = Serving();
    if (serving.ok()) return serving;
    const MutexLock lock(mutex_);
    if (!changed_.WaitUntil(mutex_, deadline)) return serving;
  }
}

}  // namespace daybook::jetstream
