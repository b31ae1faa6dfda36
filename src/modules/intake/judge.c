/* judge.c - what one row of a file says: the fact it makes, whom it names that nobody knows, or why it is refused. */
#include "base/i18n.h"
#include "modules/intake/intake_private.h"
#include <inttypes.h>
#include <openssl/sha.h>
#include <string.h>
#include <talloc.h>

static const char *cell(const char *const *cells, size_t count, int at) {
    return at >= 0 && (size_t)at < count ? cells[at] : "";
}

/* The first complaint about a row is the one that is shown. */
static void refuse(Ctx *c, Judged *j, const char *column, const char *msgid, const char *arg) {
    if (j->verdict == ROW_REFUSED) return;
    Msg m = {.id = msgid, .args = {arg ? text_cut(c->mem, arg, 60) : NULL}};
    j->verdict = ROW_REFUSED;
    j->column = column;
    j->message = msg_text(c->mem, c->lang, &m);
}

/* ---- days ---- */

static bool number(const char **s, int max_digits, int *ret) {
    int n = 0, digits = 0;
    for (; **s >= '0' && **s <= '9'; (*s)++, digits++)
        if (digits < max_digits) n = n * 10 + **s - '0';
    *ret = n;
    return digits > 0 && digits <= max_digits;
}

/* 3/1/2017 and its like, which date_parse leaves alone because only the file can say which number is the month. */
static bool day_parse(Ctx *c, const char *text, bool day_first, Date *ret) {
    if (date_parse(text, ret)) return true;
    const char *s = text_fold(c->mem, text_clean(c->mem, text));
    int a, b, year;
    char sign = 0;
    if (!number(&s, 2, &a) || !*s || !strchr("/-.", *s)) return false;
    sign = *s++;
    if (!number(&s, 2, &b) || *s++ != sign || !number(&s, 4, &year) || (*s && *s != ' ' && *s != 'T')) return false;
    if (year < 100) year += 2000;
    Date day = date_make(year, day_first ? b : a, day_first ? a : b);
    if (day == DATE_NONE) return false;
    *ret = day;
    return true;
}

static void judge_day(Ctx *c, const IntakePlan *plan, const IntakeMap *map, const char *text, Judged *j) {
    const char *heading = plan->columns[map->day].heading;
    if (!*text) refuse(c, j, heading, N_("There is no day"), NULL);
    else if (!day_parse(c, text, map->day_first, &j->fact.day)) refuse(c, j, heading, N_("“{1}” is not a day"), text);
    else if (j->fact.day < date_make(2000, 1, 1)) refuse(c, j, heading, N_("{1} lies too far back"), text);
    else if (j->fact.day > date_of_instant(c->now) + 1) refuse(c, j, heading, N_("{1} lies in the future"), text);
}

/* ---- what is counted ---- */

static bool fits(Ctx *c, const IntakeMap *map, int i, const char *const *cells, size_t count) {
    const FeedRule *rule = &map->rules.list[i];
    if (!rule->filter) return true;
    const char *value = names_fold(c->mem, cell(cells, count, map->rule[i].filter));
    bool is = false;
    for (int k = 0; k < rule->value_count && !is; k++) is = !strcmp(value, map->rule[i].folded[k]);
    return is != rule->is_not;
}

static int64_t value_of(Ctx *c, const IntakePlan *plan, const IntakeMap *map, int i, const char *const *cells, size_t count, Judged *j) {
    static const int64_t max_count = INT64_C(1000000000000000);
    int64_t n = INT_NONE;
    if (!map->rules.list[i].column) return 1;
    const char *text = cell(cells, count, map->rule[i].column), *heading = map->rule[i].column < 0 ? "" : plan->columns[map->rule[i].column].heading;
    if (!*text) return INT_NONE;
    if (map->rule[i].unit == UNIT_YUAN) {
        if (!money_parse(text, &n)) refuse(c, j, heading, N_("“{1}” is not an amount below 10^15 yuan"), text);
    } else if (!int_parse(text, &n) || n > max_count || n < -max_count)
        refuse(c, j, heading, N_("“{1}” is not a whole number"), text);
    return n;
}

/* Whether any metric takes the row, and with what. */
static bool judge_values(Ctx *c, const IntakePlan *plan, const IntakeMap *map, const char *const *cells, size_t count, int64_t *matched, Judged *j) {
    bool any = false;
    for (int i = 0; i < map->rules.count; i++) {
        if (!fits(c, map, i, cells, count)) continue;
        matched[i]++;
        int64_t n = value_of(c, plan, map, i, cells, count, j);
        if (map->rule[i].slot) j->fact.n[map->rule[i].slot - 1] = n;
        any = any || n != INT_NONE || j->verdict == ROW_REFUSED;
    }
    return any;
}

/* ---- who and what ---- */

static int64_t resolve(Ctx *c, const Names *names, NameKind kind, const char *text, Judged *j) {
    int64_t id = *text ? names_find(c, names, kind, text) : 0;
    if (*text && !id) j->unknown[kind] = text_cut(c->mem, text_clean(c->mem, text), INTAKE_KEY_LENGTH);
    return id;
}

static void judge_names(Ctx *c, const IntakePlan *plan, const IntakeMap *map, const Names *names, const char *const *cells, size_t count, Judged *j) {
    const char *person = cell(cells, count, map->person);
    j->fact.employee_id = resolve(c, names, NAME_PERSON, person, j);
    if (!*person) refuse(c, j, plan->columns[map->person].heading, N_("Nobody is named"), NULL);
    j->fact.region_id = resolve(c, names, NAME_REGION, cell(cells, count, map->dimensions[DIMENSION_REGION]), j);
    j->fact.product_id = resolve(c, names, NAME_PRODUCT, cell(cells, count, map->dimensions[DIMENSION_PRODUCT]), j);
    j->fact.customer_type_id = resolve(c, names, NAME_CUSTOMER_TYPE, cell(cells, count, map->dimensions[DIMENSION_CUSTOMER_TYPE]), j);
}

static const char *key_of(Ctx *c, const IntakeMap *map, const char *const *cells, size_t count) {
    Text *t = text_new(c->mem, 4 * SHEET_MAX_CELL);
    bool any = false;
    for (int i = 0; i < map->key_count; i++) {
        const char *part = text_clean(c->mem, cell(cells, count, map->keys[i]));
        if (i) text_add(t, " | ");
        text_add(t, part);
        any = any || *part;
    }
    return any ? t->data : "";
}

/* ---- digests ---- */

static const char *hash_of(Ctx *c, const Fact *f) {
    Text *t = text_new(c->mem, 8192);
    uint8_t digest[SHA256_DIGEST_LENGTH];
    text_addf(t, "%" PRId64 " %d %" PRId64 " %" PRId64 " %" PRId64, f->employee_id, f->day, f->region_id, f->product_id, f->customer_type_id);
    for (int i = 0; i < METRIC_SLOTS; i++)
        if (f->n[i] != INT_NONE) text_addf(t, " %d:%" PRId64, i + 1, f->n[i]);
    SHA256((const unsigned char *)t->data, t->len, digest);
    return text_base64url(c->mem, digest, 16);
}

static uint64_t said_by(Ctx *c, const IntakeMap *map, const char *const *cells, size_t count) {
    Text *t = text_new(c->mem, 64 * SHEET_MAX_CELL);
    uint8_t digest[SHA256_DIGEST_LENGTH];
    uint64_t n;
    const int fixed[] = {map->person, map->day, map->dimensions[0], map->dimensions[1], map->dimensions[2]};
    for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++) text_addf(t, "%s\x1f", cell(cells, count, fixed[i]));
    for (int i = 0; i < map->rules.count; i++) text_addf(t, "%s\x1f%s\x1f", cell(cells, count, map->rule[i].column), cell(cells, count, map->rule[i].filter));
    SHA256((const unsigned char *)t->data, t->len, digest);
    memcpy(&n, digest, sizeof n);
    return n;
}

void intake_judge(Ctx *c, const IntakePlan *plan, const IntakeMap *map, const Names *names, const char *const *cells, size_t count, int64_t *matched, Judged *j) {
    *j = (Judged){.verdict = ROW_FACT, .key = "", .hash = "", .column = ""};
    fact_init(&j->fact);
    j->fact.source = FACT_IMPORT;
    bool counts = judge_values(c, plan, map, cells, count, matched, j);
    if (!names) return;
    j->key = key_of(c, map, cells, count);
    j->said = said_by(c, map, cells, count);
    if (!counts) {
        j->verdict = ROW_NOTHING;
        return;
    }
    if (!*j->key) refuse(c, j, plan->columns[map->keys[0]].heading, N_("The key is empty"), NULL);
    else if (text_length(j->key) > INTAKE_KEY_LENGTH) refuse(c, j, plan->columns[map->keys[0]].heading, N_("The key is too long"), NULL);
    judge_day(c, plan, map, cell(cells, count, map->day), j);
    judge_names(c, plan, map, names, cells, count, j);
    bool waits = false;
    for (int k = 0; k < NAME_KINDS; k++) waits = waits || j->unknown[k];
    if (j->verdict == ROW_FACT && waits) j->verdict = ROW_WAITS;
    if (j->verdict == ROW_FACT) j->hash = hash_of(c, &j->fact);
}
