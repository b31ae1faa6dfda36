/* invoice_rules.c - contract numbers as people type them, and verdicts on invoice reminders. */
#include "modules/target/invoice_rules.h"
#include "base/text.h"
#include <string.h>
#include <talloc.h>

/* How many bytes at s part two contract numbers; 0 if none do. */
static size_t mark_at(const char *s) {
    static const char *const marks[] = { ",", ";", "\n", "，", "；", "、" };
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        if (text_starts(s, marks[i])) return strlen(marks[i]);
    return 0;
}

static size_t blank_at(const char *s) {
    return *s == ' ' || *s == '\t' ? 1 : text_starts(s, "\u3000") ? 3 : 0;
}

static bool has_digit(const char *s, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (s[i] >= '0' && s[i] <= '9') return true;
    return false;
}

static size_t word_length(const char *s) {
    size_t n = 0;
    while (s[n] && !blank_at(s + n)) n++;
    return n;
}

static bool every_word_has_a_digit(const char *s) {
    for (; *s; s += word_length(s)) {
        while (blank_at(s)) s += blank_at(s);
        if (*s && !has_digit(s, word_length(s))) return false;
    }
    return true;
}

static size_t add_number(void *mem, const char *s, size_t n, const char **ret, size_t count) {
    const char *number = text_clean(mem, talloc_strndup(mem, s, n));
    if (!*number || count == INVOICE_NUMBERS_MAX) return count;
    for (size_t i = 0; i < count; i++)
        if (!strcmp(ret[i], number)) return count;
    ret[count] = number;
    return count + 1;
}

size_t invoice_contract_numbers(void *mem, const char *typed, const char *ret[static INVOICE_NUMBERS_MAX]) {
    size_t count = 0;
    for (const char *s = typed ? typed : ""; *s;) {
        size_t n = 0;
        while (s[n] && !mark_at(s + n)) n++;
        const char *part = talloc_strndup(mem, s, n);
        if (!every_word_has_a_digit(part)) count = add_number(mem, part, n, ret, count);
        else
            for (const char *w = part; *w; w += word_length(w)) {
                while (blank_at(w)) w += blank_at(w);
                count = add_number(mem, w, word_length(w), ret, count);
            }
        s += n + mark_at(s + n);
    }
    return count;
}

KeyActionState invoice_judge(const InvoiceDue *x, Date today) {
    return key_action_judge_elapsed(x->due_on, 0, x->reminded_on, today);
}

InvoiceCount invoice_count(const InvoiceDue *list, size_t count, DaySpan window, Date first_day, Date today) {
    InvoiceCount n = { 0 };
    for (size_t i = 0; i < count; i++) {
        const InvoiceDue *x = &list[i];
        if (x->due_on < window.first || x->due_on > window.last || x->signed_on < first_day) continue;
        KeyActionState state = invoice_judge(x, today);
        n.due++;
        n.met += state == KEY_ACTION_MET;
        n.missed += state == KEY_ACTION_MISSED;
        n.open += state == KEY_ACTION_RUNNING;
    }
    return n;
}

KeyActionState invoice_judge_all(const InvoiceCount *n) {
    if (!n->due) return KEY_ACTION_EXCUSED;
    if (n->missed) return KEY_ACTION_MISSED;
    return n->open ? KEY_ACTION_RUNNING : KEY_ACTION_MET;
}
