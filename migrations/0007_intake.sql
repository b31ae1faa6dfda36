-- Data in: files of deals, orders or activity become facts by a saved mapping.

-- Which columns of a kind of file say who, when and what. Columns are named by their headings.
CREATE TABLE feed (
    id                   ID,
    name                 TEXT NOT NULL,
    person_column        TEXT NOT NULL,
    day_column           TEXT NOT NULL,
    key_columns          TEXT NOT NULL,            -- what tells one row from another; several are separated by commas
    product_column       TEXT,
    region_column        TEXT,
    customer_type_column TEXT,
    day_order            INT NOT NULL DEFAULT 0,   -- of days like 3/1/2017: 0 as the file shows, 1 month first, 2 day first
    rules                TEXT NOT NULL,            -- a line a metric: amount = sum close_value where deal_stage = Won
    folder_pattern       TEXT,                     -- files of the drop folder that are of this kind: orders-*.csv
    active               INT NOT NULL DEFAULT 1,
    version              INT NOT NULL,
    created_at           INT NOT NULL,
    created_by           INT,
    updated_at           INT NOT NULL,
    updated_by           INT,
    CONSTRAINT feed__name UNIQUE (name)
);

-- One file on its way in, and what came of it. Facts name it as their source.
CREATE TABLE feed_run (
    id          ID,
    feed_id     INT REFERENCES feed (id),          -- NULL until the columns are mapped
    filename    TEXT NOT NULL,
    sha256      TEXT NOT NULL,
    file_id     INT NOT NULL,
    account_id  INT,                               -- NULL: the drop folder
    origin      INT NOT NULL,                      -- 0 page 1 program 2 drop folder
    state       INT NOT NULL DEFAULT 0,            -- 0 to be confirmed 1 running 2 done 3 failed
    pass        INT NOT NULL DEFAULT 1,            -- counts how often the file was gone through
    rows        INT NOT NULL DEFAULT 0,
    last_row    INT NOT NULL DEFAULT 0,            -- number of the file's last row
    done        INT NOT NULL DEFAULT 0,            -- number of the last row that is committed
    good        INT NOT NULL DEFAULT 0,
    added       INT NOT NULL DEFAULT 0,            -- over all passes, and so is updated
    updated     INT NOT NULL DEFAULT 0,
    unchanged   INT NOT NULL DEFAULT 0,
    skipped     INT NOT NULL DEFAULT 0,            -- match no metric
    waiting     INT NOT NULL DEFAULT 0,            -- name somebody or something unknown
    bad         INT NOT NULL DEFAULT 0,
    errors      TEXT,                              -- the first ones, a line each: row TAB column TAB message
    message     TEXT,
    first_day   TEXT,                              -- of what was written
    last_day    TEXT,
    version     INT NOT NULL DEFAULT 1,
    created_at  INT NOT NULL,
    created_by  INT,
    updated_at  INT,
    updated_by  INT,
    started_at  INT,
    finished_at INT
);
CREATE INDEX feed_run__feed ON feed_run (feed_id);

-- What each key of a feed has become: the same row again changes nothing, another one under its key replaces it.
CREATE TABLE feed_key (
    id         ID,
    feed_id    INT NOT NULL,
    key        TEXT NOT NULL,
    hash       TEXT NOT NULL,                      -- of what the fact says; '' when the row says nothing any more
    fact_id    INT,
    run_id     INT NOT NULL,                       -- the run and row that said so last
    source_row INT NOT NULL,
    CONSTRAINT feed_key__key UNIQUE (feed_id, key)
);

-- What files call a person, product, region or kind of customer. Said once, by a person; holds for every file.
CREATE TABLE feed_alias (
    id           ID,
    kind         INT NOT NULL,                     -- 0 person 1 region 2 product 3 customer type
    name         TEXT NOT NULL,
    name_folded  TEXT NOT NULL,
    employee_id  INT REFERENCES employee (id),
    dimension_id INT REFERENCES dimension (id),
    version      INT NOT NULL,
    created_at   INT NOT NULL,
    created_by   INT,
    updated_at   INT NOT NULL,
    updated_by   INT,
    CONSTRAINT feed_alias__name UNIQUE (kind, name_folded)
);

-- Names of a run that nobody could tell, with how many rows wait for each.
CREATE TABLE feed_unknown (
    id     ID,
    run_id INT NOT NULL REFERENCES feed_run (id),
    kind   INT NOT NULL,
    name   TEXT NOT NULL,
    rows   INT NOT NULL,
    CONSTRAINT feed_unknown__name UNIQUE (run_id, kind, name)
);
