-- wrk: appends of one fixed value.
-- wrk ... -s append.lua URL -- [DEPTH [VALUE_BYTES]]
-- DEPTH requests go out together, and the next when all of them are answered.
package.path = debug.getinfo(1, "S").source:match("^@(.*/)") .. "?.lua;" .. package.path
local report = require("report")
local text

function init(arguments)
  local depth = tonumber(arguments[1]) or 1
  wrk.method = "POST"
  wrk.headers["Content-Type"] = "application/json"
  wrk.body = '{"record":{"value":"' .. report.value(tonumber(arguments[2]) or 23) .. '"}}'
  text = string.rep(wrk.format(), depth)
end

function request()
  return text
end

done = report.done
