/* value.h - the model of a page: a small read-only tree that is written as JSON or rendered by a template.
 *
 * A Value is passed by value and owns nothing: text, arrays and objects live in the arena that made them and must outlive it.
 * Rows of a database list are not copied into objects: V_STRUCT points at a C struct and at the Shape that names its members, and
 * V_LIST produces its items on demand. */
#pragma once
#include "base/date.h"
#include "base/money.h"
#include "base/text.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef enum ValueKind {
    V_NULL,
    V_BOOL,
    V_INT,    /* i */
    V_MONEY,  /* i in 分; JSON number with two decimals, text "25000.00"; MONEY_NONE makes V_NULL */
    V_DATE,   /* i = days; JSON and text "2026-11-23"; DATE_NONE makes V_NULL */
    V_TIME,   /* i = microseconds UTC; JSON and text RFC 3339; INSTANT_NONE makes V_NULL */
    V_TEXT,   /* text, len */
    V_OBJECT, /* object */
    V_ARRAY,  /* array */
    V_STRUCT, /* row + shape */
    V_LIST    /* list: items made on demand */
} ValueKind;

typedef struct Value Value;
typedef struct ValueObject ValueObject;
typedef struct ValueArray ValueArray;
typedef struct Shape Shape;

/* count items; get(list, i) makes item i. */
typedef struct ValueList {
    size_t count;
    Value (*get)(const struct ValueList *list, size_t i);
    const void *a, *b, *c; /* what get needs; its own business */
} ValueList;

struct Value {
    ValueKind kind;
    uint32_t len; /* bytes of text */
    union {
        bool b;
        int64_t i;
        const char *text;
        ValueObject *object;
        ValueArray *array;
        const ValueList *list;
        const void *row;
    };
    const Shape *shape; /* of row */
};

/* How to read the members of one C struct type. */
typedef enum MemberKind { M_INT64, M_INT32, M_BOOL, M_MONEY, M_DATE, M_INSTANT, M_TEXT, M_CALL } MemberKind;
typedef struct Member {
    const char *name;
    MemberKind kind;
    size_t offset;
    Value (*call)(const void *row, const struct Member *m); /* M_CALL: computed */
    const void *arg;                                        /* for call */
    bool hidden; /* templates see it, JSON does not write it (cells of a table) */
} Member;
struct Shape {
    const Member *members;
    size_t count;
};

static inline Value value_null(void) {
    return (Value){ .kind = V_NULL };
}
static inline Value value_bool(bool b) {
    return (Value){ .kind = V_BOOL, .b = b };
}
static inline Value value_int(int64_t n) {
    return (Value){ .kind = V_INT, .i = n };
}
static inline Value value_money(int64_t fen) {
    return (Value){ .kind = fen == MONEY_NONE ? V_NULL : V_MONEY, .i = fen };
}
static inline Value value_date(int32_t day) {
    return (Value){ .kind = day == DATE_NONE ? V_NULL : V_DATE, .i = day };
}
static inline Value value_time(int64_t instant) {
    return (Value){ .kind = instant == INSTANT_NONE ? V_NULL : V_TIME, .i = instant };
}
static inline Value value_text_n(const char *s, size_t n) {
    return (Value){ .kind = V_TEXT, .len = (uint32_t)n, .text = s };
}
static inline Value value_text(const char *s) /* NULL gives V_NULL; not copied */
{
    return s ? value_text_n(s, strlen(s)) : value_null();
}
static inline Value value_struct(const void *row, const Shape *shape) {
    return (Value){ .kind = V_STRUCT, .row = row, .shape = shape };
}
static inline Value value_list(const ValueList *list) {
    return (Value){ .kind = V_LIST, .list = list };
}

/* Objects keep the order of their members; set of a present name replaces it. Names are not copied. */
Value value_object(void *mem);
void value_set(Value object, const char *name, Value v);
Value value_array(void *mem);
void value_push(Value array, Value v);

/* Convenience for building models: value_set with each kind. */
void value_set_text(Value o, const char *name, const char *s);
void value_set_int(Value o, const char *name, int64_t n);
void value_set_bool(Value o, const char *name, bool b);

/* Member of an object or struct; V_NULL with *ret_found false if there is none (ret_found may be NULL). */
Value value_get(Value v, const char *name, size_t name_len, bool *ret_found);
/* The two steps of value_get on a struct, for a caller that keeps the member between rows. NULL if there is none. */
const Member *shape_find(const Shape *shape, const char *name, size_t name_len);
Value value_member(const void *row, const Member *m);
size_t value_count(Value v); /* items of an array or list; 0 otherwise */
Value value_at(Value v, size_t i);
bool value_truthy(Value v); /* as Mustache: null, false, empty array and empty list are false; "", 0 and 0.00 too */
/* Writes the text of a scalar (no escaping); nothing for null, objects and lists. */
void value_text_to(Value v, Text *out);
/* Writes JSON. Members whose name begins with '_' and hidden struct members are page-only and left out. */
void value_json(Value v, Text *out);
