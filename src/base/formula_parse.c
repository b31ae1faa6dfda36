/* formula_parse.c - the text of a formula as a tree: recursive descent, one function a line of the grammar in formula.h. */
#include "base/formula_private.h"
#include "base/text.h"
#include <string.h>
#include <strings.h>
#include <talloc.h>

typedef struct Parser {
    Ctx *c;
    Scanner scanner;
    Token now, last; /* the token that is looked at and the one before it; last.position 0: none yet */
    Formula *f;
    int depth;
} Parser;

static Error *sum(Parser *p, const Node **ret) MUST_USE;

static Error *next(Parser *p) {
    p->last = p->now;
    return formula_scan(&p->scanner, &p->now);
}

static const Node *node(Parser *p, Node n) {
    Node *made = need(talloc(p->f, Node));
    *made = n;
    return made;
}

/* ---- What is wrong ---- */

static const char *place(Parser *p, const Token *t) {
    return formula_number(p->c, t->position);
}

static Error *operand_missing(Parser *p) {
    const Token *t = &p->now, *last = &p->last;
    if (last->position)
        return err_invalid(p->c, N_("Expected a name or number after “{1}” (position {2})"), last->typed,
                           place(p, last));
    if (t->kind == TOKEN_END) return err_invalid(p->c, N_("The formula is empty"));
    return err_invalid(p->c, N_("Expected a name or number before “{1}” (position {2})"), t->typed, place(p, t));
}

/* After a whole operand stands something that does not go on from it; open is the bracket around, NULL if none. */
static Error *not_the_end(Parser *p, const Token *open) {
    const Token *t = &p->now;
    if (t->kind == TOKEN_END)
        return err_invalid(p->c, N_("“)” is missing: the “(” at position {1} is not closed"), place(p, open));
    if (t->sign == ')') return err_invalid(p->c, N_("The “)” at position {1} has no “(” before it"), place(p, t));
    if (t->sign == '%')
        return err_invalid(p->c, N_("The “%” at position {1} does not stand after a number"), place(p, t));
    if (t->sign == ',')
        return err_invalid(p->c, N_("The comma at position {1} separates nothing; write numbers without it"),
                           place(p, t));
    return err_invalid(p->c, N_("Expected + - × or ÷ before “{1}” (position {2})"), t->typed, place(p, t));
}

/* ---- Operands ---- */

static const Node *number(Parser *p, const char *text, bool percent) {
    Int128 num = 0, den = percent ? 100 : 1;
    bool decimals = false;
    for (const char *s = text; *s; s++) {
        if (*s == '.') {
            decimals = true;
            continue;
        }
        num = num * 10 + (*s - '0');
        if (decimals) den *= 10;
    }
    Ratio all = ratio_div((Ratio){ num, 1 }, (Ratio){ den, 1 });
    const char *written = need(talloc_asprintf(p->f, "%s%s", text, percent ? "%" : ""));
    return node(p, (Node){ .kind = NODE_NUMBER, .number = all, .written = written });
}

static const Node *name(Parser *p, const char *text) {
    Formula *f = p->f;
    size_t i = 0;
    while (i < f->count && strcmp(f->names[i], text) != 0) i++;
    if (i == f->count) {
        f->names = need(talloc_realloc(f, f->names, const char *, (unsigned)i + 1));
        f->names[i] = need(talloc_strdup(f, text));
        f->count++;
    }
    return node(p, (Node){ .kind = NODE_NAME, .name = i });
}

typedef struct Function {
    const char *name;
    NodeKind kind;
} Function;

static const Function functions[] = { { "max", NODE_MAX }, { "min", NODE_MIN }, { "abs", NODE_ABS }, { 0 } };

/* max(a, b, c) is max(max(a, b), c). */
static Error *function(Parser *p, const Token *called, const Node **ret) {
    const Function *known = functions;
    Token open = p->now;
    int count = 0;
    while (known->name && strcasecmp(known->name, called->text) != 0) known++;
    if (!known->name)
        return err_invalid(
            p->c, N_("“{1}” (position {2}) is not a function like max, min and abs; put a name with brackets in 「…」"),
            called->typed, place(p, called));
    do {
        const Node *value;
        TRY(next(p)); /* over the bracket or a comma */
        TRY(sum(p, &value));
        *ret = count++ == 0 ? value : node(p, (Node){ .kind = known->kind, .left = *ret, .right = value });
    } while (p->now.sign == ',');
    if (p->now.sign != ')') return not_the_end(p, &open);
    bool single = known->kind == NODE_ABS;
    if (single && count != 1)
        return err_invalid(p->c, N_("“{1}” (position {2}) takes one value"), called->typed, place(p, called));
    if (!single && count < 2)
        return err_invalid(p->c, N_("“{1}” (position {2}) takes two values or more"), called->typed, place(p, called));
    if (single) *ret = node(p, (Node){ .kind = known->kind, .left = *ret });
    return next(p);
}

static Error *value(Parser *p, const Node **ret) {
    Token t = p->now;
    if (t.kind == TOKEN_END || (t.kind == TOKEN_SIGN && t.sign != '(')) return operand_missing(p);
    TRY(next(p));
    if (t.kind == TOKEN_NUMBER) {
        bool percent = p->now.sign == '%';
        *ret = number(p, t.text, percent);
        return percent ? next(p) : NULL;
    }
    if (t.kind == TOKEN_NAME && p->now.sign == '(') return function(p, &t, ret);
    if (t.kind != TOKEN_SIGN) {
        *ret = name(p, t.text);
        return NULL;
    }
    TRY(sum(p, ret));
    if (p->now.sign != ')') return not_the_end(p, &t);
    return next(p);
}

/* ---- Signs ---- */

/* Every bracket, function and sign passes here, so here the depth is counted. */
static Error *signed_value(Parser *p, const Node **ret) {
    char sign = p->now.sign;
    if (++p->depth > FORMULA_MAX_DEPTH + 1)
        return err_invalid(p->c, N_("More than {1} brackets or signs within each other (position {2})"),
                           formula_number(p->c, FORMULA_MAX_DEPTH), place(p, &p->last));
    if (sign == '-' || sign == '+') {
        TRY(next(p));
        TRY(signed_value(p, ret));
        if (sign == '-') *ret = node(p, (Node){ .kind = NODE_NEG, .left = *ret });
    } else {
        TRY(value(p, ret));
    }
    p->depth--;
    return NULL;
}

static Error *product(Parser *p, const Node **ret) {
    TRY(signed_value(p, ret));
    for (char sign; (sign = p->now.sign) == '*' || sign == '/';) {
        const Node *right;
        TRY(next(p));
        TRY(signed_value(p, &right));
        *ret = node(p, (Node){ .kind = sign == '*' ? NODE_MUL : NODE_DIV, .left = *ret, .right = right });
    }
    return NULL;
}

static Error *sum(Parser *p, const Node **ret) {
    TRY(product(p, ret));
    for (char sign; (sign = p->now.sign) == '+' || sign == '-';) {
        const Node *right;
        TRY(next(p));
        TRY(product(p, &right));
        *ret = node(p, (Node){ .kind = sign == '+' ? NODE_ADD : NODE_SUB, .left = *ret, .right = right });
    }
    return NULL;
}

Error *formula_parse(Ctx *c, const char *text, Formula **ret) {
    size_t size = strnlen(text, FORMULA_MAX_BYTES + 1);
    if (size > FORMULA_MAX_BYTES)
        return err_invalid(c, N_("A formula has at most {1} characters"), formula_number(c, FORMULA_MAX_CHARS));
    if (!text_is_utf8(text, size)) return err_invalid(c, N_("The formula is not valid UTF-8 text"));
    Formula *f = need(talloc_zero(c->mem, Formula));
    Parser p = { .c = c, .scanner = { .c = c, .at = text, .position = 1 }, .f = f };
    TRY(next(&p));
    TRY(sum(&p, &f->root));
    if (p.now.kind != TOKEN_END) return not_the_end(&p, NULL);
    f->bound = need(talloc_array(f, size_t, (unsigned)f->count));
    for (size_t i = 0; i < f->count; i++) f->bound[i] = i;
    *ret = f;
    return NULL;
}
