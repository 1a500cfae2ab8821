-- wrk: reads of one offset after the other.
-- wrk ... -s read.lua URL -- [DEPTH [OFFSETS]]
-- DEPTH requests go out together, and the next when all of them are answered.
package.path = debug.getinfo(1, "S").source:match("^@(.*/)") .. "?.lua;" .. package.path
local report = require("report")
local texts, turn = {}, 0

function init(arguments)
  local depth = tonumber(arguments[1]) or 1
  local offsets = tonumber(arguments[2]) or 1
  wrk.method = "GET"
  for first = 0, offsets - 1 do
    local requests = {}
    for i = 0, depth - 1 do
      requests[#requests + 1] = wrk.format(nil, "/?offset=" .. (first + i) % offsets)
    end
    texts[#texts + 1] = table.concat(requests)
  end
end

function request()
  turn = turn % #texts + 1
  return texts[turn]
end

done = report.done
