-- wrk: appends of one fixed value to one named log after the other: l0, l7919, ...
-- wrk ... -s append_logs.lua URL -- LOGS [VALUE_BYTES]
package.path = debug.getinfo(1, "S").source:match("^@(.*/)") .. "?.lua;" .. package.path
local report = require("report")
-- A prime, so that all logs have their turn, and none follows the one that was made before it, which
-- may lie beside it in the server's memory.
local step = 7919
local logs, turn = 1, 0
local before, after

function init(arguments)
  logs = tonumber(arguments[1]) or 1
  wrk.method = "POST"
  wrk.headers["Content-Type"] = "application/json"
  wrk.body = '{"records":[{"value":"' .. report.value(tonumber(arguments[2]) or 23) .. '"}]}'
  -- To format each request would take the generator longer than to send it.
  before, after = wrk.format(nil, "/v1/logs/l@/records"):match("^([^@]*)@(.*)$")
end

function request()
  turn = (turn + step) % logs
  return before .. turn .. after
end

done = report.done
