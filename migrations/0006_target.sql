-- Targets: by metric, fiscal year and whose. The months lie in versions; a revision is a set of versions that are decided on together.

CREATE TABLE target (
    id          ID,
    metric_id   INT NOT NULL REFERENCES metric (id),
    year        INT NOT NULL,              -- fiscal year, named by the calendar year in which it begins
    scope_kind  INT NOT NULL,              -- 0 unit 1 person 2 dimension
    scope_id    INT NOT NULL,
    floor       INT,                       -- never below, beside the three tiers (回款率 95 % for the company, 90 % at least for a rep)
    version     INT NOT NULL,
    created_at  INT NOT NULL,
    created_by  INT,
    updated_at  INT NOT NULL,
    updated_by  INT,
    CONSTRAINT target__scope_id UNIQUE (metric_id, year, scope_kind, scope_id)
);
CREATE INDEX target__scope ON target (scope_kind, scope_id);

CREATE TABLE target_revision (
    id           ID,
    metric_id    INT NOT NULL REFERENCES metric (id),
    year         INT NOT NULL,
    unit_id      INT NOT NULL,             -- the unit at the top of what is revised
    from_month   INT NOT NULL,             -- 1..12 of the fiscal year; earlier months stay as they were
    reason       TEXT NOT NULL,
    state        INT NOT NULL,             -- 0 submitted 1 approved 2 rejected 3 withdrawn
    submitted_by INT NOT NULL,             -- account
    submitted_at INT NOT NULL,
    decided_by   INT,
    decided_at   INT,
    decision     TEXT,
    version      INT NOT NULL,
    created_at   INT NOT NULL,
    created_by   INT,
    updated_at   INT NOT NULL,
    updated_by   INT
);

-- state: 0 draft (nobody's target yet) 1 in force or replaced by a later one 2 waits in its revision 3 not taken.
-- b: base, c: challenge, e: excellent; in the metric's smallest step (metric_whole).
CREATE TABLE target_version (
    id          ID,
    target_id   INT NOT NULL REFERENCES target (id),
    seq         INT NOT NULL,              -- 1 the original
    state       INT NOT NULL,
    revision_id INT REFERENCES target_revision (id),
    from_month  INT NOT NULL,
    b1 INT, b2 INT, b3 INT, b4 INT, b5 INT, b6 INT, b7 INT, b8 INT, b9 INT, b10 INT, b11 INT, b12 INT,
    c1 INT, c2 INT, c3 INT, c4 INT, c5 INT, c6 INT, c7 INT, c8 INT, c9 INT, c10 INT, c11 INT, c12 INT,
    e1 INT, e2 INT, e3 INT, e4 INT, e5 INT, e6 INT, e7 INT, e8 INT, e9 INT, e10 INT, e11 INT, e12 INT,
    created_at  INT NOT NULL,
    created_by  INT,
    CONSTRAINT target_version__seq UNIQUE (target_id, seq)
);
CREATE INDEX target_version__revision ON target_version (revision_id);
