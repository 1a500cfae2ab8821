#include "api/start_finder.h"

#include <algorithm>
#include <utility>

#include "api/since_search.h"

namespace daybook::api {
namespace {

// Of a query that names no moment.
Offset FromOf(const ReadQuery& query, const log::LogInfo& info) {
  switch (query.start) {
    case ReadQuery::Start::kOffset:
    case ReadQuery::Start::kFoundNone:
      return query.offset;
    case ReadQuery::Start::kNext:
      return info.next_offset;
    case ReadQuery::Start::kLast:
      return Offset(info.next_offset.value -
                    std::min(query.records, info.next_offset - info.first_offset));
    case ReadQuery::Start::kFirst:
    case ReadQuery::Start::kSince:
      return info.first_offset;
  }
  return info.first_offset;
}

}  // namespace

void FindStart(std::shared_ptr<log::Log> log, const ReadQuery& query,
               UniqueFunction<void(const Result<Start>&)> done) {
  log::Log& asked = *log;
  asked.Info([log = std::move(log), query,
              done = std::move(done)](const Result<log::LogInfo>& info) mutable {
    if (!info.ok()) return done(info.status());
    Start start{FromOf(query, *info), info->first_offset, info->next_offset};
    if (query.start != ReadQuery::Start::kSince) return done(start);
    FindSince(std::move(log), query.since, start.first_offset, start.next_offset,
              [start, done = std::move(done)](const Result<Offset>& from) mutable {
                if (!from.ok()) return done(from.status());
                start.from = *from;
                done(start);
              });
  });
}

}  // namespace daybook::api
