#include "api/since_search.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "api/read_steps.h"

namespace daybook::api {
namespace {

using FindDone = UniqueFunction<void(Result<Offset>)>;

// What it looks for is found_ or lies from low_ on before high_, where records may be lost.
class Search {
 public:
  Search(Timestamp since, Offset first, Offset end, FindDone done)
      : since_(since), low_(first), high_(end), found_(end), done_(std::move(done)) {}

  std::optional<ReadStep> Begin() {
    if (low_ >= high_) {
      done_(found_);
      return std::nullopt;
    }
    middle_ = low_ + (high_ - low_) / 2;
    return Look(middle_);
  }

  std::optional<ReadStep> On(const Result<log::Page>& page) {
    if (!page.ok()) return OnNone(page.status());
    if (page->records.empty()) {
      high_ = middle_;
    } else if (const log::RecordView& record = page->records.front(); record.timestamp < since_) {
      low_ = record.offset + 1;
    } else {
      found_ = record.offset;
      high_ = middle_;
    }
    return Begin();
  }

 private:
  std::optional<ReadStep> Look(Offset offset) {
    looked_at_ = offset;
    return ReadStep{offset, {}};
  }

  std::optional<ReadStep> OnNone(const Status& status) {
    const Offset resume = std::max(looked_at_ + 1, status.offset().value_or(Offset()));
    if (status.code() == StatusCode::kTrimmed) {
      low_ = resume;
      return Begin();
    }
    if (status.code() != StatusCode::kLost) {
      done_(status);
      return std::nullopt;
    }
    if (resume < high_) return Look(resume);
    high_ = middle_;
    return Begin();
  }

  const Timestamp since_;
  Offset low_;
  Offset high_;
  Offset found_;
  Offset middle_;     // from which on the record is looked for
  Offset looked_at_;  // at or behind the middle
  FindDone done_;
};

}  // namespace

void FindSince(std::shared_ptr<log::Log> log, Timestamp since, Offset first, Offset end,
               FindDone done) {
  Search search(since, first, end, std::move(done));
  const std::optional<ReadStep> step = search.Begin();
  if (!step) return;
  ReadInSteps(std::move(log), *step,
              [search = std::move(search)](const Result<log::Page>& page) mutable {
                return search.On(page);
              });
}

}  // namespace daybook::api
