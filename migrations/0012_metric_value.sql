-- Values entered by hand, with what they are based on: a month's value of a metric that is not summed (回款率, customer satisfaction) for a unit or a
-- person, and a month's number of a person for a counted metric that no report asks for; the latter is also a fact (source 3).
--
-- id = (scope_kind * 2^31 + scope_id) * 2^21 + month (since January 1970) * 2^10 + metric_id: one value for each metric, scope and month, on both
-- engines, and a scope's months are a range of ids.

CREATE TABLE metric_value (
    id          ID,
    metric_id   INT NOT NULL REFERENCES metric (id),
    employee_id INT REFERENCES employee (id),  -- NULL: the unit's value
    unit_id     INT NOT NULL REFERENCES org_unit (id), -- the unit itself, or the person's team at the end of the month
    month       TEXT NOT NULL,                 -- its first day
    value       INT NOT NULL,                  -- hundredths of what the metric is counted in: 分, 1/10,000 of a share, hundredths of a piece
    evidence    TEXT NOT NULL,
    state       INT NOT NULL,                  -- 0 in force 1 void
    entered_day TEXT,                          -- counted metrics: the day of the fact made of it
    version     INT NOT NULL,
    created_at  INT NOT NULL,
    created_by  INT,
    updated_at  INT NOT NULL,
    updated_by  INT
);
CREATE INDEX metric_value__unit_month ON metric_value (unit_id, month);

-- A database that has its shipped metrics already gets the new one too, in the first column that is free behind them.
INSERT INTO metric(code, name, unit, kind, perspective, rollup, slot, in_report, rule, sort, active, shipped, version, created_at, updated_at)
    SELECT 'promoted_count', 'Ready for promotion', 3, 2, 3, 0, f.slot, 0, 0, 350, 1, 1, 1, s.at, s.at
    FROM (SELECT min(n.slot) AS slot
          FROM (SELECT 29 AS slot UNION SELECT 30 UNION SELECT 31 UNION SELECT 32 UNION SELECT 33 UNION SELECT 34 UNION SELECT 35 UNION SELECT 36
                UNION SELECT 37 UNION SELECT 38 UNION SELECT 39 UNION SELECT 40) n
          WHERE NOT EXISTS (SELECT 1 FROM metric m WHERE m.slot = n.slot)) f,
         (SELECT max(updated_at) AS at FROM metric) s
    WHERE f.slot IS NOT NULL AND EXISTS (SELECT 1 FROM setting WHERE name = 'seeded.metric')
      AND NOT EXISTS (SELECT 1 FROM metric WHERE code = 'promoted_count' OR name IN ('Ready for promotion', '达成晋升标准人数'));
