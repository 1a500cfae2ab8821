// Every metric there is. docs/metrics.md is made from it.
//
// Names and units are as Prometheus wants them: base units, counters end in _total. No label takes
// its value from what a client sends, but for the names of logs and cursors; each has a bounded
// number of values.
#pragma once

#include <prometheus/metric_type.h>

#include <array>
#include <string_view>

namespace daybook::metrics {

struct Metric {
  const char* name;
  prometheus::MetricType type;
  const char* help;
  std::array<std::string_view, 4> labels = {};  // empty from the first that there is not
};

inline constexpr auto kCounter = prometheus::MetricType::Counter;
inline constexpr auto kGauge = prometheus::MetricType::Gauge;
inline constexpr auto kHistogram = prometheus::MetricType::Histogram;

inline constexpr Metric kBuildInfo = {"daybook_build_info",
                                      kGauge,
                                      "1; the labels say which daybook this is.",
                                      {"version", "revision", "compiler", "engine"}};

inline constexpr Metric kHttpRequests = {
    "daybook_http_requests_total",
    kCounter,
    "Requests that were answered, by the pattern of their route (none: refused before or without a "
    "route), method and status code.",
    {"route", "method", "code"}};
inline constexpr Metric kHttpDuration = {
    "daybook_http_request_duration_seconds",
    kHistogram,
    "From the end of a request to its answer, by the pattern of its route.",
    {"route"}};
inline constexpr Metric kHttpInFlight = {
    "daybook_http_requests_in_flight", kGauge,
    "Requests that have been received in full and not answered."};
inline constexpr Metric kHttpReceivedBytes = {"daybook_http_received_bytes_total", kCounter,
                                              "Bytes received from clients."};
inline constexpr Metric kHttpSentBytes = {"daybook_http_sent_bytes_total", kCounter,
                                          "Bytes that the kernel took for clients."};
inline constexpr Metric kHttpConnections = {"daybook_http_connections", kGauge,
                                            "Connections that are open."};
inline constexpr Metric kHttpAccepted = {"daybook_http_connections_accepted_total", kCounter,
                                         "Connections that were taken in."};
inline constexpr Metric kHttpRefused = {
    "daybook_http_connections_refused_total", kCounter,
    "Connections that were answered 503 because as many as are allowed were open."};
inline constexpr Metric kHttpClosed = {
    "daybook_http_connections_closed_total",
    kCounter,
    "Connections that ended, by reason: client (closed or broken from outside), finished (with the "
    "answer after which one side wanted no more), refused (with the answer to what was no proper "
    "request), idle_timeout, request_timeout, write_timeout, overload (no memory for an answer "
    "that was being made), drain, fault.",
    {"reason"}};

inline constexpr Metric kLiveWaits = {"daybook_live_waits", kGauge,
                                      "Reads of pages that wait for their first record."};
inline constexpr Metric kLiveFollowers = {"daybook_live_followers", kGauge,
                                          "Event streams that are being sent."};
inline constexpr Metric kLiveEnds = {
    "daybook_live_ends_total",
    kCounter,
    "Event streams that ended, by reason: client (it went away), draining, deleted (the log was), "
    "stalled (it read too little of what was sent), overload (no memory for what it has not read), "
    "failed (the records cannot be read), revoked (the token was).",
    {"reason"}};
inline constexpr Metric kLiveRecords = {"daybook_live_records_total", kCounter,
                                        "Records that were given to followers."};
inline constexpr Metric kLiveDelay = {
    "daybook_live_delay_seconds", kHistogram,
    "From when a record could be read until it was given to a follower who had all before it."};

inline constexpr Metric kAccessDenied = {
    "daybook_access_denied_total",
    kCounter,
    "Requests that were not let through, by reason: no_token, unknown_token, not_granted (the "
    "token is for other logs, or lacks the scope), rate and requests (of one client).",
    {"reason"}};
inline constexpr Metric kAccessTokens = {"daybook_access_tokens", kGauge,
                                         "Tokens that are let in; 0 where none is needed."};
inline constexpr Metric kAccessTakenOver = {
    "daybook_access_token_file_changes_total", kCounter,
    "Times that the token file said something new and right, its first reading among them."};
inline constexpr Metric kAccessFileWrong = {
    "daybook_access_token_file_wrong", kGauge,
    "1 while the token file is missing or wrong, so that the tokens of before are let in; else 0."};

inline constexpr Metric kLogAppendedRecords = {"daybook_log_appended_records_total", kCounter,
                                               "Records appended since the start."};
inline constexpr Metric kLogAppendedBytes = {
    "daybook_log_appended_bytes_total", kCounter,
    "Bytes of values, keys and headers appended since the start."};
inline constexpr Metric kLogReadRecords = {"daybook_log_read_records_total", kCounter,
                                           "Records read since the start."};
inline constexpr Metric kLogReadBytes = {"daybook_log_read_bytes_total", kCounter,
                                         "Bytes of values, keys and headers read since the start."};
inline constexpr Metric kLogFirstOffset = {
    "daybook_log_first_offset", kGauge, "The offset of the first record that is there.", {"log"}};
inline constexpr Metric kLogNextOffset = {
    "daybook_log_next_offset", kGauge, "The offset that the next record will get.", {"log"}};
inline constexpr Metric kLogSize = {
    "daybook_log_size_bytes", kGauge, "Bytes that the records take in the engine.", {"log"}};

inline constexpr Metric kLogCursors = {
    "daybook_log_cursors", kGauge, "Cursors of the log.", {"log"}};
inline constexpr Metric kCursorOffset = {
    "daybook_cursor_offset", kGauge, "Where the cursor is.", {"log", "cursor"}};
inline constexpr Metric kCursorLag = {"daybook_cursor_lag_records",
                                      kGauge,
                                      "How many records the cursor is behind the log's end.",
                                      {"log", "cursor"}};
inline constexpr Metric kLogs = {"daybook_logs", kGauge, "Logs that there are."};
inline constexpr Metric kLogsWithoutSeries = {
    "daybook_logs_without_series", kGauge,
    "Logs that are more than --metrics-logs, and have no series of their own."};
inline constexpr Metric kCursorsWithoutSeries = {
    "daybook_cursors_without_series", kGauge,
    "Cursors of logs with series that are more than --metrics-cursors, and have none."};

inline constexpr Metric kCommitGroups = {
    "daybook_commit_group_appends", kHistogram,
    "How many appends were made durable together. Of engines that commit in groups, as are the "
    "following."};
inline constexpr Metric kCommitSyncs = {"daybook_commit_sync_duration_seconds", kHistogram,
                                        "How long the sync of a group took."};
inline constexpr Metric kCommitAppends = {"daybook_commit_append_duration_seconds", kHistogram,
                                          "From an append to its answer, as the engine sees it."};
inline constexpr Metric kCommitQueued = {"daybook_commit_queued_appends", kGauge,
                                         "Appends that wait for the group before theirs."};
inline constexpr Metric kCommitRunning = {
    "daybook_commit_running_seconds", kGauge,
    "For how long the group has been written and synced that is under way; 0 when none is. Large "
    "where a disk hangs."};
inline constexpr Metric kDiskSegments = {"daybook_disk_segments", kGauge, "Segment files."};
inline constexpr Metric kDiskSegmentBytes = {"daybook_disk_segment_bytes", kGauge,
                                             "Bytes of frames in segment files."};
inline constexpr Metric kDiskFreeBytes = {"daybook_disk_free_bytes", kGauge,
                                          "Bytes that are free where the data folder is."};
inline constexpr Metric kScrubBytes = {"daybook_scrub_bytes_total", kCounter,
                                       "Bytes that were read again from the disk and verified."};
inline constexpr Metric kScrubPasses = {"daybook_scrub_passes_total", kCounter,
                                        "How often all that is on the disk was verified."};
inline constexpr Metric kScrubDamages = {
    "daybook_scrub_damaged_places", kGauge,
    "Damaged places that the last pass over the disk found, or the one under way has."};
inline constexpr Metric kRecoveryDuration = {"daybook_recovery_duration_seconds", kGauge,
                                             "How long recovery took at the start."};
inline constexpr Metric kRecoveryScanned = {"daybook_recovery_scanned_bytes", kGauge,
                                            "Bytes of frames that recovery read."};
inline constexpr Metric kRecoveryCut = {
    "daybook_recovery_cut_bytes", kGauge,
    "Bytes of a torn tail, never acknowledged, that recovery cut off."};
inline constexpr Metric kRecoveryRewritten = {
    "daybook_recovery_rewritten_bytes", kGauge,
    "Bytes that recovery wrote again because nothing said that they were durable."};

inline constexpr Metric kReplicationPublishes = {
    "daybook_replication_publish_duration_seconds", kHistogram,
    "From sending an append to the servers that keep the logs to their answer, for each try. Of "
    "engines that have such servers, as are the following."};
inline constexpr Metric kReplicationRetries = {
    "daybook_replication_publish_retries_total", kCounter,
    "Appends that were sent once more: with their key, or where nothing was stored before."};
inline constexpr Metric kReplicationErrors = {
    "daybook_replication_errors_total",
    kCounter,
    "Tries to append that failed, by kind: not_connected, no_answer, no_leader, no_space, "
    "too_many, "
    "refused.",
    {"kind"}};
inline constexpr Metric kReplicationInFlight = {"daybook_replication_in_flight_records", kGauge,
                                                "Records that were sent and are not acknowledged."};
inline constexpr Metric kReplicationWaiting = {
    "daybook_replication_waiting_appends", kGauge,
    "Appends that wait to be sent, because as much as may be is under way."};
inline constexpr Metric kReplicationMissing = {
    "daybook_replication_missing_records_total", kCounter,
    "Reads that found a record to be lost, with others before and behind it."};
inline constexpr Metric kReplicationConnected = {"daybook_replication_connected", kGauge,
                                                 "1 while there is a connection to the servers."};
inline constexpr Metric kReplicationReconnects = {"daybook_replication_reconnects_total", kCounter,
                                                  "Connections that were made anew."};
inline constexpr Metric kReplicationTimeouts = {"daybook_replication_timeouts_total", kCounter,
                                                "Requests that were not answered in time."};
inline constexpr Metric kReplicationLag = {
    "daybook_replication_replica_lag_operations", kGauge,
    "How far behind its leader a replica was that was looked at last."};

inline constexpr Metric kLoggingDroppedLines = {
    "daybook_logging_dropped_lines_total", kCounter,
    "Lines that were not written because standard output was read too slowly."};

inline constexpr Metric kProcessCpu = {"process_cpu_seconds_total", kCounter,
                                       "Total user and system CPU time spent in seconds."};
inline constexpr Metric kProcessOpenFds = {"process_open_fds", kGauge,
                                           "Number of open file descriptors."};
inline constexpr Metric kProcessMaxFds = {"process_max_fds", kGauge,
                                          "Maximum number of open file descriptors."};
inline constexpr Metric kProcessResident = {"process_resident_memory_bytes", kGauge,
                                            "Resident memory size in bytes."};
inline constexpr Metric kProcessVirtual = {"process_virtual_memory_bytes", kGauge,
                                           "Virtual memory size in bytes."};
inline constexpr Metric kProcessVirtualMax = {
    "process_virtual_memory_max_bytes", kGauge,
    "Maximum amount of virtual memory available in bytes."};
inline constexpr Metric kProcessThreads = {"process_threads", kGauge,
                                           "Number of OS threads in the process."};
inline constexpr Metric kProcessStart = {"process_start_time_seconds", kGauge,
                                         "Start time of the process since unix epoch in seconds."};

inline constexpr std::array kAllMetrics = {&kBuildInfo,
                                           &kHttpRequests,
                                           &kHttpDuration,
                                           &kHttpInFlight,
                                           &kHttpReceivedBytes,
                                           &kHttpSentBytes,
                                           &kHttpConnections,
                                           &kHttpAccepted,
                                           &kHttpRefused,
                                           &kHttpClosed,
                                           &kLiveWaits,
                                           &kLiveFollowers,
                                           &kLiveEnds,
                                           &kLiveRecords,
                                           &kLiveDelay,
                                           &kAccessDenied,
                                           &kAccessTokens,
                                           &kAccessTakenOver,
                                           &kAccessFileWrong,
                                           &kLogAppendedRecords,
                                           &kLogAppendedBytes,
                                           &kLogReadRecords,
                                           &kLogReadBytes,
                                           &kLogFirstOffset,
                                           &kLogNextOffset,
                                           &kLogSize,
                                           &kLogCursors,
                                           &kCursorOffset,
                                           &kCursorLag,
                                           &kLogs,
                                           &kLogsWithoutSeries,
                                           &kCursorsWithoutSeries,
                                           &kCommitGroups,
                                           &kCommitSyncs,
                                           &kCommitAppends,
                                           &kCommitQueued,
                                           &kCommitRunning,
                                           &kDiskSegments,
                                           &kDiskSegmentBytes,
                                           &kDiskFreeBytes,
                                           &kScrubBytes,
                                           &kScrubPasses,
                                           &kScrubDamages,
                                           &kRecoveryDuration,
                                           &kRecoveryScanned,
                                           &kRecoveryCut,
                                           &kRecoveryRewritten,
                                           &kReplicationPublishes,
                                           &kReplicationRetries,
                                           &kReplicationErrors,
                                           &kReplicationInFlight,
                                           &kReplicationWaiting,
                                           &kReplicationMissing,
                                           &kReplicationConnected,
                                           &kReplicationReconnects,
                                           &kReplicationTimeouts,
                                           &kReplicationLag,
                                           &kLoggingDroppedLines,
                                           &kProcessCpu,
                                           &kProcessOpenFds,
                                           &kProcessMaxFds,
                                           &kProcessResident,
                                           &kProcessVirtual,
                                           &kProcessVirtualMax,
                                           &kProcessThreads,
                                           &kProcessStart};

}  // namespace daybook::metrics
