/* formula.c - what is done with a parsed formula: names, evaluating, printing; and loops among metrics. */
#include "base/formula_private.h"
#include "base/text.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

size_t formula_names(const Formula *f, const char *const **ret) {
    *ret = f->names;
    return f->count;
}

void formula_bind(Formula *f, size_t i, size_t index) {
    assert(i < f->count);
    f->bound[i] = index;
}

/* ---- Evaluating ---- */

/* The larger (way 1) or the smaller (way -1). */
static Ratio extreme(Ratio a, Ratio b, int way) {
    if (!a.den) return a;
    if (!b.den) return b;
    return ratio_compare(a, b) * way >= 0 ? a : b;
}

/* At most FORMULA_MAX_CHARS calls deep: each node stands for a character. */
static Ratio eval(const Formula *f, const Node *n, const Ratio *values) {
    if (n->kind == NODE_NUMBER) return n->number;
    if (n->kind == NODE_NAME) return values[f->bound[n->name]];
    Ratio a = eval(f, n->left, values), b = n->right ? eval(f, n->right, values) : RATIO_NONE;
    switch (n->kind) {
    case NODE_ADD: return ratio_add(a, b);
    case NODE_SUB: return ratio_sub(a, b);
    case NODE_MUL: return ratio_mul(a, b);
    case NODE_DIV: return ratio_div(a, b);
    case NODE_NEG: return ratio_neg(a);
    case NODE_ABS: return a.num < 0 ? ratio_neg(a) : a;
    case NODE_MAX: return extreme(a, b, 1);
    case NODE_MIN: return extreme(a, b, -1);
    default: abort();
    }
}

Ratio formula_eval(const Formula *f, const Ratio *values) {
    return eval(f, f->root, values);
}

/* ---- Printing ---- */

static void print(Text *t, const Node *n, const char *const *names);

/* How tightly a node holds together; brackets go around what is looser than its place demands. */
static int strength(const Node *n) {
    switch (n->kind) {
    case NODE_ADD:
    case NODE_SUB: return 1;
    case NODE_MUL:
    case NODE_DIV: return 2;
    case NODE_NEG: return 3;
    default: return 4;
    }
}

static void print_at_least(Text *t, const Node *n, int least, const char *const *names) {
    bool brackets = strength(n) < least;
    if (brackets) text_add_char(t, '(');
    print(t, n, names);
    if (brackets) text_add_char(t, ')');
}

static void print_name(Text *t, const char *name) {
    if (formula_plain_name(name)) {
        text_add(t, name);
        return;
    }
    text_add(t, "「");
    for (const char *end; (end = strstr(name, "」")); name = end + strlen("」")) {
        text_add_n(t, name, (size_t)(end - name));
        text_add(t, "」」");
    }
    text_add(t, name);
    text_add(t, "」");
}

/* max(max(a, b), c) as max(a, b, c), which is how it is read. */
static void print_values(Text *t, const Node *n, const char *const *names) {
    if (n->left->kind == n->kind)
        print_values(t, n->left, names);
    else
        print(t, n->left, names);
    text_add(t, ", ");
    print(t, n->right, names);
}

static void print_sign(Text *t, const Node *n, const char *sign, const char *const *names) {
    print_at_least(t, n->left, strength(n), names);
    text_add(t, sign);
    print_at_least(t, n->right, strength(n) + 1, names); /* a - (b - c) keeps its brackets */
}

static void print(Text *t, const Node *n, const char *const *names) {
    switch (n->kind) {
    case NODE_NUMBER: text_add(t, n->written); break;
    case NODE_NAME: print_name(t, names[n->name]); break;
    case NODE_ADD: print_sign(t, n, " + ", names); break;
    case NODE_SUB: print_sign(t, n, " - ", names); break;
    case NODE_MUL: print_sign(t, n, " * ", names); break;
    case NODE_DIV: print_sign(t, n, " / ", names); break;
    case NODE_NEG:
        text_add_char(t, '-');
        print_at_least(t, n->left, strength(n), names);
        break;
    case NODE_ABS:
        text_add(t, "abs(");
        print(t, n->left, names);
        text_add_char(t, ')');
        break;
    case NODE_MAX:
    case NODE_MIN:
        text_add(t, n->kind == NODE_MAX ? "max(" : "min(");
        print_values(t, n, names);
        text_add_char(t, ')');
        break;
    }
}

const char *formula_text(Ctx *c, const Formula *f, const char *const *names) {
    size_t longest = 0;
    if (!names) names = f->names;
    for (size_t i = 0; i < f->count; i++)
        if (strlen(names[i]) > longest) longest = strlen(names[i]);
    /* A name may be doubled by its quotation marks; two spaces for a sign and one for a comma. */
    Text *t = text_new(c->mem, FORMULA_MAX_CHARS * (2 * longest + 8));
    print(t, f->root, names);
    assert(!t->overflow);
    return t->data;
}

/* ---- Loops ---- */

/* Depth first with the path as its own stack: metrics may be many. */
size_t formula_cycle(Ctx *c, size_t n, const int *const *uses, const size_t *counts, int *path) {
    enum { NEW, ON_PATH, DONE };
    size_t *next = need(talloc_zero_array(c->mem, size_t, (unsigned)n));
    char *state = need(talloc_zero_array(c->mem, char, (unsigned)n));
    for (size_t start = 0; start < n; start++) {
        size_t depth = 0;
        int to = (int)start;
        while (true) {
            if (state[to] == NEW) {
                path[depth++] = to;
                state[to] = ON_PATH;
            } else if (state[to] == ON_PATH) {
                size_t first = 0;
                while (path[first] != to) first++;
                memmove(path, path + first, (depth - first) * sizeof *path);
                return depth - first;
            }
            while (depth > 0 && next[path[depth - 1]] == counts[path[depth - 1]]) state[path[--depth]] = DONE;
            if (depth == 0) break;
            int at = path[depth - 1];
            to = uses[at][next[at]++];
            assert(to >= 0 && (size_t)to < n);
        }
    }
    return 0;
}
