-- Invoice reminders: each contract that a daily report names is to be invoiced soon, and the key action that says how soon.

-- kind: 0 so much of a metric in each window, 1 invoice reminders in time; within_days of kind 1: calendar days after signing.
ALTER TABLE key_action ADD COLUMN kind INT NOT NULL DEFAULT 0;
ALTER TABLE key_action ADD COLUMN within_days INT;

CREATE TABLE invoice_reminder (
    id          ID,
    employee_id INT NOT NULL REFERENCES employee (id),
    unit_id     INT NOT NULL REFERENCES org_unit (id), -- the person's team when the contract was signed
    contract_no TEXT NOT NULL,
    signed_on   TEXT NOT NULL,
    amount      INT NOT NULL,                          -- part of its report's amount, in hundredths of a yuan
    due_on      TEXT NOT NULL,                         -- the last day on which it is in time
    warn_on     TEXT NOT NULL,                         -- from then on it is urgent
    reminded_on TEXT,
    note        TEXT,
    report_id   INT NOT NULL,                          -- the daily report that named it first
    told        INT NOT NULL,                          -- 0 nothing yet 1 that it is due tomorrow 2 that it is overdue
    version     INT NOT NULL,
    created_at  INT NOT NULL,
    created_by  INT,
    updated_at  INT NOT NULL,
    updated_by  INT,
    CONSTRAINT invoice_reminder__contract UNIQUE (employee_id, contract_no)
);
CREATE INDEX invoice_reminder__employee_due ON invoice_reminder (employee_id, due_on);
CREATE INDEX invoice_reminder__unit ON invoice_reminder (unit_id);
-- A person's question on every page, and the night's: what is still to be done, which is little.
CREATE INDEX invoice_reminder__open ON invoice_reminder (employee_id, warn_on) WHERE reminded_on IS NULL;
