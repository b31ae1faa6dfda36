/* invoice_rules.h - which contracts a report names, and whether their invoice reminders came in time: text and days in, numbers out. */
#pragma once
#include "modules/target/key_action_rules.h"
#include <stddef.h>

enum { INVOICE_DAYS = 7, INVOICE_DAYS_MAX = 90, INVOICE_WARN_DAYS = 2, INVOICE_NUMBERS_MAX = 50 };

/* The contract numbers in what somebody typed, each once, in their order. Commas, semicolons and 、 part them; blanks do where every word has a
 * digit, so that "HT 2026" stays one number. Returns how many; in mem. */
size_t invoice_contract_numbers(void *mem, const char *typed, const char *ret[static INVOICE_NUMBERS_MAX]);

typedef struct InvoiceDue {
    Date signed_on, due_on, reminded_on; /* reminded_on DATE_NONE: not yet */
} InvoiceDue;
/* One contract: in time up to and with the day on which it is due. */
KeyActionState invoice_judge(const InvoiceDue *x, Date today);

typedef struct InvoiceCount {
    int64_t due, met, missed, open;
} InvoiceCount;
/* The contracts that are due within the window and were signed on first_day or later. */
InvoiceCount invoice_count(const InvoiceDue *list, size_t count, DaySpan window, Date first_day, Date today);
/* Missed if one was; met if all that are signed so far are; without any it does not count. */
KeyActionState invoice_judge_all(const InvoiceCount *n);
