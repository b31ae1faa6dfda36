/* mustache_render.c - walks the nodes of a template with a stack of contexts and writes the page.
 *
 * Rows are C structs behind a Shape. Where a node found its member is remembered per render, not in the node: templates stay
 * immutable for all threads, and a shape that was made for one request cannot be mistaken for another at the same address. */
#include "base/value_out.h"
#include "view/mustache_node.h"
#include <string.h>

enum { FOUND = 128 };

/* Where a node found its first name. */
typedef struct Found {
    const Node *node;
    const Shape *shape; /* NULL: in an object */
    union {
        const Member *member; /* NULL: the shape has none of this name */
        const char *name;     /* of an object's member number `index`: rows built by the same code share the pointer */
    };
    unsigned index;
} Found;

typedef struct Render {
    Out out;
    const RenderEnv *env;
    const char *indent; /* of the partials we are in */
    size_t indent_len;
    int partials;
    bool too_deep;
    int depth;
    Value stack[SECTION_DEPTH]; /* innermost last */
    Found found[FOUND];
} Render;

static char *render_nodes(Render *r, const Template *t, uint32_t from, uint32_t to, char *p);

/* ---- Looking up ---- */

OUT_INLINE Found *found_place(Render *r, const Node *node, const Shape *shape) {
    return &r->found[(node->slot + ((uintptr_t)shape >> 4)) % FOUND];
}

__attribute__((noinline)) static const Member *member_search(Found *f, const Node *node, const Shape *shape) {
    const Member *m = shape_find(shape, node->names[0].text, node->names[0].len);
    *f = (Found){ .node = node, .shape = shape, .member = m };
    return m;
}

/* The member of shape that the node's first name means. */
OUT_INLINE const Member *member_of(Render *r, const Node *node, const Shape *shape) {
    Found *f = found_place(r, node, shape);
    return OUT_LIKELY(f->node == node && f->shape == shape) ? f->member : member_search(f, node, shape);
}

__attribute__((noinline)) static const Value *object_search(Found *f, const Node *node, const ValueObject *o) {
    unsigned i = value_object_index(o, node->names[0].text, node->names[0].len);
    if (i == o->count) return NULL;
    *f = (Found){ .node = node, .name = o->members[i].name, .index = i };
    return &o->members[i].value;
}

/* The same in an object; NULL if it has none. */
OUT_INLINE const Value *value_of(Render *r, const Node *node, const ValueObject *o) {
    Found *f = found_place(r, node, NULL);
    bool again = f->node == node && !f->shape && f->index < o->count && o->members[f->index].name == f->name;
    return OUT_LIKELY(again) ? &o->members[f->index].value : object_search(f, node, o);
}

static bool find_first(Render *r, const Node *node, Value *ret_v) {
    for (int i = r->depth - 1; i >= 0; i--) {
        const Value *context = &r->stack[i], *v;
        const Member *m;
        if (context->kind == V_STRUCT && (m = member_of(r, node, context->shape))) {
            *ret_v = out_member(context->row, m);
            return true;
        }
        if (context->kind == V_OBJECT && (v = value_of(r, node, context->object))) {
            *ret_v = *v;
            return true;
        }
    }
    return false;
}

/* The first name is looked for in all contexts from the innermost on, the others in what was found. */
static void find(Render *r, const Node *node, Value *ret_v) {
    if (node->name_count == 0) {
        *ret_v = r->stack[r->depth - 1];
        return;
    }
    if (!find_first(r, node, ret_v)) *ret_v = value_null();
    for (uint32_t i = 1; i < node->name_count; i++)
        *ret_v = value_get(*ret_v, node->names[i].text, node->names[i].len, NULL);
}

/* The same for a name inside a translated text: rare, so nothing is remembered. */
static Value find_text(const Render *r, const char *name, size_t len) {
    const char *dot = memchr(name, '.', len);
    size_t first = dot ? (size_t)(dot - name) : len;
    bool found = false;
    Value v = value_null();
    for (int i = r->depth - 1; i >= 0 && !found; i--) v = value_get(r->stack[i], name, first, &found);
    while (dot) {
        const char *part = dot + 1;
        size_t rest = len - (size_t)(part - name);
        dot = memchr(part, '.', rest);
        v = value_get(v, part, dot ? (size_t)(dot - part) : rest, NULL);
    }
    return v;
}

/* ---- Writing ---- */

OUT_INLINE char *put_value(Render *r, char *p, const Value *v) {
    return v->kind == V_TEXT ? out_html(&r->out, p, v->text, v->len) : out_scalar(&r->out, p, v);
}

static char *put_computed(Render *r, char *p, const void *row, const Member *m) {
    Value v = m->call(row, m);
    return put_value(r, p, &v);
}

OUT_INLINE char *put_member(Render *r, char *p, const void *row, const Member *m) {
    const void *at = (const char *)row + m->offset;
    const char *s;
    switch (m->kind) {
    case M_TEXT: s = *(const char *const *)at; return s ? out_html(&r->out, p, s, strlen(s)) : p;
    case M_INT64: return out_int(&r->out, p, *(const int64_t *)at);
    case M_INT32: return out_int(&r->out, p, *(const int32_t *)at);
    case M_MONEY: return *(const Money *)at == MONEY_NONE ? p : out_money(&r->out, p, *(const Money *)at);
    case M_BOOL: return out_bool(&r->out, p, *(const bool *)at);
    case M_DATE: return *(const Date *)at == DATE_NONE ? p : out_date(&r->out, p, *(const Date *)at);
    case M_INSTANT: return *(const Instant *)at == INSTANT_NONE ? p : out_time(&r->out, p, *(const Instant *)at);
    case M_CALL: return put_computed(r, p, row, m);
    }
    return p;
}

__attribute__((noinline)) static char *put_found(Render *r, const Node *node, char *p) {
    Value v;
    find(r, node, &v);
    return put_value(r, p, &v);
}

/* Text inside an indented partial: every line begins with the indentation. */
__attribute__((noinline)) static char *put_indented(Render *r, const Node *node, char *p) {
    const char *at = node->text, *end = at + node->len;
    if (node->line_start) p = out_n(&r->out, p, r->indent, r->indent_len);
    for (const char *newline; (newline = memchr(at, '\n', (size_t)(end - at))) && newline + 1 < end; at = newline + 1) {
        p = out_n(&r->out, p, at, (size_t)(newline + 1 - at));
        p = out_n(&r->out, p, r->indent, r->indent_len);
    }
    return out_n(&r->out, p, at, (size_t)(end - at));
}

OUT_INLINE char *put_text(Render *r, const Node *node, char *p) {
    return OUT_LIKELY(r->indent_len == 0) ? out_padded(&r->out, p, node->text, node->len) : put_indented(r, node, p);
}

/* A member of the innermost context is written from where it stands. */
OUT_INLINE char *put_variable(Render *r, const Node *node, char *p) {
    const Value *top = &r->stack[r->depth - 1], *v;
    const Member *m;
    if (OUT_LIKELY(node->name_count == 1)) {
        if (top->kind == V_STRUCT && (m = member_of(r, node, top->shape))) return put_member(r, p, top->row, m);
        if (top->kind == V_OBJECT && (v = value_of(r, node, top->object))) return put_value(r, p, v);
    }
    return put_found(r, node, p);
}

__attribute__((noinline)) static char *put_raw(Render *r, const Node *node, char *p) {
    Value v;
    find(r, node, &v);
    return v.kind == V_TEXT ? out_n(&r->out, p, v.text, v.len) : out_scalar(&r->out, p, &v);
}

static bool is_name(char ch) {
    return (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') || (ch >= '0' && ch <= '9') || ch == '_' || ch == '.';
}

/* A translated text; {name} in it is a member's text. What a member contains is never looked at again. */
__attribute__((noinline)) static char *put_translated(Render *r, const Node *node, char *p) {
    const char *at = tr(r->env->lang, node->text), *end = at + strlen(at);
    for (const char *brace = at; (brace = memchr(brace, '{', (size_t)(end - brace)));) {
        const char *name = ++brace;
        while (brace < end && is_name(*brace)) brace++;
        if (brace == name || brace == end || *brace != '}') continue;
        p = out_html(&r->out, p, at, (size_t)(name - 1 - at));
        Value v = find_text(r, name, (size_t)(brace - name));
        p = put_value(r, p, &v);
        at = ++brace;
    }
    return out_html(&r->out, p, at, (size_t)(end - at));
}

__attribute__((noinline)) static char *put_format(Render *r, const Node *node, char *p) {
    char buf[FORMAT_TEXT];
    Value v;
    find(r, node, &v);
    if (!node->format->write(r->env, v, buf)) return put_value(r, p, &v);
    return out_html(&r->out, p, buf, strlen(buf));
}

/* ---- Sections and partials ---- */

static char *render_items(Render *r, const Template *t, const Node *node, Value list, uint32_t from, char *p) {
    size_t count = value_count(list);
    for (size_t i = 0; i < count && !r->out.text->overflow && !r->too_deep; i++) {
        r->stack[r->depth - 1] = value_at(list, i);
        p = render_nodes(r, t, from, node->next, p);
    }
    return p;
}

__attribute__((noinline)) static char *render_section(Render *r, const Template *t, const Node *node, uint32_t body,
                                                      char *p) {
    Value v;
    find(r, node, &v);
    if (!value_truthy(v) || r->too_deep) return p;
    if (r->depth == SECTION_DEPTH) {
        r->too_deep = true;
        return p;
    }
    r->stack[r->depth++] = v;
    if (v.kind == V_LIST || v.kind == V_ARRAY)
        p = render_items(r, t, node, v, body, p);
    else
        p = render_nodes(r, t, body, node->next, p);
    r->depth--;
    return p;
}

static char *render_inverted(Render *r, const Template *t, const Node *node, uint32_t body, char *p) {
    Value v;
    find(r, node, &v);
    return value_truthy(v) ? p : render_nodes(r, t, body, node->next, p);
}

__attribute__((noinline)) static char *render_partial(Render *r, const Node *node, char *p) {
    if (!node->partial || r->too_deep) return p; /* once too deep, all calls return: no 2^64 of them */
    if (r->partials == PARTIAL_DEPTH) {
        r->too_deep = true;
        return p;
    }
    const char *outer = r->indent;
    size_t outer_len = r->indent_len;
    char indent[256]; /* indentation beyond that is cut: it is white space */
    if (node->len && outer_len + node->len <= sizeof indent) {
        memcpy(indent, outer, outer_len);
        memcpy(indent + outer_len, node->indent, node->len);
        r->indent = indent;
        r->indent_len = outer_len + node->len;
    }
    r->partials++;
    p = render_nodes(r, node->partial, 0, node->partial->count, p);
    r->partials--;
    r->indent = outer;
    r->indent_len = outer_len;
    return p;
}

static char *render_nodes(Render *r, const Template *t, uint32_t from, uint32_t to, char *p) {
    for (uint32_t i = from; i < to; i++) {
        const Node *node = &t->nodes[i];
        switch (node->kind) {
        case NODE_TEXT: p = put_text(r, node, p); break;
        case NODE_VARIABLE:
            if (node->text) p = put_text(r, node, p);
            p = put_variable(r, node, p);
            break;
        case NODE_RAW: p = put_raw(r, node, p); break;
        case NODE_TRANSLATE: p = put_translated(r, node, p); break;
        case NODE_FORMAT: p = put_format(r, node, p); break;
        case NODE_PARTIAL: p = render_partial(r, node, p); break;
        case NODE_SECTION:
            p = render_section(r, t, node, i + 1, p);
            i = node->next - 1;
            break;
        case NODE_INVERTED:
            p = render_inverted(r, t, node, i + 1, p);
            i = node->next - 1;
            break;
        }
    }
    return p;
}

bool template_render(const Template *t, const RenderEnv *env, Value model, Text *out) {
    static const RenderEnv none;
    Render r;
    memset(r.found, 0, sizeof r.found);
    r.env = env ? env : &none;
    r.indent = "";
    r.indent_len = 0;
    r.partials = 0;
    r.too_deep = false;
    r.depth = 0;
    r.stack[r.depth++] = r.env->shared;
    r.stack[r.depth++] = model;
    char *p = out_begin(&r.out, out);
    p = render_nodes(&r, t, 0, t->count, p);
    out_end(&r.out, p);
    return !out->overflow && !r.too_deep;
}
