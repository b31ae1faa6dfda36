/* mustache_parse.c - template text to nodes; everything that can be wrong with a template is said here, at start. */
#include "base/value_out.h"
#include "view/mustache_node.h"
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

enum { DELIMITER = 16 };

/* One {{tag}}. kind is its first character: # ^ / > ! = & { or 0 for a plain variable. */
typedef struct Tag {
    char kind;
    Name name; /* what stands inside, without white space around */
    const char *begin, *after;
} Tag;

typedef struct Parser {
    Template *t;
    const TemplateFormat *formats;
    const char *at, *end;
    char open[DELIMITER], close[DELIMITER];
    size_t open_len, close_len;
    uint32_t sections[SECTION_DEPTH]; /* nodes not closed yet */
    size_t depth;
    uint32_t size;       /* of t->nodes */
    const char *counted; /* lines are counted up to here */
    uint32_t line;
    const char *why;
} Parser;

static void *must(void *p) {
    if (!p) abort();
    return p;
}

static uint32_t line_of(Parser *p, const char *at) {
    if (at < p->counted) p->counted = p->t->source, p->line = 1;
    for (; p->counted < at; p->counted++) p->line += *p->counted == '\n';
    return p->line;
}

static bool fail(Parser *p, const char *at, const char *format, ...) __attribute__((format(printf, 3, 4)));
static bool fail(Parser *p, const char *at, const char *format, ...) {
    va_list args;
    va_start(args, format);
    char *what = must(talloc_vasprintf(p->t, format, args));
    va_end(args);
    p->why = must(talloc_asprintf(p->t, "%s:%u: %s", p->t->name, line_of(p, at), what));
    return false;
}

static bool is_space(char ch) {
    return ch == ' ' || ch == '\t' || ch == '\n' || ch == '\r';
}

static Name trimmed(const char *begin, const char *end) {
    while (begin < end && is_space(*begin)) begin++;
    while (begin < end && is_space(end[-1])) end--;
    return (Name){ begin, (size_t)(end - begin) };
}

static bool name_is(Name name, const char *s) {
    return strlen(s) == name.len && memcmp(name.text, s, name.len) == 0;
}

static const char *find(const char *at, const char *end, const char *what, size_t len) {
    return memmem(at, (size_t)(end - at), what, len);
}

/* ---- Nodes ---- */

static Node *node_add(Parser *p, NodeKind kind, const char *at) {
    Template *t = p->t;
    if (t->count == p->size) {
        p->size = p->size ? p->size * 2 : 16;
        t->nodes = must(talloc_realloc(t, t->nodes, Node, p->size));
    }
    Node *node = &t->nodes[t->count++];
    *node = (Node){ .kind = kind, .line = line_of(p, at), .next = t->count };
    return node;
}

static bool line_begins(const Parser *p, const char *at) {
    return at == p->t->source || at[-1] == '\n';
}

static void add_text(Parser *p, const char *begin, const char *end) {
    if (begin == end) return;
    Node *node = node_add(p, NODE_TEXT, begin);
    node->text = begin;
    node->len = (uint32_t)(end - begin);
    node->line_start = line_begins(p, begin);
}

/* A node with the name split at its dots. */
static bool add_named(Parser *p, NodeKind kind, const Tag *tag) {
    const Name *name = &tag->name;
    if (name->len == 0) return fail(p, tag->begin, "a tag without a name");
    for (size_t i = 0; i < name->len; i++)
        if (is_space(name->text[i]))
            return fail(p, tag->begin, "white space inside the name \"%.*s\"", (int)name->len, name->text);
    Node *node = node_add(p, kind, tag->begin);
    if (name_is(*name, ".")) return true;

    uint32_t count = 1;
    for (size_t i = 0; i < name->len; i++) count += name->text[i] == '.';
    Name *names = must(talloc_array(p->t, Name, count));
    const char *from = name->text, *end = name->text + name->len;
    for (uint32_t i = 0; i < count; i++) {
        const char *dot = memchr(from, '.', (size_t)(end - from));
        names[i] = (Name){ from, (size_t)((dot ? dot : end) - from) };
        if (names[i].len == 0) return fail(p, tag->begin, "a dot too many in \"%.*s\"", (int)name->len, name->text);
        if (dot) from = dot + 1;
    }
    node->names = names;
    node->name_count = count;
    return true;
}

/* ---- Tags ---- */

/* Reads the tag that begins at p->at. */
static bool read_tag(Parser *p, Tag *tag) {
    tag->begin = p->at;
    const char *inside = p->at + p->open_len;
    tag->kind = inside < p->end && strchr("#^/>!=&{", *inside) ? *inside : '\0';
    if (tag->kind) inside++;

    char closing[DELIMITER + 1];
    size_t extra = tag->kind == '{' || tag->kind == '=';
    closing[0] = tag->kind == '{' ? '}' : '=';
    memcpy(closing + extra, p->close, p->close_len);
    const char *close = find(inside, p->end, closing, p->close_len + extra);
    if (!close) return fail(p, tag->begin, "a tag that does not end");
    tag->name = trimmed(inside, close);
    tag->after = close + p->close_len + extra;
    return true;
}

static bool copy_delimiter(char to[static DELIMITER], size_t *ret_len, const char *begin, const char *end) {
    size_t len = (size_t)(end - begin);
    if (len == 0 || len >= DELIMITER || memchr(begin, '=', len)) return false;
    memcpy(to, begin, len);
    *ret_len = len;
    return true;
}

static bool set_delimiters(Parser *p, const Tag *tag) {
    const char *begin = tag->name.text, *end = begin + tag->name.len, *gap = begin;
    while (gap < end && !is_space(*gap)) gap++;
    Name second = trimmed(gap, end);
    for (size_t i = 0; i < second.len; i++)
        if (is_space(second.text[i])) return fail(p, tag->begin, "more than two delimiters");
    if (!copy_delimiter(p->open, &p->open_len, begin, gap) ||
        !copy_delimiter(p->close, &p->close_len, second.text, second.text + second.len))
        return fail(p, tag->begin, "delimiters are written as {{=<%% %%>=}}, each shorter than %d", DELIMITER);
    return true;
}

/* Reads the tag at p->at, which must be {{/name}}. */
static bool read_close(Parser *p, Name name) {
    Tag tag;
    if (p->end - p->at < (ptrdiff_t)p->open_len || memcmp(p->at, p->open, p->open_len) != 0 || !read_tag(p, &tag)) {
        if (p->why) return false;
    } else if (tag.kind == '/' && tag.name.len == name.len && memcmp(tag.name.text, name.text, name.len) == 0) {
        p->at = tag.after;
        return true;
    }
    return fail(p, p->at, "{{/%.*s}} should stand here", (int)name.len, name.text);
}

/* {{#t}}literal{{/t}}, from behind the opening tag. */
static bool parse_translate(Parser *p, const Tag *tag) {
    const char *close = find(p->at, p->end, p->open, p->open_len);
    Name id = trimmed(p->at, close ? close : p->end);
    if (!close) return fail(p, tag->begin, "{{#t}} is not closed");
    if (id.len == 0) return fail(p, tag->begin, "{{#t}} without a text to translate");
    Node *node = node_add(p, NODE_TRANSLATE, tag->begin);
    node->text = must(talloc_strndup(p->t, id.text, id.len));
    p->at = close;
    return read_close(p, tag->name);
}

/* {{#fmt.NAME}}{{variable}}{{/fmt.NAME}}, from behind the opening tag. */
static bool parse_format(Parser *p, const Tag *tag) {
    const TemplateFormat *format = p->formats;
    Name wanted = { tag->name.text + 4, tag->name.len - 4 };
    while (format && format->name && !name_is(wanted, format->name)) format++;
    if (!format || !format->name)
        return fail(p, tag->begin, "there is no format \"%.*s\"", (int)wanted.len, wanted.text);

    Tag variable = { .kind = '!' };
    if (find(p->at, p->end, p->open, p->open_len) == p->at && !read_tag(p, &variable)) return false;
    if (variable.kind)
        return fail(p, tag->begin, "exactly one {{variable}} stands inside {{#%.*s}}", (int)tag->name.len,
                    tag->name.text);
    if (!add_named(p, NODE_FORMAT, &variable)) return false;
    p->t->nodes[p->t->count - 1].format = format;
    p->at = variable.after;
    return read_close(p, tag->name);
}

static bool is_translate(const Tag *tag) {
    return tag->kind == '#' && name_is(tag->name, "t");
}

static bool is_format(const Tag *tag) {
    return tag->kind == '#' && tag->name.len >= 4 && memcmp(tag->name.text, "fmt.", 4) == 0;
}

static bool open_section(Parser *p, const Tag *tag) {
    if (is_translate(tag)) return parse_translate(p, tag);
    if (is_format(tag)) return parse_format(p, tag);
    if (p->depth == SECTION_DEPTH - 2) return fail(p, tag->begin, "sections are nested too deep");
    p->sections[p->depth++] = p->t->count;
    return add_named(p, tag->kind == '#' ? NODE_SECTION : NODE_INVERTED, tag);
}

/* The name of an open section as written, for comparing and for messages: its names are slices of one string. */
static Name section_name(const Node *node) {
    if (node->name_count == 0) return (Name){ ".", 1 };
    const Name *first = &node->names[0], *last = &node->names[node->name_count - 1];
    return (Name){ first->text, (size_t)(last->text + last->len - first->text) };
}

static bool close_section(Parser *p, const Tag *tag) {
    Name name = tag->name;
    if (p->depth == 0) return fail(p, tag->begin, "{{/%.*s}} without a section", (int)name.len, name.text);
    Node *node = &p->t->nodes[p->sections[--p->depth]];
    Name open = section_name(node);
    if (open.len != name.len || memcmp(open.text, name.text, name.len) != 0)
        return fail(p, tag->begin, "{{/%.*s}} where section %.*s of line %u is open", (int)name.len, name.text,
                    (int)open.len, open.text, node->line);
    node->next = p->t->count;
    return true;
}

static bool add_partial(Parser *p, const Tag *tag, const char *indent, size_t indent_len) {
    if (tag->name.len == 0) return fail(p, tag->begin, "a partial without a name");
    Node *node = node_add(p, NODE_PARTIAL, tag->begin);
    node->text = must(talloc_strndup(p->t, tag->name.text, tag->name.len));
    node->indent = indent;
    node->len = (uint32_t)indent_len;
    return true;
}

static bool add_raw(Parser *p, const Tag *tag) {
    if (!(p->t->flags & TEMPLATE_RAW))
        return fail(p, tag->begin, "{{%c%.*s}} is not escaped and not allowed here", tag->kind, (int)tag->name.len,
                    tag->name.text);
    return add_named(p, NODE_RAW, tag);
}

/* ---- The template ---- */

/* If nothing but the tag stands on its lines, *begin and *after become the bounds of these whole lines. */
static bool standalone(const Parser *p, const char **begin, const char **after) {
    const char *b = *begin, *a = *after;
    while (b > p->at && (b[-1] == ' ' || b[-1] == '\t')) b--;
    if (!line_begins(p, b)) return false;
    while (a < p->end && (*a == ' ' || *a == '\t')) a++;
    if (a < p->end && *a == '\r' && a + 1 < p->end && a[1] == '\n') a++;
    if (a < p->end && *a != '\n') return false;
    *begin = b;
    *after = a < p->end ? a + 1 : a;
    return true;
}

/* A variable takes the text before it into its own node: half as many steps when a row is rendered. before is the number of
 * nodes before that text. */
static bool add_variable(Parser *p, const Tag *tag, uint32_t before) {
    Template *t = p->t;
    if (!add_named(p, NODE_VARIABLE, tag)) return false;
    if (t->count - before == 1) return true;
    Node *variable = &t->nodes[t->count - 1], *text = variable - 1;
    text->kind = NODE_VARIABLE;
    text->names = variable->names;
    text->name_count = variable->name_count;
    t->count--;
    return true;
}

static bool parse_tag(Parser *p, const char *begin) {
    Tag tag;
    const char *text = p->at;
    p->at = begin;
    if (!read_tag(p, &tag)) return false;

    const char *after = tag.after;
    p->at = text;
    uint32_t before = p->t->count;
    bool makes_text =
        strchr("&{", tag.kind) || is_translate(&tag) || is_format(&tag); /* kind 0 is found by strchr too */
    bool alone = !makes_text && standalone(p, &begin, &after);
    add_text(p, text, begin);
    p->at = after;
    if (!alone && line_begins(p, begin)) {
        Node *node = node_add(p, NODE_TEXT, begin); /* carries the line's indentation where this is a partial */
        node->text = begin;
        node->line_start = true;
    }
    switch (tag.kind) {
    case '#':
    case '^': return open_section(p, &tag);
    case '/': return close_section(p, &tag);
    case '>': return add_partial(p, &tag, begin, alone ? (size_t)(tag.begin - begin) : 0);
    case '=': return set_delimiters(p, &tag);
    case '!': return true;
    case '&':
    case '{': return add_raw(p, &tag);
    default: return add_variable(p, &tag, before);
    }
}

static bool parse(Parser *p) {
    for (;;) {
        const char *begin = find(p->at, p->end, p->open, p->open_len);
        if (!begin) break;
        if (!parse_tag(p, begin)) return false;
    }
    add_text(p, p->at, p->end);
    if (p->depth == 0) return true;
    const Node *node = &p->t->nodes[p->sections[p->depth - 1]];
    Name name = section_name(node);
    p->why = must(
        talloc_asprintf(p->t, "%s:%u: section %.*s is not closed", p->t->name, node->line, (int)name.len, name.text));
    return false;
}

const char *template_parse(Template *t, size_t len, const TemplateFormat *formats) {
    Parser p = { .t = t,
                 .formats = formats,
                 .at = t->source,
                 .end = t->source + len,
                 .open = "{{",
                 .close = "}}",
                 .open_len = 2,
                 .close_len = 2,
                 .counted = t->source,
                 .line = 1 };
    if (len > UINT32_MAX / 2)
        fail(&p, t->source, "the template is too large");
    else if (!text_is_utf8(t->source, len))
        fail(&p, t->source, "the template is not UTF-8");
    else
        parse(&p);
    return p.why;
}
