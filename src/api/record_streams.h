// RecordStreams answers requests for a log's records with event streams.
#pragma once

#include <memory>

#include "access/grant.h"
#include "api/feed.h"
#include "api/live_stats.h"
#include "api/log_request.h"
#include "api/read_query.h"
#include "api/start_finder.h"
#include "http/request.h"
#include "http/responder.h"
#include "log/log.h"

namespace daybook::api {

class RecordStreams {
 public:
  // `store` outlives it.
  RecordStreams(log::LogStore& store, std::shared_ptr<LiveStats> live)
      : store_(store), live_(std::move(live)) {}

  // Must not be destroyed before the request is answered.
  void Follow(const http::Request& request, ReadQuery query, LogName name,
              http::Responder responder) const;

 private:
  http::Response Answer(const std::shared_ptr<log::Log>& log, ReadQuery query,
                        const std::optional<Offset>& after_event, const Result<Start>& start,
                        std::shared_ptr<const access::Grant> grant) const;

  log::LogStore& store_;
  const std::shared_ptr<LiveStats> live_;
  mutable Feeds feeds_;
};

}  // namespace daybook::api
