// The page of records that a read asks for.
#pragma once

#include <memory>

#include "api/read_query.h"
#include "base/status.h"
#include "base/types.h"
#include "base/unique_function.h"
#include "log/log.h"

namespace daybook::api {

struct FoundPage {
  log::LogId log;
  Offset from;         // where it was looked for
  Offset next_offset;  // up to where
  log::Page page;      // what was found
};

using FindPageDone = UniqueFunction<void(Result<FoundPage>)>;

// A page of records with a key takes looking at others: at so many of them, or bytes of theirs, in
// one read. It may have none then; who asks goes on at its next_offset.
inline constexpr std::uint64_t kLookedRecordsMax = 100'000;
inline constexpr std::uint64_t kLookedBytesMax = 64 << 20;

void FindPage(std::shared_ptr<log::Log> log, ReadQuery query, FindPageDone done);

}  // namespace daybook::api
