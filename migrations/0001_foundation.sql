-- Foundation: settings, accounts, sessions, audit, jobs, notices, files.
-- Five type words (ID INT REAL TEXT BLOB) serve both engines; see src/db/migrate.c.

CREATE TABLE setting (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
);

CREATE TABLE account (
    id            ID,
    login         TEXT NOT NULL,           -- lower case
    name          TEXT NOT NULL,
    employee_id   INT,                     -- who logs in with it; NULL for a purely technical account
    roles         INT NOT NULL,            -- bits of service/access.h
    scope         INT,                     -- data scope if not the roles' own
    status        INT NOT NULL DEFAULT 0,  -- 0 active, 1 disabled
    password_hash TEXT,                    -- argon2id PHC string; NULL until the owner has set one
    must_change   INT NOT NULL DEFAULT 0,
    invite_hash   TEXT,                    -- SHA-256 of a one-time link to set the password
    invite_until  INT,
    totp_secret   TEXT,                    -- base32; NULL when the second step is off
    totp_last     INT NOT NULL DEFAULT 0,  -- time step of the last code used: each code works once
    totp_recovery TEXT,                    -- SHA-256 of unused recovery codes, one a line
    lang          TEXT NOT NULL DEFAULT '',
    demo          INT NOT NULL DEFAULT 0,
    version       INT NOT NULL DEFAULT 1,
    created_at    INT NOT NULL,
    created_by    INT,
    updated_at    INT NOT NULL,
    updated_by    INT,
    CONSTRAINT account__login UNIQUE (login),
    CONSTRAINT account__employee_id UNIQUE (employee_id)
);

CREATE TABLE session (
    id         ID,
    token_hash TEXT NOT NULL,              -- SHA-256 of the cookie
    account_id INT NOT NULL REFERENCES account (id),
    created_at INT NOT NULL,
    seen_at    INT NOT NULL,               -- written at most every few minutes
    ends_at    INT NOT NULL,               -- absolute limit
    idle       INT NOT NULL,               -- microseconds of inactivity it survives
    address    TEXT NOT NULL,
    agent      TEXT NOT NULL,
    CONSTRAINT session__token_hash UNIQUE (token_hash)
);
CREATE INDEX session__account ON session (account_id);

CREATE TABLE api_token (
    id           ID,
    account_id   INT NOT NULL REFERENCES account (id),
    name         TEXT NOT NULL,
    token_hash   TEXT NOT NULL,
    created_at   INT NOT NULL,
    last_used_at INT,
    CONSTRAINT api_token__token_hash UNIQUE (token_hash)
);
CREATE INDEX api_token__account ON api_token (account_id);

-- Units an account may see beyond its own rows: kept by the org module, read by every scope.
CREATE TABLE visible_unit (
    account_id INT NOT NULL,
    unit_id    INT NOT NULL,
    PRIMARY KEY (account_id, unit_id)
);

CREATE TABLE audit (
    id         ID,
    at         INT NOT NULL,
    actor_id   INT NOT NULL,               -- account; 0 for the system
    actor_name TEXT NOT NULL,
    action     TEXT NOT NULL,              -- create update delete approve log_in export ...
    object     TEXT NOT NULL,              -- table name, or a subject such as "session"
    object_id  INT NOT NULL,
    changes    TEXT NOT NULL,              -- JSON: {"field": [before, after], ...}
    address    TEXT NOT NULL,
    request_id TEXT NOT NULL
);
CREATE INDEX audit__object ON audit (object, object_id);

CREATE TABLE audit_block (
    id        ID,
    first_id  INT NOT NULL,
    last_id   INT NOT NULL,
    rows      INT NOT NULL,
    previous  TEXT NOT NULL,
    hash      TEXT NOT NULL,
    sealed_at INT NOT NULL
);

CREATE TABLE job (
    id         ID,
    kind       TEXT NOT NULL,
    arg        INT NOT NULL,
    due_at     INT NOT NULL,
    unique_key TEXT,                       -- at most one such job at a time
    claimed_by TEXT,
    claimed_at INT,
    attempts   INT NOT NULL DEFAULT 0,
    parked     INT NOT NULL DEFAULT 0,     -- given up; an administrator may restart it
    error      TEXT,
    CONSTRAINT job__unique_key UNIQUE (unique_key)
);
CREATE INDEX job__due ON job (due_at);

CREATE TABLE notice (
    id         ID,
    account_id INT NOT NULL REFERENCES account (id),
    kind       TEXT NOT NULL,
    message    TEXT NOT NULL,              -- msgid
    arg1       TEXT,
    arg2       TEXT,
    href       TEXT NOT NULL,
    created_at INT NOT NULL,
    read_at    INT
);
CREATE INDEX notice__account ON notice (account_id, id);

CREATE TABLE file (
    id         ID,
    sha256     TEXT NOT NULL,              -- where the bytes lie in the file store
    name       TEXT NOT NULL,
    type       TEXT NOT NULL,
    size       INT NOT NULL,
    owner_id   INT NOT NULL,               -- account that uploaded it
    object     TEXT NOT NULL,              -- what it belongs to: who may see that may see the file
    object_id  INT NOT NULL,
    created_at INT NOT NULL
);
CREATE INDEX file__object ON file (object, object_id);

-- Columns a person has chosen for a list.
CREATE TABLE list_choice (
    account_id INT NOT NULL,
    resource   TEXT NOT NULL,
    columns    TEXT NOT NULL,
    PRIMARY KEY (account_id, resource)
);
