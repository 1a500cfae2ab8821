-- What the scripts share: the arguments, and the result as one line of JSON.
local report = {}

-- The base64 of "LogLogLo...", `bytes` long.
function report.value(bytes)
  local rest = { [0] = "", "TA==", "TG8=" }
  return string.rep("TG9n", math.floor(bytes / 3)) .. rest[bytes % 3]
end

-- Without wrk's latencies: it adds to them what it thinks that it left out, and may then find no
-- value for a quantile. bench_load measures latency.
function report.done(summary)
  local errors = summary.errors
  io.write(string.format(
    'RESULT {"requests":%d,"seconds":%.6f,"errors":{"status":%d,"connection":%d,"timeout":%d}}\n',
    summary.requests, summary.duration / 1e6, errors.status,
    errors.connect + errors.read + errors.write, errors.timeout))
end

return report
