/* field_types.c - what each kind of field can do: read text, show itself, compare, become a Value. */
#include "base/i18n.h"
#include "resource/resource.h"
#include "service/lang.h"
#include <assert.h>
#include <string.h>
#include <talloc.h>

#define AT(T, row, f) (*(T *)((char *)(row) + (f)->offset))
#define CONST_AT(T, row, f) (*(T const *)((const char *)(row) + (f)->offset))

const char *kind_name(FieldKind k) {
    static const char *const names[] = {"end", "text", "textarea", "int", "money", "date", "time", "bool", "enum", "ref"};
    return names[k];
}

const char *field_column(const Field *f) {
    return f->column ? f->column : f->name;
}

const char *field_label(Ctx *c, const Field *f) {
    return f->label_text ? f->label_text : tr(c->lang, f->label);
}

const Field *field_find(const Field *fields, size_t n, const char *name) {
    for (size_t i = 0; i < n; i++)
        if (!strcmp(fields[i].name, name)) return &fields[i];
    return NULL;
}

Error *resource_fields(Ctx *c, const Resource *res, const Field **ret, size_t *ret_count) {
    if (res->fields_now) return res->fields_now(c, ret, ret_count);
    *ret = res->fields;
    for (*ret_count = 0; res->fields[*ret_count].kind != F_END; ++*ret_count) continue;
    return NULL;
}

void field_clear(const Field *f, void *row) {
    switch (f->kind) {
    case F_TEXT:
    case F_LONGTEXT: AT(const char *, row, f) = NULL; break;
    case F_INT: AT(int64_t, row, f) = INT_NONE; break;
    case F_MONEY: AT(Money, row, f) = MONEY_NONE; break;
    case F_DATE: AT(Date, row, f) = DATE_NONE; break;
    case F_TIME: AT(Instant, row, f) = INSTANT_NONE; break;
    case F_BOOL: AT(bool, row, f) = false; break;
    case F_ENUM: AT(int, row, f) = 0; break;
    case F_REF:
        AT(int64_t, row, f) = 0;
        *(const char **)((char *)row + f->title_offset) = NULL;
        break;
    case F_END: break;
    }
}

bool field_is_empty(const Field *f, const void *row) {
    switch (f->kind) {
    case F_TEXT:
    case F_LONGTEXT: return !CONST_AT(char *, row, f) || !*CONST_AT(char *, row, f);
    case F_INT:
    case F_MONEY: return CONST_AT(int64_t, row, f) == INT_NONE;
    case F_DATE: return CONST_AT(Date, row, f) == DATE_NONE;
    case F_TIME: return CONST_AT(Instant, row, f) == INSTANT_NONE;
    case F_REF: return !CONST_AT(int64_t, row, f);
    default: return false;
    }
}

bool field_equal(const Field *f, const void *a, const void *b) {
    switch (f->kind) {
    case F_TEXT:
    case F_LONGTEXT: {
        const char *x = CONST_AT(char *, a, f), *y = CONST_AT(char *, b, f);
        return !strcmp(x ? x : "", y ? y : "");
    }
    case F_BOOL: return CONST_AT(bool, a, f) == CONST_AT(bool, b, f);
    case F_ENUM: return CONST_AT(int, a, f) == CONST_AT(int, b, f);
    case F_DATE: return CONST_AT(Date, a, f) == CONST_AT(Date, b, f);
    case F_END: return true;
    default: return CONST_AT(int64_t, a, f) == CONST_AT(int64_t, b, f);
    }
}

void field_copy(const Field *f, const void *from, void *to) {
    switch (f->kind) {
    case F_TEXT:
    case F_LONGTEXT: AT(const char *, to, f) = CONST_AT(char *, from, f); break;
    case F_BOOL: AT(bool, to, f) = CONST_AT(bool, from, f); break;
    case F_ENUM: AT(int, to, f) = CONST_AT(int, from, f); break;
    case F_DATE: AT(Date, to, f) = CONST_AT(Date, from, f); break;
    case F_END: break;
    case F_REF: *(const char **)((char *)to + f->title_offset) = *(const char *const *)((const char *)from + f->title_offset); /* fall through */
    default: AT(int64_t, to, f) = CONST_AT(int64_t, from, f); break;
    }
}

/* ---- reading ---- */

static void parse_text(Ctx *c, const Field *f, const char *text, void *row, Error **errors) {
    size_t max = f->max ? (size_t)f->max : f->kind == F_TEXT ? 200 : 4000;
    if (text_length(text) > max) {
        err_add_field(c, errors, f->name, N_("At most {1} characters"), talloc_asprintf(c->mem, "%zu", max));
        return;
    }
    if (f->kind == F_TEXT && strchr(text, '\n')) {
        err_add_field(c, errors, f->name, N_("This must be a single line"));
        return;
    }
    AT(const char *, row, f) = text;
}

/* Bounds of a number or amount; whole numbers without a stated maximum end at 10^12. */
static bool in_bounds(Ctx *c, const Field *f, int64_t n, Error **errors) {
    char low[MONEY_TEXT], high[MONEY_TEXT];
    int64_t max = f->max ? f->max : f->kind == F_MONEY ? INT64_C(1000000000000000) : INT64_C(1000000000000);
    if (n >= f->min && n <= max) return true;
    f->kind == F_MONEY ? money_grouped(f->min, low) : int_grouped(f->min, low);
    f->kind == F_MONEY ? money_grouped(max, high) : int_grouped(max, high);
    err_add_field(c, errors, f->name, N_("This must be between {1} and {2}"), talloc_strdup(c->mem, low), talloc_strdup(c->mem, high));
    return false;
}

static void parse_enum(Ctx *c, const Field *f, const char *text, void *row, Error **errors) {
    for (int i = 0; f->codes[i]; i++)
        if (!strcmp(f->codes[i], text) || !strcmp(f->labels[i], text) || !strcmp(tr(c->lang, f->labels[i]), text) || !strcmp(tr(lang_get("zh_CN"), f->labels[i]), text)) {
            AT(int, row, f) = i;
            return;
        }
    err_add_field(c, errors, f->name, N_("Choose one of the offered values"));
}

/* Forms and programs send the id; a number or name works too. An import resolves its cells itself, since there a figure is a number. */
static Error *find_target(Ctx *c, const Field *f, const char *text, int64_t *ret_id) {
    bool there = false;
    if (strlen(text) < 18 && strspn(text, "0123456789") == strlen(text) && int_parse(text, ret_id)) TRY(resource_exists(c, f->target, *ret_id, &there));
    return there ? NULL : resource_resolve(c, f->target, text, ret_id);
}

static void parse_ref(Ctx *c, const Field *f, const char *text, void *row, Error **errors) {
    int64_t id = 0;
    Error *e = find_target(c, f, text, &id);
    if (e)
        err_add_field(c, errors, f->name, N_("This could not be looked up"));
    else if (id < 0)
        err_add_field(c, errors, f->name, N_("There are several entries called “{1}”; use the number"), text);
    else if (!id)
        err_add_field(c, errors, f->name, N_("There is no “{1}”"), text_cut(c->mem, text, 60));
    else
        AT(int64_t, row, f) = id;
}

static void parse_bool(Ctx *c, const Field *f, const char *text, void *row, Error **errors) {
    static const char *const yes[] = {"1", "on", "true", "yes", "是", "y", "√", NULL}, *const no[] = {"0", "off", "false", "no", "否", "n", "×", NULL};
    text = text_fold(c->mem, text); /* an export says "Yes" and "No" */
    for (int i = 0; yes[i]; i++)
        if (!strcmp(yes[i], text)) {
            AT(bool, row, f) = true;
            return;
        }
    for (int i = 0; no[i]; i++)
        if (!strcmp(no[i], text)) {
            AT(bool, row, f) = false;
            return;
        }
    err_add_field(c, errors, f->name, N_("Write yes or no"));
}

void field_parse(Ctx *c, const Field *f, const char *raw, void *row, Error **errors) {
    const char *text = text_clean(c->mem, raw);
    int64_t n;
    Date day;
    if (!*text) {
        field_clear(f, row);
        return;
    }
    switch (f->kind) {
    case F_TEXT:
    case F_LONGTEXT: parse_text(c, f, text, row, errors); return;
    case F_INT:
        if (!int_parse(text, &n))
            err_add_field(c, errors, f->name, N_("Write a whole number"));
        else if (in_bounds(c, f, n, errors))
            AT(int64_t, row, f) = n;
        return;
    case F_MONEY:
        if (!money_parse(text, &n))
            err_add_field(c, errors, f->name, N_("Write an amount in yuan with at most two decimals, such as 25000.00"));
        else if (in_bounds(c, f, n, errors))
            AT(Money, row, f) = n;
        return;
    case F_DATE:
        if (date_parse(text, &day))
            AT(Date, row, f) = day;
        else
            err_add_field(c, errors, f->name, N_("Write a date such as 2026-01-02"));
        return;
    case F_ENUM: parse_enum(c, f, text, row, errors); return;
    case F_REF: parse_ref(c, f, text, row, errors); return;
    case F_BOOL: parse_bool(c, f, text, row, errors); return;
    case F_TIME:
    case F_END: return;
    }
}

/* ---- showing ---- */

const Field *resource_title_field(const Resource *res) {
    for (const Field *f = res->fields; f->kind != F_END; f++)
        if (res->title_field ? !strcmp(f->name, res->title_field) : (f->flags & PRIMARY) != 0) return f;
    return NULL;
}

const char *field_ref_title(Ctx *c, const Field *f, const void *row) {
    const char *title = *(const char *const *)((const char *)row + f->title_offset);
    const Field *names = resource_title_field(f->target);
    return title && names && names->flags & TRANSLATED ? tr(c->lang, title) : title;
}

static const char *show(Ctx *c, const Field *f, const void *row, bool people) {
    char buf[MONEY_TEXT];
    if (field_is_empty(f, row)) return "";
    switch (f->kind) {
    case F_TEXT:
    case F_LONGTEXT: return people && f->flags & TRANSLATED ? tr(c->lang, CONST_AT(char *, row, f)) : CONST_AT(char *, row, f);
    case F_INT:
        if (!people) return talloc_asprintf(c->mem, "%lld", (long long)CONST_AT(int64_t, row, f));
        return talloc_strdup(c->mem, int_grouped(CONST_AT(int64_t, row, f), buf));
    case F_MONEY: return talloc_strdup(c->mem, people ? money_grouped(CONST_AT(Money, row, f), buf) : money_plain(CONST_AT(Money, row, f), buf));
    case F_DATE: return talloc_strdup(c->mem, date_text(CONST_AT(Date, row, f), buf));
    case F_TIME: {
        char when[INSTANT_TEXT];
        return talloc_strdup(c->mem, people ? instant_local(CONST_AT(Instant, row, f), when) : instant_text(CONST_AT(Instant, row, f), when));
    }
    case F_BOOL: return people ? tr(c->lang, CONST_AT(bool, row, f) ? N_("Yes") : N_("No")) : CONST_AT(bool, row, f) ? "1" : "0";
    case F_ENUM: return people ? tr(c->lang, f->labels[CONST_AT(int, row, f)]) : f->codes[CONST_AT(int, row, f)];
    case F_REF: {
        const char *title = field_ref_title(c, f, row);
        return people && title ? title : talloc_asprintf(c->mem, "%lld", (long long)CONST_AT(int64_t, row, f));
    }
    case F_END: break;
    }
    return "";
}

const char *field_show(Ctx *c, const Field *f, const void *row) {
    return show(c, f, row, true);
}
const char *field_plain(Ctx *c, const Field *f, const void *row) {
    return show(c, f, row, false);
}

Value field_value(const Field *f, const void *row) {
    if (field_is_empty(f, row)) return f->kind == F_TEXT || f->kind == F_LONGTEXT ? value_text("") : value_null();
    switch (f->kind) {
    case F_TEXT:
    case F_LONGTEXT: return value_text(CONST_AT(char *, row, f));
    case F_MONEY: return value_money(CONST_AT(Money, row, f));
    case F_DATE: return value_date(CONST_AT(Date, row, f));
    case F_TIME: return value_time(CONST_AT(Instant, row, f));
    case F_BOOL: return value_bool(CONST_AT(bool, row, f));
    case F_ENUM: return value_text(f->codes[CONST_AT(int, row, f)]);
    default: return value_int(CONST_AT(int64_t, row, f));
    }
}

static Value member_value(const void *row, const Member *m) {
    return field_value(m->arg, row);
}
static Value member_title(const void *row, const Member *m) {
    return value_text(*(const char *const *)((const char *)row + ((const Field *)m->arg)->title_offset));
}

const Shape *resource_shape(Ctx *c, const Resource *res, const Field *fields, size_t n) {
    (void)res;
    Member *members = talloc_zero_array(c->mem, Member, 2 * n + 4);
    size_t k = 0;
    members[k++] = (Member){.name = "id", .kind = M_INT64, .offset = offsetof(ResourceRow, id)};
    members[k++] = (Member){.name = "version", .kind = M_INT64, .offset = offsetof(ResourceRow, version)};
    for (size_t i = 0; i < n; i++) {
        const Field *f = &fields[i];
        if (f->flags & INTERNAL) continue;
        members[k++] = (Member){.name = f->name, .kind = M_CALL, .call = member_value, .arg = f};
        if (f->kind == F_REF) members[k++] = (Member){.name = f->title_name, .kind = M_CALL, .call = member_title, .arg = f};
    }
    Shape *shape = talloc(c->mem, Shape);
    *shape = (Shape){.members = members, .count = k};
    return shape;
}
