-- Boards and sheets that come by themselves: which page, in which form, when, and to whom. The files lie in the file store under their owner.

CREATE TABLE board_schedule (
    id          ID,
    name        TEXT NOT NULL,
    href        TEXT NOT NULL,             -- the page's address without its period: each run takes the one that has ended
    format      INT NOT NULL,              -- 0 spreadsheet 1 PDF
    every       INT NOT NULL,              -- 0 working day 1 Monday 2 first working day of the month
    hour        INT NOT NULL,
    active      INT NOT NULL,
    employee_id INT NOT NULL,              -- who gets it, with what this person may see
    account_id  INT NOT NULL,
    last_day    TEXT,                      -- of the last run
    problem     TEXT,                      -- why the last run failed; NULL if it did not
    version     INT NOT NULL,
    created_at  INT NOT NULL,
    created_by  INT,
    updated_at  INT NOT NULL,
    updated_by  INT
);
CREATE INDEX board_schedule__employee ON board_schedule (employee_id);
