/* invoice.h - invoice reminders inside the target module: one row a contract, made from daily reports. */
#pragma once
#include "modules/module.h"
#include "modules/target/invoice_rules.h"

/* The most urgent first: the order of the list. Only reminded_on and the days are stored. */
typedef enum InvoiceState { INVOICE_OVERDUE, INVOICE_SOON, INVOICE_OPEN, INVOICE_SENT, INVOICE_SENT_LATE } InvoiceState;
typedef struct InvoiceReminder {
    RESOURCE_ROW;
    const char *contract_no, *employee_name, *unit_name, *note;
    int64_t employee_id, unit_id, report_id, told;
    Money amount;
    Date signed_on, due_on, warn_on, reminded_on;
    int state, sending;
} InvoiceReminder;

extern const Resource invoice_reminder_resource;
extern const Route invoice_routes[];

/* What somebody still has to send, most urgent first: [{id, version, href, contract_no, amount, ...}]. */
Error *invoice_open_list(Ctx *c, int64_t employee_id, Value *ret_list) MUST_USE;
/* In a transaction: messages about contracts go away once none of those that were told of is open. */
Error *invoice_settle(Ctx *c, int64_t employee_id) MUST_USE;
/* Part of the nightly job: tells each person once on the day before it is due, and once when it is overdue. */
Error *invoice_tell(Ctx *c) MUST_USE;
