-- The organisation: units, people, posts, leave, the work calendar.

CREATE TABLE org_unit (
    id         ID,
    name       TEXT NOT NULL,
    kind       INT NOT NULL,               -- 0 company, 1 region, 2 team
    parent_id  INT REFERENCES org_unit (id),
    leader_id  INT,                        -- employee
    sort       INT NOT NULL DEFAULT 0,
    status     INT NOT NULL DEFAULT 0,     -- 0 active, 1 closed
    name_keys  TEXT NOT NULL DEFAULT '',   -- pinyin search keys and sort order
    version    INT NOT NULL,
    created_at INT NOT NULL,
    created_by INT,
    updated_at INT NOT NULL,
    updated_by INT
);
CREATE INDEX org_unit__parent ON org_unit (parent_id);
CREATE INDEX org_unit__leader ON org_unit (leader_id);

CREATE TABLE job_profile (
    id         ID,
    name       TEXT NOT NULL,
    duties     TEXT,
    version    INT NOT NULL,
    created_at INT NOT NULL,
    created_by INT,
    updated_at INT NOT NULL,
    updated_by INT,
    CONSTRAINT job_profile__name UNIQUE (name)
);

CREATE TABLE employee (
    id             ID,
    no             TEXT NOT NULL,          -- 工号
    name           TEXT NOT NULL,
    name_keys      TEXT NOT NULL DEFAULT '',
    unit_id        INT NOT NULL REFERENCES org_unit (id), -- today's main post
    job_profile_id INT REFERENCES job_profile (id),
    grade          TEXT,
    hired_on       TEXT,
    manager_id     INT REFERENCES employee (id),
    phone          TEXT,
    email          TEXT,
    region         TEXT,
    status         INT NOT NULL DEFAULT 0, -- 0 active, 1 left
    left_on        TEXT,
    version        INT NOT NULL,
    created_at     INT NOT NULL,
    created_by     INT,
    updated_at     INT NOT NULL,
    updated_by     INT,
    CONSTRAINT employee__no UNIQUE (no)
);
CREATE INDEX employee__unit ON employee (unit_id);
CREATE INDEX employee__name ON employee (name);

-- Where a person works, with effective dates: the main post decides the team of a day; others are 兼职.
CREATE TABLE post (
    id          ID,
    employee_id INT NOT NULL REFERENCES employee (id),
    unit_id     INT NOT NULL REFERENCES org_unit (id),
    main        INT NOT NULL,
    title       TEXT,
    first_day   TEXT NOT NULL,
    last_day    TEXT,                      -- NULL: until further notice
    note        TEXT,
    version     INT NOT NULL,
    created_at  INT NOT NULL,
    created_by  INT,
    updated_at  INT NOT NULL,
    updated_by  INT
);
CREATE INDEX post__employee ON post (employee_id, first_day);
CREATE INDEX post__unit ON post (unit_id);

CREATE TABLE leave_span (
    id          ID,
    employee_id INT NOT NULL REFERENCES employee (id),
    unit_id     INT NOT NULL,              -- team of the first day: whose lead sees it
    first_day   TEXT NOT NULL,
    last_day    TEXT NOT NULL,
    kind        INT NOT NULL,              -- 0 annual 1 sick 2 personal 3 other
    note        TEXT,
    version     INT NOT NULL,
    created_at  INT NOT NULL,
    created_by  INT,
    updated_at  INT NOT NULL,
    updated_by  INT
);
CREATE INDEX leave_span__employee ON leave_span (employee_id, first_day);

-- Exceptions from Monday to Friday. source: 0 the State Council's calendar, 1 the company's own.
CREATE TABLE calendar_day (
    id         ID,
    day        TEXT NOT NULL,
    kind       INT NOT NULL,               -- 0 work (调休), 1 rest
    name       TEXT NOT NULL,
    source     INT NOT NULL DEFAULT 1,
    version    INT NOT NULL,
    created_at INT NOT NULL,
    created_by INT,
    updated_at INT NOT NULL,
    updated_by INT,
    CONSTRAINT calendar_day__day UNIQUE (day)
);
