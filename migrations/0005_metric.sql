-- Metrics: the dictionary, the facts, and their sums.
--
-- A metric that is counted lies in one of the columns n1..n40 of facts and sums (slot; the daily report has the first 24 of them too); one
-- that is computed has formulas with the day from which each holds.

CREATE TABLE metric (
    id          ID,
    code        TEXT NOT NULL,
    name        TEXT NOT NULL,              -- as people see it; shipped ones are msgids
    unit        INT NOT NULL,               -- 0 pieces 1 times 2 yuan 3 people 4 percent 5 days
    direction   INT NOT NULL DEFAULT 0,     -- 0 more is better, 1 less is better
    kind        INT NOT NULL DEFAULT 0,     -- 0 result 1 process 2 learning 3 health
    perspective INT NOT NULL DEFAULT 0,     -- 0 financial 1 customer 2 process 3 learning
    rollup      INT NOT NULL DEFAULT 0,     -- 0 sum 1 ratio of sums 2 maximum 3 inherited
    slot        INT,                        -- column; NULL when computed or inherited
    in_report   INT NOT NULL DEFAULT 0,     -- asked for in the daily report
    rule        INT NOT NULL DEFAULT 0,     -- of its entry: 0 none, 1 talking points for each, 2 contract number
    formula     TEXT,                       -- the newest, as people wrote it
    formula_from TEXT,
    definition  TEXT,
    sort        INT NOT NULL,
    active      INT NOT NULL DEFAULT 1,
    shipped     INT NOT NULL DEFAULT 0,
    version     INT NOT NULL,
    created_at  INT NOT NULL,
    created_by  INT,
    updated_at  INT NOT NULL,
    updated_by  INT,
    CONSTRAINT metric__code UNIQUE (code),
    CONSTRAINT metric__slot UNIQUE (slot)
);

INSERT INTO metric(code, name, unit, slot, in_report, rule, sort, active, shipped, version, created_at, updated_at)
    SELECT code, name, unit, slot, 1, rule, sort, active, shipped, version, created_at, updated_at FROM report_item ORDER BY id;
DROP TABLE report_item;

-- Formulas name metrics by code. The one that holds on the last day of a period gives the period's value.
CREATE TABLE metric_version (
    id         ID,
    metric_id  INT NOT NULL REFERENCES metric (id),
    valid_from TEXT NOT NULL,
    formula    TEXT NOT NULL,
    created_at INT NOT NULL,
    created_by INT,
    CONSTRAINT metric_version__metric_id UNIQUE (metric_id, valid_from)
);

-- What else a number can be told apart by: regions, product lines and products, kinds of customers. Each kind is a tree of its own.
CREATE TABLE dimension (
    id         ID,
    kind       INT NOT NULL,               -- 0 region 1 product 2 customer type
    name       TEXT NOT NULL,
    name_keys  TEXT NOT NULL DEFAULT '',
    parent_id  INT REFERENCES dimension (id),
    sort       INT NOT NULL DEFAULT 0,
    active     INT NOT NULL DEFAULT 1,
    version    INT NOT NULL,
    created_at INT NOT NULL,
    created_by INT,
    updated_at INT NOT NULL,
    updated_by INT,
    CONSTRAINT dimension__name UNIQUE (kind, name)
);

-- Who stands above whom in the tree of units, each unit above itself too. Kept by the org module with the tree.
CREATE TABLE unit_above (
    below_id INT NOT NULL,
    above_id INT NOT NULL,
    PRIMARY KEY (below_id, above_id)
);
CREATE INDEX unit_above__above ON unit_above (above_id, below_id);
INSERT INTO unit_above(below_id, above_id)
    WITH RECURSIVE up(below_id, above_id) AS (
        SELECT id, id FROM org_unit
        UNION ALL
        SELECT up.below_id, u.parent_id FROM up JOIN org_unit u ON u.id = up.above_id WHERE u.parent_id IS NOT NULL)
    SELECT below_id, above_id FROM up;

-- Facts: what one source says about one person and day. Never changed or removed: a correction is a row that reverses another, and a new one.
-- id = employee_id * 2^32 + day (days since 1970) * 2^12 + number within the day, so a person's month lies together.
CREATE TABLE fact (
    id               ID,
    employee_id      INT NOT NULL,
    unit_id          INT NOT NULL,         -- the person's team of that day
    day              TEXT NOT NULL,
    region_id        INT,
    product_id       INT,
    customer_type_id INT,
    source           INT NOT NULL,         -- 0 daily report, 1 import, 2 program
    source_id        INT NOT NULL,         -- the report, or the import's run
    source_row       INT,                  -- row of the imported file
    reverses         INT,                  -- the fact that this one takes back
    version          INT NOT NULL DEFAULT 1,
    created_at       INT NOT NULL,
    created_by       INT,
    updated_at       INT,
    updated_by       INT,
    n1 INT, n2 INT, n3 INT, n4 INT, n5 INT, n6 INT, n7 INT, n8 INT, n9 INT, n10 INT,
    n11 INT, n12 INT, n13 INT, n14 INT, n15 INT, n16 INT, n17 INT, n18 INT, n19 INT, n20 INT,
    n21 INT, n22 INT, n23 INT, n24 INT, n25 INT, n26 INT, n27 INT, n28 INT, n29 INT, n30 INT,
    n31 INT, n32 INT, n33 INT, n34 INT, n35 INT, n36 INT, n37 INT, n38 INT, n39 INT, n40 INT
);
CREATE INDEX fact__unit_day ON fact (unit_id, day);

-- Sums of facts by unit, by dimension and by person within a team. The id says whose and when: src/modules/metric/roll.h.
CREATE TABLE roll (
    id    ID,
    facts INT NOT NULL,                    -- how many stand in the sums
    n1 INT NOT NULL, n2 INT NOT NULL, n3 INT NOT NULL, n4 INT NOT NULL, n5 INT NOT NULL,
    n6 INT NOT NULL, n7 INT NOT NULL, n8 INT NOT NULL, n9 INT NOT NULL, n10 INT NOT NULL,
    n11 INT NOT NULL, n12 INT NOT NULL, n13 INT NOT NULL, n14 INT NOT NULL, n15 INT NOT NULL,
    n16 INT NOT NULL, n17 INT NOT NULL, n18 INT NOT NULL, n19 INT NOT NULL, n20 INT NOT NULL,
    n21 INT NOT NULL, n22 INT NOT NULL, n23 INT NOT NULL, n24 INT NOT NULL, n25 INT NOT NULL,
    n26 INT NOT NULL, n27 INT NOT NULL, n28 INT NOT NULL, n29 INT NOT NULL, n30 INT NOT NULL,
    n31 INT NOT NULL, n32 INT NOT NULL, n33 INT NOT NULL, n34 INT NOT NULL, n35 INT NOT NULL,
    n36 INT NOT NULL, n37 INT NOT NULL, n38 INT NOT NULL, n39 INT NOT NULL, n40 INT NOT NULL
);

-- Reports made before there were facts.
INSERT INTO fact(id, employee_id, unit_id, day, source, source_id, created_at, created_by,
        n1, n2, n3, n4, n5, n6, n7, n8, n9, n10, n11, n12, n13, n14, n15, n16, n17, n18, n19, n20, n21, n22, n23, n24)
    SELECT employee_id * 4294967296 + (id % 1048576) * 4096, employee_id, unit_id, day, 0, id, created_at, created_by,
        n1, n2, n3, n4, n5, n6, n7, n8, n9, n10, n11, n12, n13, n14, n15, n16, n17, n18, n19, n20, n21, n22, n23, n24
    FROM daily_report WHERE state > 0;
