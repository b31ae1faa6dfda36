-- Weekly and monthly reports: what a person or a team says about a week or a month. The numbers are computed from facts and targets;
-- only what somebody typed, what a sheet brought, and what was approved lies here.
--
-- id = owner * 2^20 + first day (a month's: + 2^19), owner = employee_id, or 2^31 + unit_id for a team's own report. So one subject and
-- period has one report, and a person's reports are a range of ids.

CREATE TABLE weekly_report (
    id               ID,
    employee_id      INT,                  -- NULL: the report is about the unit
    unit_id          INT NOT NULL,         -- the unit itself, or the person's team at the end of the week
    week             TEXT NOT NULL,        -- its Monday
    state            INT NOT NULL,         -- 0 draft 1 submitted 2 late 3 returned 4 approved, as daily_report
    target           INT,                  -- typed or from a sheet; NULL: what the targets say
    problem          TEXT,
    next_focus       TEXT,
    next_target      INT,                  -- an amount named in next_focus
    support_need     TEXT,
    stated_actual    INT,                  -- what a sheet said of a period without facts
    stated_growth    INT,                  -- hundredths of a percent, where the week before is not known
    entered          INT,                  -- of stated_actual, what was entered as a fact (people only),
    entered_day      TEXT,                 -- and on which day
    frozen_target    INT,                  -- as approved; and so on
    frozen_actual    INT,
    frozen_previous  INT,
    frozen_last_year INT,
    return_reason    TEXT,
    submitted_at     INT,
    writer_id        INT,                  -- who submitted it
    reviewed_at      INT,
    reviewer_id      INT,
    version          INT NOT NULL,
    created_at       INT NOT NULL,
    created_by       INT,
    updated_at       INT NOT NULL,
    updated_by       INT
);
CREATE INDEX weekly_report__unit_week ON weekly_report (unit_id, week);
CREATE INDEX weekly_report__waiting ON weekly_report (unit_id, employee_id) WHERE state IN (1, 2);

CREATE TABLE monthly_report (
    id               ID,
    employee_id      INT,
    unit_id          INT NOT NULL,
    month            TEXT NOT NULL,        -- its first day
    state            INT NOT NULL,
    target           INT,
    highlights       TEXT,
    problem          TEXT,
    measures         TEXT,
    next_target      INT,                  -- NULL: what the targets say
    support_need     TEXT,
    key_metrics      TEXT,                 -- a line each: code, target and actual as whole numbers, "-" where the targets or facts say it
    key_note         TEXT,                 -- what a sheet said of key metrics beside
    stated_actual    INT,
    stated_growth    INT,
    entered          INT,                  -- the month's remainder beside what its weeks' sheets brought
    entered_day      TEXT,
    frozen_target    INT,
    frozen_actual    INT,
    frozen_previous  INT,
    frozen_last_year INT,
    frozen_keys      TEXT,
    return_reason    TEXT,
    submitted_at     INT,
    writer_id        INT,
    reviewed_at      INT,
    reviewer_id      INT,
    version          INT NOT NULL,
    created_at       INT NOT NULL,
    created_by       INT,
    updated_at       INT NOT NULL,
    updated_by       INT
);
CREATE INDEX monthly_report__unit_month ON monthly_report (unit_id, month);
CREATE INDEX monthly_report__waiting ON monthly_report (unit_id, employee_id) WHERE state IN (1, 2);
