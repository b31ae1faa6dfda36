/* formula_scan.c - the characters of a formula as tokens, half-width or full-width. */
#include "base/formula_private.h"
#include "base/text.h"
#include <string.h>
#include <talloc.h>

enum { SHOWN = 20 /* characters of a name in a message */ };

const char *formula_number(Ctx *c, size_t n) {
    return need(talloc_asprintf(c->mem, "%zu", n));
}

/* ---- Characters ---- */

/* The code point at s, which is valid UTF-8, and its bytes; 0 at the end. */
static uint32_t code_point(const char *s, size_t *ret_size) {
    const unsigned char *p = (const unsigned char *)s;
    size_t size = p[0] < 0x80 ? 1 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
    uint32_t u = size == 1 ? p[0] : p[0] & (0x7fU >> size);
    for (size_t i = 1; i < size; i++) u = u << 6 | (p[i] & 0x3fU);
    *ret_size = size;
    return u;
}

/* What the character means: full-width forms, × ÷ − and the kinds of space stand for the ASCII ones. */
static uint32_t fold(uint32_t u) {
    if (u >= 0xff01 && u <= 0xff5e) return u - 0xff00 + 0x20;
    if (u == 0xd7) return '*';
    if (u == 0xf7) return '/';
    if (u == 0x2212) return '-';
    bool space = (u >= '\t' && u <= '\r') || u == 0xa0 || u == 0x200b || u == 0x3000 || u == 0xfeff;
    return space ? ' ' : u;
}

static bool is_digit(uint32_t folded) {
    return folded >= '0' && folded <= '9';
}

/* The mark that closes the quotation mark u, or 0. */
static uint32_t closing(uint32_t folded) {
    return folded == '"' ? '"' : folded == 0x300c ? 0x300d : folded == 0x201c ? 0x201d : 0;
}

/* A letter, digit or _, and everything beyond ASCII that means nothing else. */
static bool in_name(uint32_t folded) {
    if (folded < 0x80) return is_digit(folded) || folded == '_' || ((folded | 32) >= 'a' && (folded | 32) <= 'z');
    return folded >= 0xa0 && !closing(folded) && folded != 0x300d && folded != 0x201d;
}

bool formula_plain_name(const char *name) {
    size_t size;
    if (!*name || is_digit(fold(code_point(name, &size)))) return false;
    for (; *name; name += size)
        if (!in_name(fold(code_point(name, &size)))) return false;
    return true;
}

/* ---- Tokens ---- */

static uint32_t peek(const Scanner *s) {
    size_t size;
    return fold(code_point(s->at, &size));
}

static void step(Scanner *s) {
    size_t size;
    code_point(s->at, &size);
    s->at += size;
    s->position++;
}

/* The text from `from` to here, cut for a message. */
static const char *typed(const Scanner *s, const char *from) {
    const char *whole = need(talloc_strndup(s->c->mem, from, (size_t)(s->at - from)));
    const char *cut = text_cut(s->c->mem, whole, SHOWN);
    return cut == whole ? whole : need(talloc_asprintf(s->c->mem, "%s…", cut));
}

static Error *count(Scanner *s, size_t n) {
    s->count += n;
    if (s->count <= FORMULA_MAX_CHARS) return NULL;
    return err_invalid(s->c, N_("A formula has at most {1} characters"), formula_number(s->c, FORMULA_MAX_CHARS));
}

/* One form for one number: without zeros that say nothing. False if the point is not between digits, or two. */
static bool tidy_number(char **text) {
    char *point = strchr(*text, '.'), *end = *text + strlen(*text);
    if (point && (strchr(point + 1, '.') || point[1] == 0)) return false;
    while (**text == '0' && (*text)[1] && (*text)[1] != '.') ++*text;
    if (!point) return true;
    while (end[-1] == '0') --end;
    if (end[-1] == '.') --end;
    *end = 0;
    return true;
}

static Error *scan_number(Scanner *s, Token *t) {
    const char *from = s->at, *place = formula_number(s->c, t->position);
    Text *digits = text_new(s->c->mem, FORMULA_MAX_BYTES);
    for (uint32_t u; is_digit(u = peek(s)) || u == '.'; step(s)) text_add_char(digits, (char)u);
    bool name = in_name(peek(s));
    while (in_name(peek(s))) step(s);
    t->kind = TOKEN_NUMBER;
    t->typed = typed(s, from);
    if (name)
        return err_invalid(s->c, N_("“{1}” (position {2}) begins with a digit; put such a name in 「…」"), t->typed,
                           place);
    TRY(count(s, digits->len));
    char *text = digits->data;
    if (!tidy_number(&text))
        return err_invalid(s->c, N_("“{1}” (position {2}) is not a number; write it like 1234.5"), t->typed, place);
    if (strlen(text) - (strchr(text, '.') != NULL) > FORMULA_MAX_DIGITS)
        return err_invalid(s->c, N_("The number “{1}” (position {2}) has more than {3} digits"), t->typed, place,
                           formula_number(s->c, FORMULA_MAX_DIGITS));
    t->text = text;
    return NULL;
}

static Error *scan_name(Scanner *s, Token *t) {
    const char *from = s->at;
    while (in_name(peek(s))) step(s);
    t->kind = TOKEN_NAME;
    t->typed = typed(s, from);
    t->text = need(talloc_strndup(s->c->mem, from, (size_t)(s->at - from)));
    return count(s, 1);
}

/* A closing mark written twice is one of the name. */
static Error *scan_quoted(Scanner *s, Token *t, uint32_t close) {
    const char *from = s->at, *place = formula_number(s->c, t->position);
    Text *name = text_new(s->c->mem, FORMULA_MAX_BYTES);
    for (step(s);; step(s)) {
        const char *at = s->at;
        if (!*at) return err_invalid(s->c, N_("The quotation mark at position {1} is not closed"), place);
        if (peek(s) == close) {
            step(s);
            if (peek(s) != close) break;
            at = s->at;
        }
        size_t size;
        code_point(at, &size);
        text_add_n(name, at, size);
    }
    t->kind = TOKEN_QUOTED;
    t->typed = typed(s, from);
    t->text = text_clean(s->c->mem, name->data);
    if (!*t->text) return err_invalid(s->c, N_("There is no name between the quotation marks at position {1}"), place);
    return count(s, 1);
}

static Error *unknown(Scanner *s, uint32_t folded, const char *place) {
    const char *from = s->at, *shown;
    if (folded < ' ' || (folded >= 0x7f && folded < 0xa0)) { /* nothing to see */
        shown = need(talloc_asprintf(s->c->mem, "U+%04X", (unsigned)folded));
    } else {
        step(s);
        shown = typed(s, from);
    }
    return err_invalid(s->c, N_("“{1}” (position {2}) cannot stand in a formula; put a name that contains it in 「…」"),
                       shown, place);
}

Error *formula_scan(Scanner *s, Token *ret) {
    while (peek(s) == ' ') step(s);
    *ret = (Token){ .position = s->position, .typed = "", .text = "" };
    uint32_t u = peek(s);
    if (u == 0) return NULL;
    if (is_digit(u)) return scan_number(s, ret);
    if (closing(u)) return scan_quoted(s, ret, closing(u));
    if (in_name(u)) return scan_name(s, ret);
    if (u >= 0x80 || !strchr("+-*/(),%", (int)u)) return unknown(s, u, formula_number(s->c, s->position));
    const char *from = s->at;
    step(s);
    ret->kind = TOKEN_SIGN;
    ret->sign = (char)u;
    ret->typed = typed(s, from);
    return count(s, 1);
}
