-- Objectives and key results: what somebody wants to reach in a cycle, measured by the same metrics as targets.

CREATE TABLE objective (
    id                   ID,
    title                TEXT NOT NULL,
    note                 TEXT,
    level                INT NOT NULL,           -- 0 of a person, 1 of a unit
    employee_id          INT NOT NULL REFERENCES employee (id), -- who answers for it
    unit_id              INT NOT NULL REFERENCES org_unit (id), -- the unit, or the person's
    shown_to             INT,                    -- everybody of this unit and below sees it; NULL: those of the scope only
    cycle                INT NOT NULL,           -- 0 month 1 two months 2 quarter 3 half 4 year
    first_day            TEXT NOT NULL,
    last_day             TEXT NOT NULL,
    parent_id            INT REFERENCES objective (id),
    parent_key_result_id INT,                    -- one of the parent's
    state                INT NOT NULL,           -- 0 draft 1 active 2 closed
    version              INT NOT NULL,
    created_at           INT NOT NULL,
    created_by           INT,
    updated_at           INT NOT NULL,
    updated_by           INT
);
CREATE INDEX objective__employee ON objective (employee_id, last_day);
CREATE INDEX objective__unit ON objective (unit_id, last_day);
CREATE INDEX objective__parent ON objective (parent_id);

-- start_value, target_value and typed_value are hundredths of the unit: of a yuan, of a percent, of a piece.
CREATE TABLE key_result (
    id            ID,
    objective_id  INT NOT NULL REFERENCES objective (id),
    title         TEXT NOT NULL,
    source        INT NOT NULL,                  -- 0 a metric, 1 typed in
    metric_id     INT REFERENCES metric (id),
    whose         INT NOT NULL,                  -- 0 of the objective's person, 1 of its unit
    start_value   INT NOT NULL,
    target_value  INT NOT NULL,
    typed_value   INT,
    unit_name     TEXT,                          -- of typed values
    evidence      TEXT,
    weight        INT NOT NULL,
    confidence    INT,                           -- 0..10, of the last check-in
    checked_on    TEXT,
    score         INT,                           -- hundredths, 0..100
    score_note    TEXT,
    employee_id   INT NOT NULL,                  -- of the objective, as the next two
    unit_id       INT NOT NULL,
    shown_to      INT,
    version       INT NOT NULL,
    created_at    INT NOT NULL,
    created_by    INT,
    updated_at    INT NOT NULL,
    updated_by    INT
);
CREATE INDEX key_result__objective ON key_result (objective_id);

CREATE TABLE check_in (
    id            ID,
    key_result_id INT NOT NULL REFERENCES key_result (id),
    day           TEXT NOT NULL,
    confidence    INT NOT NULL,
    progress      INT,                           -- of that day, 1/10,000; NULL if unknown
    comment       TEXT,
    created_at    INT NOT NULL,
    created_by    INT
);
CREATE INDEX check_in__key_result ON check_in (key_result_id, id);
