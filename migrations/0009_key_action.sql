-- Key actions: measurable rules that check themselves, and their results by window. Tracking plans: who is followed daily, and why.

CREATE TABLE key_action (
    id               ID,
    name             TEXT NOT NULL,
    metric_id        INT NOT NULL REFERENCES metric (id),
    compare          INT NOT NULL,               -- 0 at least 1 at most 2 exactly
    amount           INT NOT NULL,               -- hundredths of the metric's unit
    window_kind      INT NOT NULL,               -- 0 day 1 week 2 month 3 quarter 4 working days
    window_days      INT,                        -- how many working days
    applies          INT NOT NULL,               -- 0 to one person, 1 to everybody in a unit
    employee_id      INT REFERENCES employee (id),
    unit_id          INT NOT NULL REFERENCES org_unit (id), -- the unit, or the person's
    shown_to         INT,                        -- the unit if it applies to everybody there
    target_metric_id INT REFERENCES metric (id), -- the target it is to help reach
    first_day        TEXT NOT NULL,
    last_day         TEXT,
    note             TEXT,
    active           INT NOT NULL,
    version          INT NOT NULL,
    created_at       INT NOT NULL,
    created_by       INT,
    updated_at       INT NOT NULL,
    updated_by       INT
);
CREATE INDEX key_action__unit ON key_action (unit_id);
CREATE INDEX key_action__employee ON key_action (employee_id);

CREATE TABLE key_action_result (
    id            ID,
    key_action_id INT NOT NULL REFERENCES key_action (id),
    employee_id   INT NOT NULL REFERENCES employee (id),
    unit_id       INT NOT NULL,
    first_day     TEXT NOT NULL,
    last_day      TEXT NOT NULL,
    needed        INT NOT NULL,                  -- in the metric's smallest step
    actual        INT NOT NULL,
    present       INT NOT NULL,                  -- working days without leave
    state         INT NOT NULL,                  -- 1 met 2 missed 3 does not count
    created_at    INT NOT NULL,
    updated_at    INT NOT NULL,
    CONSTRAINT key_action_result__first_day UNIQUE (key_action_id, employee_id, first_day)
);
CREATE INDEX key_action_result__employee ON key_action_result (employee_id, last_day);

CREATE TABLE tracking_plan (
    id            ID,
    name          TEXT NOT NULL,
    unit_id       INT NOT NULL REFERENCES org_unit (id),
    owner_id      INT NOT NULL REFERENCES employee (id),
    metric1_id    INT NOT NULL REFERENCES metric (id),
    metric2_id    INT REFERENCES metric (id),
    metric3_id    INT REFERENCES metric (id),
    metric4_id    INT REFERENCES metric (id),
    cycle         INT NOT NULL,                  -- 0 day 1 week 2 month
    under         INT NOT NULL,                  -- percent
    under_periods INT NOT NULL,
    good          INT NOT NULL,
    good_periods  INT NOT NULL,
    first_day     TEXT NOT NULL,
    active        INT NOT NULL,
    version       INT NOT NULL,
    created_at    INT NOT NULL,
    created_by    INT,
    updated_at    INT NOT NULL,
    updated_by    INT
);
CREATE INDEX tracking_plan__unit ON tracking_plan (unit_id);

-- One row for each ended period that was judged. What a period was judged to be stays, so that a decision can be understood later.
CREATE TABLE tracking_period (
    id               ID,
    tracking_plan_id INT NOT NULL REFERENCES tracking_plan (id),
    employee_id      INT NOT NULL,
    first_day        TEXT NOT NULL,
    last_day         TEXT NOT NULL,
    verdict          INT NOT NULL,               -- 0 unknown 1 behind 2 between 3 good
    metric_id        INT,                        -- the one furthest behind
    attainment       INT,                        -- its attainment, 1/10,000
    created_at       INT NOT NULL,
    CONSTRAINT tracking_period__first_day UNIQUE (tracking_plan_id, employee_id, first_day)
);

-- Level of a person in a plan from a day on; until_day NULL: now. Nobody who was never escalated has a row.
CREATE TABLE tracking_state (
    id               ID,
    tracking_plan_id INT NOT NULL REFERENCES tracking_plan (id),
    employee_id      INT NOT NULL REFERENCES employee (id),
    unit_id          INT NOT NULL,
    daily            INT NOT NULL,
    since_day        TEXT NOT NULL,
    until_day        TEXT,
    metric_id        INT,                        -- why: the metric, its attainment, how many periods
    attainment       INT,
    periods          INT NOT NULL,
    created_at       INT NOT NULL
);
CREATE INDEX tracking_state__person ON tracking_state (employee_id, tracking_plan_id);
