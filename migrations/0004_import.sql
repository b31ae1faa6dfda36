-- Import: an uploaded spreadsheet between its check and its import, and what came of it. Kept for some days, then removed.

CREATE TABLE import_job (
    id          ID,
    resource    TEXT NOT NULL,           -- table that the rows go to
    account_id  INT NOT NULL,            -- who uploaded it, and besides administrators the only one to see it
    filename    TEXT NOT NULL,
    sha256      TEXT NOT NULL,
    data        BLOB,                    -- the file; NULL once every row is imported
    mapping     TEXT NOT NULL,           -- field names by column, separated by commas
    mode        INT NOT NULL DEFAULT 0,  -- 0 nothing unless every row is good, 1 skip bad rows
    state       INT NOT NULL DEFAULT 0,  -- 0 waiting for its owner, 1 running, 2 done, 3 failed
    rows        INT NOT NULL,
    done        INT NOT NULL DEFAULT 0,  -- rows checked so far
    good        INT NOT NULL DEFAULT 0,
    bad         INT NOT NULL DEFAULT 0,
    added       INT NOT NULL DEFAULT 0,
    updated     INT NOT NULL DEFAULT 0,
    unchanged   INT NOT NULL DEFAULT 0,
    message     TEXT,
    errors      TEXT,                    -- JSON: {"count": n, "errors": [{"row", "column", "message"}]}
    created_at  INT NOT NULL,
    finished_at INT
);
CREATE INDEX import_job__created_at ON import_job (created_at);
