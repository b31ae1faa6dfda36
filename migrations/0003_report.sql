-- The daily report: one row a person and day, clustered by both.
--
-- id = employee_id * 2^20 + day (days since 1970): the table's own key finds a report, 22 neighbours are a person's month, and saving
-- the same day again is a correction by construction. The numbers lie in n1..n24; report_item says which item uses which column.

CREATE TABLE report_item (
    id         ID,
    code       TEXT NOT NULL,
    name       TEXT NOT NULL,              -- as people see it; shipped items are msgids
    unit       INT NOT NULL,               -- 0 pieces 1 times 2 yuan 3 people
    slot       INT NOT NULL,               -- column n<slot> of daily_report
    sort       INT NOT NULL,
    rule       INT NOT NULL DEFAULT 0,     -- 0 none, 1 talking points for each, 2 contract number
    required   INT NOT NULL DEFAULT 0,
    active     INT NOT NULL DEFAULT 1,
    shipped    INT NOT NULL DEFAULT 0,
    version    INT NOT NULL,
    created_at INT NOT NULL,
    created_by INT,
    updated_at INT NOT NULL,
    updated_by INT,
    CONSTRAINT report_item__code UNIQUE (code),
    CONSTRAINT report_item__slot UNIQUE (slot)
);

CREATE TABLE daily_report (
    id            ID,
    employee_id   INT NOT NULL,
    unit_id       INT NOT NULL,            -- the person's team of that day
    day           TEXT NOT NULL,
    state         INT NOT NULL,            -- 0 draft 1 submitted 2 late 3 returned 4 approved
    talk_points   TEXT,
    contract_no   TEXT,
    reason        TEXT,                    -- why a goal was missed
    plan          TEXT,                    -- for the next working day
    return_reason TEXT,
    submitted_at  INT,
    reviewed_at   INT,
    reviewer_id   INT,
    client_key    TEXT,                    -- of the submission that made the present content: a repeat changes nothing
    n1 INT, n2 INT, n3 INT, n4 INT, n5 INT, n6 INT, n7 INT, n8 INT,
    n9 INT, n10 INT, n11 INT, n12 INT, n13 INT, n14 INT, n15 INT, n16 INT,
    n17 INT, n18 INT, n19 INT, n20 INT, n21 INT, n22 INT, n23 INT, n24 INT,
    version       INT NOT NULL,
    created_at    INT NOT NULL,
    created_by    INT,
    updated_at    INT NOT NULL,
    updated_by    INT
);
-- A lead reads some teams' days, a director everybody's: two orders. A correction of a day touches neither.
CREATE INDEX daily_report__unit_day ON daily_report (unit_id, day);
CREATE INDEX daily_report__day ON daily_report (day);
-- What waits for review is asked on every page of a lead, and is little.
CREATE INDEX daily_report__waiting ON daily_report (unit_id, employee_id) WHERE state IN (1, 2);
