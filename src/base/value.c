/* value.c - objects and arrays of a page's model, member lookup, and the JSON writer. */
#include "base/value.h"
#include "base/value_out.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

struct ValueArray {
    Value *items;
    unsigned count, size;
};

/* Out of memory ends the process, here as everywhere. */
static void *must(void *p) {
    if (!p) abort();
    return p;
}

Value value_object(void *mem) {
    return (Value){ .kind = V_OBJECT, .object = must(talloc_zero(mem, ValueObject)) };
}

Value value_array(void *mem) {
    return (Value){ .kind = V_ARRAY, .array = must(talloc_zero(mem, ValueArray)) };
}

unsigned value_object_index(const ValueObject *o, const char *name, size_t len) {
    unsigned i = 0;
    for (; i < o->count; i++) {
        const ObjectMember *m = &o->members[i];
        if (m->len == len && (len == 0 || (m->name[0] == name[0] && memcmp(m->name, name, len) == 0))) break;
    }
    return i;
}

void value_set(Value object, const char *name, Value v) {
    assert(object.kind == V_OBJECT);
    ValueObject *o = object.object;
    size_t len = strlen(name);
    unsigned i = value_object_index(o, name, len);
    if (i < o->count) {
        o->members[i].value = v;
        return;
    }
    if (o->count == o->size) {
        o->size = o->size ? o->size * 2 : 8;
        o->members = must(talloc_realloc(o, o->members, ObjectMember, o->size));
    }
    o->members[o->count++] = (ObjectMember){ .name = name, .len = len, .value = v };
}

void value_push(Value array, Value v) {
    assert(array.kind == V_ARRAY);
    ValueArray *a = array.array;
    if (a->count == a->size) {
        a->size = a->size ? a->size * 2 : 8;
        a->items = must(talloc_realloc(a, a->items, Value, a->size));
    }
    a->items[a->count++] = v;
}

void value_set_text(Value o, const char *name, const char *s) {
    value_set(o, name, value_text(s));
}

void value_set_int(Value o, const char *name, int64_t n) {
    value_set(o, name, value_int(n));
}

void value_set_bool(Value o, const char *name, bool b) {
    value_set(o, name, value_bool(b));
}

const Member *shape_find(const Shape *shape, const char *name, size_t name_len) {
    for (size_t i = 0; i < shape->count; i++) {
        const Member *m = &shape->members[i];
        if (strncmp(m->name, name, name_len) == 0 && m->name[name_len] == '\0') return m;
    }
    return NULL;
}

Value value_member(const void *row, const Member *m) {
    return out_member(row, m);
}

Value value_get(Value v, const char *name, size_t name_len, bool *ret_found) {
    if (ret_found) *ret_found = true;
    if (v.kind == V_STRUCT) {
        const Member *m = shape_find(v.shape, name, name_len);
        if (m) return out_member(v.row, m);
    } else if (v.kind == V_OBJECT) {
        unsigned i = value_object_index(v.object, name, name_len);
        if (i < v.object->count) return v.object->members[i].value;
    }
    if (ret_found) *ret_found = false;
    return value_null();
}

size_t value_count(Value v) {
    return v.kind == V_ARRAY ? v.array->count : v.kind == V_LIST ? v.list->count : 0;
}

Value value_at(Value v, size_t i) {
    if (i >= value_count(v)) return value_null();
    return v.kind == V_ARRAY ? v.array->items[i] : v.list->get(v.list, i);
}

bool value_truthy(Value v) {
    switch (v.kind) {
    case V_NULL: return false;
    case V_BOOL: return v.b;
    case V_INT:
    case V_MONEY: return v.i != 0;
    case V_TEXT: return v.len > 0;
    case V_ARRAY:
    case V_LIST: return value_count(v) > 0;
    case V_DATE:
    case V_TIME:
    case V_OBJECT:
    case V_STRUCT: return true;
    }
    return false;
}

void value_text_to(Value v, Text *out) {
    Out o;
    char *p = out_begin(&o, out);
    p = v.kind == V_TEXT ? out_n(&o, p, v.text, v.len) : out_scalar(&o, p, &v);
    out_end(&o, p);
}

/* ---- JSON ---- */

enum { JSON_DEPTH = 64, KEYS_MAX = 48, KEYS_TEXT = 768 };

/* The keys of one shape as they are written, so that a list of a hundred rows escapes each name once. */
typedef struct Keys {
    const Shape *shape; /* NULL: nothing prepared */
    size_t count;
    struct Key {
        const Member *member;
        uint32_t start, len;
    } key[KEYS_MAX];
    char text[KEYS_TEXT + OUT_PAD]; /* {"first": then ,"next": ... */
} Keys;

static char *json_value(Out *o, char *p, const Value *v, int depth);

static bool member_visible(const Member *m) {
    return !m->hidden && m->name[0] != '_';
}

/* False if the shape has too many or unusual names; then it is written without preparation. */
static bool keys_prepare(Keys *keys, const Shape *shape) {
    if (keys->shape == shape) return true;
    keys->shape = NULL;
    keys->count = 0;
    size_t at = 0;
    for (size_t i = 0; i < shape->count; i++) {
        const Member *m = &shape->members[i];
        if (!member_visible(m)) continue;
        size_t len = strlen(m->name);
        if (keys->count == KEYS_MAX || at + len + 4 + 8 > KEYS_TEXT) return false;
        if (!out_copy_plain(keys->text + at + 2, m->name, len, out_json_special)) return false;
        keys->text[at] = at ? ',' : '{';
        keys->text[at + 1] = '"';
        keys->text[at + 2 + len] = '"';
        keys->text[at + 3 + len] = ':';
        keys->key[keys->count++] = (struct Key){ m, (uint32_t)at, (uint32_t)len + 4 };
        at += len + 4;
    }
    memset(keys->text + at, 0, OUT_PAD);
    keys->shape = shape;
    return true;
}

static char *json_quoted_date(Out *o, char *p, Date day) {
    p = OUT_LITERAL(o, p, "\"");
    p = out_date(o, p, day);
    return OUT_LITERAL(o, p, "\"");
}

static char *json_quoted_time(Out *o, char *p, Instant instant) {
    p = OUT_LITERAL(o, p, "\"");
    p = out_time(o, p, instant);
    return OUT_LITERAL(o, p, "\"");
}

static char *json_computed(Out *o, char *p, const void *row, const Member *m, int depth) {
    Value v = m->call(row, m);
    return json_value(o, p, &v, depth);
}

OUT_INLINE char *json_member(Out *o, char *p, const void *row, const Member *m, int depth) {
    const void *at = (const char *)row + m->offset;
    const char *s;
    switch (m->kind) {
    case M_INT64: return out_int(o, p, *(const int64_t *)at);
    case M_INT32: return out_int(o, p, *(const int32_t *)at);
    case M_BOOL: return out_bool(o, p, *(const bool *)at);
    case M_MONEY:
        if (*(const Money *)at == MONEY_NONE) break;
        return out_money(o, p, *(const Money *)at);
    case M_DATE:
        if (*(const Date *)at == DATE_NONE) break;
        return json_quoted_date(o, p, *(const Date *)at);
    case M_INSTANT:
        if (*(const Instant *)at == INSTANT_NONE) break;
        return json_quoted_time(o, p, *(const Instant *)at);
    case M_TEXT:
        s = *(const char *const *)at;
        if (!s) break;
        return out_json(o, p, s, strlen(s));
    case M_CALL: return json_computed(o, p, row, m, depth);
    }
    return OUT_LITERAL(o, p, "null");
}

static char *json_struct_prepared(Out *o, char *p, const void *row, const Keys *keys, int depth) {
    if (keys->count == 0) return OUT_LITERAL(o, p, "{}");
    for (size_t i = 0; i < keys->count; i++) {
        const struct Key *k = &keys->key[i];
        p = out_padded(o, p, keys->text + k->start, k->len);
        p = json_member(o, p, row, k->member, depth + 1);
    }
    return OUT_LITERAL(o, p, "}");
}

static char *json_struct(Out *o, char *p, const Value *v, int depth) {
    bool first = true;
    p = OUT_LITERAL(o, p, "{");
    for (size_t i = 0; i < v->shape->count; i++) {
        const Member *m = &v->shape->members[i];
        if (!member_visible(m)) continue;
        if (!first) p = OUT_LITERAL(o, p, ",");
        first = false;
        p = out_json(o, p, m->name, strlen(m->name));
        p = OUT_LITERAL(o, p, ":");
        p = json_member(o, p, v->row, m, depth + 1);
    }
    return OUT_LITERAL(o, p, "}");
}

static char *json_object(Out *o, char *p, const ValueObject *object, int depth) {
    bool first = true;
    p = OUT_LITERAL(o, p, "{");
    for (size_t i = 0; i < object->count; i++) {
        const ObjectMember *m = &object->members[i];
        if (m->name[0] == '_') continue;
        if (!first) p = OUT_LITERAL(o, p, ",");
        first = false;
        p = out_json(o, p, m->name, m->len);
        p = OUT_LITERAL(o, p, ":");
        p = json_value(o, p, &m->value, depth + 1);
    }
    return OUT_LITERAL(o, p, "}");
}

/* Items that are rows share prepared keys; rows inside rows are items of a list of their own, with keys of their own. */
OUT_SLOW char *json_items(Out *o, char *p, const Value *v, int depth) {
    Keys keys;
    keys.shape = NULL;
    size_t count = value_count(*v);
    p = OUT_LITERAL(o, p, "[");
    for (size_t i = 0; i < count && !o->text->overflow; i++) {
        if (i) p = OUT_LITERAL(o, p, ",");
        Value item = value_at(*v, i);
        if (item.kind == V_STRUCT && keys_prepare(&keys, item.shape))
            p = json_struct_prepared(o, p, item.row, &keys, depth + 1);
        else
            p = json_value(o, p, &item, depth + 1);
    }
    return OUT_LITERAL(o, p, "]");
}

static char *json_value(Out *o, char *p, const Value *v, int depth) {
    assert(depth < JSON_DEPTH);
    switch (v->kind) {
    case V_NULL: return OUT_LITERAL(o, p, "null");
    case V_BOOL:
    case V_INT:
    case V_MONEY: return out_scalar(o, p, v);
    case V_DATE: return json_quoted_date(o, p, (Date)v->i);
    case V_TIME: return json_quoted_time(o, p, v->i);
    case V_TEXT: return out_json(o, p, v->text, v->len);
    case V_OBJECT: return json_object(o, p, v->object, depth);
    case V_STRUCT: return json_struct(o, p, v, depth);
    case V_ARRAY:
    case V_LIST: return json_items(o, p, v, depth);
    }
    return p;
}

void value_json(Value v, Text *out) {
    Out o;
    char *p = out_begin(&o, out);
    p = json_value(&o, p, &v, 0);
    out_end(&o, p);
}
