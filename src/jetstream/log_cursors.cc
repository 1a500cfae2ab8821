// The cursors of a JetStreamLog.

#include <utility>

#include "jetstream/contention.h"
#include "jetstream/jetstream_log.h"
#include "log/cursor_table.h"
#include "log/refusals.h"

namespace daybook::jetstream {

void JetStreamLog::GetCursor(std::string_view name, log::CursorDone done) {
  Run([this, name = std::string(name), done = std::move(done)]() mutable {
    const auto found = parts_.catalogue.FindCursor(id_, name);
    if (!found.ok()) return done(found.status());
    // A log that was deleted has none either.
    if (const Result<Extent> extent = ExtentNow(); !extent.ok()) return done(extent.status());
    if (!found->cursor) return done(log::NoSuchCursor(name));
    done(*found->cursor);
  });
}

void JetStreamLog::Cursors(log::CursorsDone done) {
  Run([this, done = std::move(done)]() mutable {
    auto cursors = parts_.catalogue.Cursors(id_);
    if (const Result<Extent> extent = ExtentNow(); !extent.ok()) return done(extent.status());
    done(std::move(cursors));
  });
}

void JetStreamLog::PutCursor(std::string name, Offset offset, const log::CursorCondition& condition,
                             log::CursorPutDone done) {
  Run([this, name = std::move(name), offset, condition, done = std::move(done)]() mutable {
    done(PutCursorNow(name, offset, condition));
  });
}

void JetStreamLog::DeleteCursor(std::string_view name, const log::CursorCondition& condition,
                                log::DeleteDone done) {
  Run([this, name = std::string(name), condition, done = std::move(done)]() mutable {
    done(DeleteCursorNow(name, condition));
  });
}

Result<log::CursorPut> JetStreamLog::PutCursorNow(const std::string& name, Offset offset,
                                                  const log::CursorCondition& condition) {
  for (int tries = 0; tries < kChangeTries; WaitForOthers(++tries)) {
    const auto found = parts_.catalogue.FindCursor(id_, name);
    if (!found.ok()) return found.status();
    const Result<Extent> extent = ExtentNow();
    if (!extent.ok()) return extent.status();
    const log::Cursor* const present = found->cursor ? &*found->cursor : nullptr;
    std::size_t cursors = 0;
    if (present == nullptr) {
      const auto all = parts_.catalogue.Cursors(id_);
      if (!all.ok()) return all.status();
      cursors = all->size();
    }
    Status allowed = log::CheckCursorPut(present, condition, offset, extent->end, cursors,
                                         parts_.options.limits);
    if (!allowed.ok()) return allowed;
    const Result<std::uint64_t> put =
        parts_.catalogue.PutCursor(id_, name, offset, found->revision);
    if (put.ok()) return log::CursorPut{{name, offset, *put}, present == nullptr};
    if (put.status().code() != StatusCode::kConditionFailed) return put.status();
  }
  return Contended("the cursor '" + name + "'");
}

Status JetStreamLog::DeleteCursorNow(const std::string& name,
                                     const log::CursorCondition& condition) {
  for (int tries = 0; tries < kChangeTries; WaitForOthers(++tries)) {
    const auto found = parts_.catalogue.FindCursor(id_, name);
    if (!found.ok()) return found.status();
    if (const Result<Extent> extent = ExtentNow(); !extent.ok()) return extent.status();
    const log::Cursor* const present = found->cursor ? &*found->cursor : nullptr;
    if (Status allowed = log::CheckCursorDelete(present, condition, name); !allowed.ok())
      return allowed;
    Status removed = parts_.catalogue.RemoveCursor(id_, name, found->revision);
    if (removed.code() != StatusCode::kConditionFailed) return removed;
  }
  return Contended("the cursor '" + name + "'");
}

}  // namespace daybook::jetstream
