/* feed_rules.c - reads and writes the lines that say what a feed counts. */
#include "modules/intake/feed_rules.h"
#include "base/text.h"
#include <string.h>
#include <talloc.h>

enum { MAX_TEXT = 64 * 1024 };

typedef enum TokenKind { END, WORD, QUOTED, EQUAL, NOT_EQUAL, COMMA, WRONG } TokenKind;
typedef struct Scan {
    void *mem;
    const char *at;
    TokenKind kind;
    const char *text;
} Scan;

static bool ends_word(char ch) {
    return !ch || strchr(" \t\r\n,=<>\"", ch);
}

static void next(Scan *s) {
    s->at += strspn(s->at, " \t\r");
    const char *from = s->at;
    if (*from == 0 || *from == '\n') {
        s->kind = END;
    } else if (*from == '=' || *from == ',') {
        s->kind = *from == '=' ? EQUAL : COMMA;
        s->at++;
    } else if (from[0] == '<' && from[1] == '>') {
        s->kind = NOT_EQUAL;
        s->at += 2;
    } else if (*from == '"') {
        Text *t = text_new(s->mem, MAX_TEXT);
        for (from++; *from && *from != '\n' && (*from != '"' || from[1] == '"'); from++) {
            if (*from == '"') from++;
            text_add_char(t, *from);
        }
        s->kind = *from == '"' ? QUOTED : WRONG;
        s->at = *from == '"' ? from + 1 : from;
        s->text = t->data;
    } else {
        while (!ends_word(*s->at)) s->at++;
        s->kind = s->at == from ? WRONG : WORD;
        s->text = talloc_strndup(s->mem, from, (size_t)(s->at - from));
    }
}

static bool is_name(const Scan *s) {
    return s->kind == WORD || s->kind == QUOTED;
}
static bool is_keyword(const Scan *s, const char *word) {
    return s->kind == WORD && !strcmp(s->text, word);
}

/* name {, name}; stops at what is neither. */
static int words(Scan *s, const char **ret, int max) {
    int n = 0;
    for (;;) {
        if (!is_name(s) || n == max) return -1;
        ret[n++] = s->text;
        next(s);
        if (s->kind != COMMA) return n;
        next(s);
    }
}

static bool condition(Scan *s, FeedRule *rule) {
    next(s);
    if (!is_name(s)) return false;
    rule->filter = s->text;
    next(s);
    bool many = is_keyword(s, "in");
    if (!many && s->kind != EQUAL && s->kind != NOT_EQUAL) return false;
    rule->is_not = s->kind == NOT_EQUAL;
    next(s);
    rule->value_count = words(s, rule->values, FEED_VALUES);
    return rule->value_count > 0;
}

static bool rule_line(Scan *s, FeedRule *rule) {
    *rule = (FeedRule){0};
    if (!is_name(s)) return false;
    rule->metric = s->text;
    next(s);
    if (s->kind != EQUAL) return false;
    next(s);
    bool sum = is_keyword(s, "sum");
    if (!sum && !is_keyword(s, "count")) return false;
    next(s);
    if (sum) {
        if (!is_name(s)) return false;
        rule->column = s->text;
        next(s);
    }
    if (is_keyword(s, "where") && !condition(s, rule)) return false;
    return s->kind == END;
}

bool feed_rules_parse(void *mem, const char *text, FeedRules *ret, const char **ret_line) {
    Scan s = {.mem = mem, .at = text};
    ret->count = 0;
    *ret_line = "";
    while (*s.at) {
        const char *line = s.at;
        next(&s);
        if (s.kind != END) {
            if (ret->count == FEED_RULES) return false;
            if (!rule_line(&s, &ret->list[ret->count])) {
                *ret_line = talloc_strndup(mem, line, strcspn(line, "\r\n"));
                return false;
            }
            ret->count++;
        }
        if (*s.at == '\n') s.at++;
    }
    return ret->count > 0;
}

int feed_words_parse(void *mem, const char *text, const char **ret, int max) {
    Scan s = {.mem = mem, .at = text};
    next(&s);
    if (s.kind == END) return 0;
    int n = words(&s, ret, max);
    return s.kind == END ? n : -1;
}

static void put_word(Text *t, const char *word) {
    static const char *const keywords[] = {"in", "where", "sum", "count"};
    bool bare = *word != 0;
    for (const char *p = word; *p; p++) bare = bare && !ends_word(*p);
    for (size_t i = 0; i < sizeof keywords / sizeof *keywords; i++) bare = bare && strcmp(word, keywords[i]) != 0;
    if (bare) {
        text_add(t, word);
        return;
    }
    text_add_char(t, '"');
    for (const char *p = word; *p; p++) {
        if (*p == '"') text_add_char(t, '"');
        text_add_char(t, *p == '\n' || *p == '\r' ? ' ' : *p);
    }
    text_add_char(t, '"');
}

static void put_words(Text *t, const char *const *list, int count) {
    for (int i = 0; i < count; i++) {
        if (i) text_add(t, ", ");
        put_word(t, list[i]);
    }
}

const char *feed_words_text(void *mem, const char *const *list, int count) {
    Text *t = text_new(mem, MAX_TEXT);
    put_words(t, list, count);
    return t->data;
}

const char *feed_rules_text(void *mem, const FeedRules *rules) {
    Text *t = text_new(mem, MAX_TEXT);
    for (int i = 0; i < rules->count; i++) {
        const FeedRule *r = &rules->list[i];
        if (i) text_add_char(t, '\n');
        put_word(t, r->metric);
        text_add(t, r->column ? " = sum " : " = count");
        if (r->column) put_word(t, r->column);
        if (!r->filter) continue;
        text_add(t, " where ");
        put_word(t, r->filter);
        text_add(t, r->is_not ? " <> " : r->value_count > 1 ? " in " : " = ");
        put_words(t, r->values, r->value_count);
    }
    return t->data;
}
