-- submit.lua - wrk posts daily reports: a random person's, 9 of 10 for today, the others for one of the seven days before, as the lab's
-- report.lua does. Arguments: token, first id, last id, then eight days, today first.
local first, last, days, headers

function init(args)
    math.randomseed(os.time() + tonumber(tostring({}):sub(8), 16) % 100000)
    headers = { ["Authorization"] = "Bearer " .. args[1], ["Content-Type"] = "application/json", ["Accept"] = "application/json" }
    first, last = tonumber(args[2]), tonumber(args[3])
    days = {}
    for i = 4, #args do days[#days + 1] = args[i] end
end

function request()
    local day = days[1]
    if math.random(10) == 1 then day = days[1 + math.random(7)] end
    local body = string.format('{"employee_id":%d,"day":"%s","new_customers":%d,"follow_ups":1,"amount":"3.50","visits":%d,"calls":12,"leads":7,'
        .. '"talk_points":"wants a demo next week","contract_no":"HT-1","plan":"visited three customers, one order"}',
        math.random(first, last), day, math.random(20), math.random(9))
    return wrk.format("POST", "/reports/daily", headers, body)
end
