/* target_change.c - reads changed cells from JSON or a form, and holds them against what is stored. */
#include "modules/target/target_change.h"
#include "base/i18n.h"
#include <string.h>
#include <talloc.h>

typedef struct Reading {
    Req *r;
    const Grid *g;
    CellChanges *to;
    Error *errors;
} Reading;

static CellChange *append(Reading *x) {
    CellChanges *to = x->to;
    if (!(to->count & (to->count - 1))) to->list = talloc_realloc(x->r->c.mem, to->list, CellChange, to->count ? (unsigned)to->count * 2 : 1);
    CellChange *cell = &to->list[to->count++];
    *cell = (CellChange){.tier = x->g->tier, .value = INT_NONE, .base = INT_NONE};
    return cell;
}

/* ---- JSON: {"cells": [{"scope": "p5", "month": 3, "value": "50万", "base": "40万", "tier": "base"}]} ---- */

static const char *text_of(Ctx *c, const json_t *v) {
    if (json_is_string(v)) return json_string_value(v);
    if (json_is_integer(v)) return talloc_asprintf(c->mem, "%lld", (long long)json_integer_value(v));
    if (json_is_real(v)) return talloc_asprintf(c->mem, "%.15g", json_real_value(v)); /* 13 digits of yuan and two decimals fit */
    return v && !json_is_null(v) ? "?" : "";
}

static const char *read_place(Reading *x, const json_t *o, CellChange *cell) {
    const char *tier = json_string_value(json_object_get(o, "tier")), *month = text_of(&x->r->c, json_object_get(o, "month"));
    int64_t n = 0;
    if (!target_key_read(json_string_value(json_object_get(o, "scope")), &cell->scope)) return N_("There is no such unit, person or member");
    if (tier) {
        int code = target_code_find(target_tier_codes, tier);
        if (code < 0) return N_("Choose one of the offered values");
        cell->tier = (TargetTier)code;
    }
    bool floor = !strcmp(month, "floor");
    if (!floor && (!int_parse(month, &n) || n < 1 || n > TARGET_MONTHS)) return N_("A month is 1 to 12, or “floor”");
    cell->month = floor ? TARGET_FLOOR : (int)n - 1;
    return NULL;
}

static void read_object(Reading *x, const json_t *o, size_t i) {
    Ctx *c = &x->r->c;
    CellChange *cell = append(x);
    const json_t *base = json_object_get(o, "base");
    cell->field = talloc_asprintf(c->mem, "cells[%zu]", i);
    const char *why = read_place(x, o, cell);
    if (!why) why = target_cell_read(c, x->g->m, text_of(c, json_object_get(o, "value")), &cell->value);
    if (!why && base) {
        cell->has_base = true;
        why = target_cell_read(c, x->g->m, text_of(c, base), &cell->base);
    }
    if (why) err_add_field(c, &x->errors, cell->field, why);
}

/* ---- forms: c.p5.3=..., f.p5=..., base.p5=1,2,...,12,floor ---- */

static const char *base_at(Reading *x, const char *key, int place) {
    const char *s = req_form(x->r, talloc_asprintf(x->r->c.mem, "base.%s", key));
    for (int i = 0; s && i < place; i++) s = strchr(s, ',') ? strchr(s, ',') + 1 : NULL;
    return s ? talloc_strndup(x->r->c.mem, s, strcspn(s, ",")) : NULL;
}

/* "c.p5.3" or "f.p5"; false for other names. */
static bool read_name(Ctx *c, const char *name, char **ret_key, int *ret_place) {
    int64_t n;
    if (text_starts(name, "f.")) {
        *ret_key = talloc_strdup(c->mem, name + 2);
        *ret_place = TARGET_FLOOR;
        return true;
    }
    const char *dot = text_starts(name, "c.") ? strrchr(name + 2, '.') : NULL;
    if (!dot || !int_parse(dot + 1, &n) || n < 1 || n > TARGET_MONTHS) return false;
    *ret_key = talloc_strndup(c->mem, name + 2, (size_t)(dot - name - 2));
    *ret_place = (int)n - 1;
    return true;
}

static void read_pair(Reading *x, const Pair *p) {
    Ctx *c = &x->r->c;
    CellChange cell = {.tier = x->g->tier, .field = p->name};
    char *key;
    if (!read_name(c, p->name, &key, &cell.month)) return;
    const char *why = target_key_read(key, &cell.scope) ? NULL : N_("There is no such unit, person or member"), *base = base_at(x, key, cell.month);
    if (!why) why = target_cell_read(c, x->g->m, p->value, &cell.value);
    if (!why && base) {
        cell.has_base = true;
        why = target_cell_read(c, x->g->m, base, &cell.base);
    }
    if (why) err_add_field(c, &x->errors, cell.field, why);
    else if (!cell.has_base || cell.value != cell.base) *append(x) = cell;
}

Error *target_changes_read(Req *r, const Grid *g, CellChanges *ret) {
    Ctx *c = &r->c;
    Reading x = {.r = r, .g = g, .to = ret};
    *ret = (CellChanges){.metric = g->m, .year = g->year};
    const json_t *cells = r->json ? json_object_get(r->json, "cells") : NULL;
    if (r->json && !json_is_array(cells)) return err_field(c, "cells", N_("Give the changed cells as a list"));
    if (cells && json_array_size(cells) > CELLS_MAX) return err_too_large(c, N_("At most {1} cells at once"), "5000");
    for (size_t i = 0; i < json_array_size(cells); i++) read_object(&x, json_array_get(cells, i), i);
    for (const Pair *p = r->json ? NULL : r->form; p; p = p->next) read_pair(&x, p);
    if (x.errors) x.errors->message = (Msg){.id = N_("Some cells are not right; nothing was saved")};
    return x.errors;
}

/* ---- against what is stored ---- */

static int64_t stored_at(const Target *t, const CellChange *cell) {
    if (cell->month == TARGET_FLOOR) return t->floor;
    return t->inherited ? INT_NONE : t->months.n[cell->tier][cell->month];
}

Error *target_changes_check(Ctx *c, CellChanges *changes, TargetView view) {
    Error *conflicts = NULL;
    Target t = {0};
    for (size_t i = 0; i < changes->count; i++) {
        CellChange *cell = &changes->list[i];
        bool same = i && cell->scope.kind == cell[-1].scope.kind && cell->scope.id == cell[-1].scope.id, may_set;
        const char *name;
        if (!same) {
            TRY(target_scope_name(c, cell->scope, &name));
            TRY(target_may_set(c, cell->scope, &may_set));
            if (!may_set) return err_denied(c, N_("The target of {1} is set by whoever leads the unit above"), name);
            TRY(target_load(c, changes->metric, changes->year, cell->scope, view, &t));
        }
        cell->stored = stored_at(&t, cell);
        cell->conflict = cell->has_base && cell->stored != cell->base && cell->stored != cell->value;
        if (!cell->conflict) continue;
        if (!conflicts) conflicts = err_conflict(c, N_("Somebody else has changed these cells meanwhile; nothing was saved"));
        err_add_field(c, &conflicts, cell->field, N_("Now {1}, you wrote {2}"), cell->stored == INT_NONE ? "—" : target_cell_text(c, changes->metric, cell->stored),
                      cell->value == INT_NONE ? "—" : target_cell_text(c, changes->metric, cell->value));
    }
    return conflicts;
}

Error *target_changes_refused(Req *r, const CellChanges *changes, Error *e) {
    Ctx *c = &r->c;
    Value o = error_model(c, e), list = value_array(c->mem);
    for (size_t i = 0; e->status == 409 && i < changes->count; i++) {
        const CellChange *cell = &changes->list[i];
        if (!cell->conflict) continue;
        Value item = value_object(c->mem);
        value_set_text(item, "field", cell->field);
        value_set_text(item, "scope", target_key(c, cell->scope));
        value_set_int(item, "month", cell->month + 1);
        value_set(item, "stored", metric_json(changes->metric, metric_of_whole(changes->metric, cell->stored)));
        value_set_text(item, "stored_text", target_cell_plain(c, changes->metric, cell->stored));
        value_set(item, "yours", metric_json(changes->metric, metric_of_whole(changes->metric, cell->value)));
        value_push(list, item);
    }
    value_set(o, "conflicts", list);
    TRY(respond_json(r, e->status, o));
    r->response.type = "application/problem+json; charset=utf-8";
    return NULL;
}
