// Callbacks: each runs once, whatever becomes of the store, and may call it.

#include <atomic>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include "engines/conformance.h"
#include "log/find_and_wait.h"

namespace daybook::engines {
namespace {

class CallbackTest : public ConformanceTest {
 protected:
  using Answers = std::vector<Answer<Result<Appended>>>;

  Answers BeginAppends(Log& log) {
    Answers answers(100);
    for (auto& answer : answers) log.Append(Values({"value"}), answer.Done());
    return answers;
  }
  static void ExpectAnswered(Answers& answers) {
    for (auto& answer : answers) {
      EXPECT_TRUE(answer.is_there());
      const auto result = answer.Await();
      EXPECT_TRUE(result.ok() || result.status().code() == StatusCode::kUnavailable ||
                  result.status().code() == StatusCode::kUnknownOutcome)
          << result.status().ToString();
    }
  }
};
INSTANTIATE_TEST_SUITE_P(Engines, CallbackTest, testing::ValuesIn(Engines()), NameOf);

// Is over when it was called that often.
class Countdown {
 public:
  explicit Countdown(int calls) : left_(calls) {}

  void CountDown() {
    if (--left_ == 0) over_.set_value();
  }
  void Await() { over_.get_future().get(); }

 private:
  std::atomic<int> left_;
  std::promise<void> over_;
};

TEST_P(CallbackTest, ACallbackMayMakeEveryCall) {
  constexpr int kCalls = 12;
  const LogHandle log = NewLog();
  const auto inner = std::make_shared<Countdown>(kCalls * kCalls);
  const auto call_all = [&](const auto& done) {
    log->Append(Values({"a"}), done());
    log->Read(Offset(0), {}, done());
    log->Info(done());
    log->Trim(Offset(0), done());
    log->Configure({}, done());
    log->GetCursor("c", done());
    log->Cursors(done());
    log->PutCursor("c", Offset(0), {}, done());
    log->DeleteCursor("c", {}, done());
    store().Find(log->name(), done());
    store().Create(log->name(), {}, done());
    store().List(log->name(), "", 1, done());
  };
  const auto count = [inner] { return [inner](const auto&) { inner->CountDown(); }; };
  call_all([&] { return [&](const auto&) { call_all(count); }; });
  inner->Await();
  EXPECT_EQ(End(*log), 1U + kCalls);
}

TEST_P(CallbackTest, ALogMayBeDeletedInItsOwnCallback) {
  const LogHandle log = NewLog();
  Answer<Status> deleted;
  log->Append(Values({"a"}), [&, done = deleted.Done()](const Result<Appended>& appended) mutable {
    EXPECT_TRUE(appended.ok());
    store().Delete(log, std::move(done));
  });
  EXPECT_TRUE(deleted.Await().ok());
  EXPECT_EQ(Info(*log).status().code(), StatusCode::kLogDeleted);
}

TEST_P(CallbackTest, CloseAnswersAllThatWasBegun) {
  const LogHandle log = NewLog();
  Answers answers = BeginAppends(*log);
  store().Close();
  ExpectAnswered(answers);
}

TEST_P(CallbackTest, AfterCloseAppendsAreUnavailable) {
  const LogHandle log = NewLog();
  ASSERT_TRUE(Append(*log, "before", {Offset(0), "key"}).ok());
  store().Close();
  for (const AppendOptions& options : {AppendOptions{},
                                       {Offset(1), ""},
                                       {Offset(7), ""},
                                       {std::nullopt, "key"},
                                       {std::nullopt, "other"}})
    EXPECT_EQ(Append(*log, "later", options).status().code(), StatusCode::kUnavailable);
}

TEST_P(CallbackTest, AfterCloseEveryCallIsAnswered) {
  const LogHandle log = NewLog();
  store().Close();
  store().Close();
  (void)Read(*log, 0);
  (void)Info(*log);
  (void)Trim(*log, 0);
  (void)Configure(*log, {std::chrono::milliseconds(7), {}});
  (void)PutCursor(*log, "c", 0);
  (void)GetCursor(*log, "c");
  (void)Cursors(*log);
  (void)DeleteCursor(*log, "c");
  (void)Create(store(), NewName());
  (void)log::FindAndWait(store(), log->name());
  (void)Delete(store(), log);
  Answer<Result<std::vector<LogHandle>>> listed;
  store().List("", "", 1, listed.Done());
  (void)listed.Await();
}

TEST_P(CallbackTest, DestroyingTheStoreAnswersAllThatIsOwed) {
  LogHandle log = NewLog();
  Answers answers = BeginAppends(*log);
  Answer<Result<LogInfo>> trimmed;
  log->Trim(Offset(0), trimmed.Done());
  Answer<Result<CursorPut>> put;
  log->PutCursor("c", Offset(0), {}, put.Done());
  Answer<Status> created;  // not the log, which would outlive the store
  store().Create(NewName(), {}, [done = created.Done()](const Result<log::Created>& made) mutable {
    done(made.status());
  });
  log.reset();
  engine_.reset();
  ExpectAnswered(answers);
  EXPECT_TRUE(trimmed.is_there());
  EXPECT_TRUE(put.is_there());
  EXPECT_TRUE(created.is_there());
}

}  // namespace
}  // namespace daybook::engines
