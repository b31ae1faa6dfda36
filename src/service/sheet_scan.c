/* sheet_scan.c - a scanner for the XML of spreadsheets, three times as fast as expat on a big sheet.
 *
 * It takes well-formed UTF-8 with the five entities and character references. Whatever needs a document type is refused, as
 * the limits demand anyway. The text passes through a window that is cut up in place. */
#include "service/sheet_private.h"
#include "base/text.h"
#include <string.h>
#include <talloc.h>

enum { ENTITY = 12 /* the longest, "&#x0010FFFF;" */ };

typedef struct Scan {
    SheetReader *r;
    void *mem;
    SheetPart *part;
    const SheetXml *on;
    void *arg;
    char *buf, *p, *limit, *end; /* limit is where the last whole character ends */
    size_t size;
    bool eof, root; /* root: an element was seen */
    size_t depth;
    uint64_t names[SHEET_XML_DEPTH]; /* of open elements, packed by name_key */
    const char *atts[SHEET_XML_ATTRIBUTES * 2 + 1];
} Scan;

static Error *damaged(const Scan *s, const char *detail) {
    return sheet_damaged(s->r, 0, detail);
}

static bool is_space(char ch) {
    return ch == ' ' || ch == '\t' || ch == '\n' || ch == '\r';
}

/* Checks what was read behind limit and moves limit on. */
static Error *check_utf8(Scan *s) {
    char *whole = s->end;
    for (int i = 0; !s->eof && i < 4 && whole > s->limit;
         i++) { /* look for the start of a last character that is cut */
        unsigned char ch = (unsigned char)whole[-1];
        if (ch < 0x80) break;
        whole--;
        if (ch >= 0xC0) {
            if (s->end - whole >= (ch >= 0xF0 ? 4 : ch >= 0xE0 ? 3 : 2)) whole = s->end;
            break;
        }
    }
    if (!text_is_utf8(s->limit, (size_t)(whole - s->limit))) return damaged(s, "not UTF-8");
    s->limit = whole;
    return NULL;
}

static Error *more(Scan *s) {
    size_t kept = (size_t)(s->end - s->p), checked = (size_t)(s->limit - s->p), n;
    if (kept > SHEET_XML_TOKEN) return sheet_unsafe(s->r, "XML token");
    memmove(s->buf, s->p, kept);
    if (s->size - kept < SHEET_XML_CHUNK) {
        s->size += SHEET_XML_CHUNK * 2;
        s->buf = sheet_need(talloc_realloc_size(s->mem, s->buf, s->size));
    }
    TRY(sheet_part_read(s->part, s->buf + kept, SHEET_XML_CHUNK, &n));
    s->p = s->buf;
    s->limit = s->buf + checked;
    s->end = s->buf + kept + n;
    s->eof = n == 0;
    return check_utf8(s);
}

size_t sheet_utf8(long code, char out[static 4]) {
    static const unsigned char lead[] = { 0, 0, 0xC0, 0xE0, 0xF0 };
    size_t n = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    for (size_t i = n; i-- > 1; code >>= 6) out[i] = (char)(0x80 | (code & 63));
    out[0] = (char)(lead[n] | code);
    return n;
}

/* Character of the entity whose & is at s and whose ; is at end; 0 if there is none of that name. */
static long entity(const char *s, const char *end) {
    static const struct {
        const char *name;
        char ch;
    } known[] = { { "amp", '&' }, { "lt", '<' }, { "gt", '>' }, { "quot", '"' }, { "apos", '\'' } };
    size_t n = (size_t)(end - ++s);
    if (*s != '#') {
        for (size_t i = 0; i < sizeof known / sizeof *known; i++)
            if (strlen(known[i].name) == n && memcmp(s, known[i].name, n) == 0) return known[i].ch;
        return 0;
    }
    bool hex = *++s == 'x';
    long code = 0;
    for (s += hex; s < end && code <= 0x10FFFF; s++) {
        int digit = *s >= '0' && *s <= '9'   ? *s - '0'
                    : *s >= 'a' && *s <= 'f' ? *s - 'a' + 10
                    : *s >= 'A' && *s <= 'F' ? *s - 'A' + 10
                                             : 99;
        if (digit >= (hex ? 16 : 10)) return 0;
        code = code * (hex ? 16 : 10) + digit;
    }
    bool control = code < 32 && code != '\t' && code != '\n' && code != '\r';
    return control || code > 0x10FFFF || (code >= 0xD800 && code < 0xE000) ? 0 : code;
}

/* Resolves the entities of [s, end) in place; returns the new end, or NULL. */
static char *resolve(char *s, char *end) {
    char *out = memchr(s, '&', (size_t)(end - s));
    if (!out) return end;
    for (s = out; s < end;) {
        if (*s != '&') {
            *out++ = *s++;
            continue;
        }
        char *semicolon = memchr(s, ';', (size_t)(end - s)), ch[4];
        long code = semicolon ? entity(s, semicolon) : 0;
        if (code == 0) return NULL;
        size_t n = sheet_utf8(code, ch); /* never longer than the entity */
        memcpy(out, ch, n);
        out += n;
        s = semicolon + 1;
    }
    return out;
}

/* Text up to the next tag, or as far as it is there and no entity is cut. *ret_more: the rest must be read first. */
static Error *text(Scan *s, bool *ret_more) {
    char *end = memchr(s->p, '<', (size_t)(s->limit - s->p));
    *ret_more = !end;
    if (!end) {
        end = s->limit;
        size_t tail = (size_t)(end - s->p) < ENTITY ? (size_t)(end - s->p) : ENTITY;
        char *cut = memrchr(end - tail, '&', tail);
        if (cut && !memchr(cut, ';', (size_t)(end - cut))) end = cut;
    }
    if (s->depth > 0 && s->on->text && end > s->p) {
        char *last = resolve(s->p, end);
        if (!last) return damaged(s, "entity");
        TRY(s->on->text(s->arg, s->p, (size_t)(last - s->p)));
    }
    s->p = end;
    return NULL;
}

static uint64_t name_key(const char *name, size_t n) {
    uint64_t key = 0;
    memcpy(&key, name, n < 7 ? n : 7);
    return key | (uint64_t)(n & 255) << 56;
}

static Error *open_element(Scan *s, const char *name, const char *qualified, size_t n) {
    if (s->depth == SHEET_XML_DEPTH) return sheet_unsafe(s->r, "XML depth");
    if (s->depth == 0 && s->root) return damaged(s, "second root");
    s->root = true;
    s->names[s->depth++] = name_key(qualified, n);
    return s->on->start ? s->on->start(s->arg, name, s->atts) : NULL;
}

static Error *close_element(Scan *s, const char *name, const char *qualified, size_t n) {
    if (s->depth == 0 || s->names[--s->depth] != name_key(qualified, n)) return damaged(s, "end tag");
    return s->on->end ? s->on->end(s->arg, name) : NULL;
}

/* Moves over a name; *ret_local is its part behind the prefix. */
static char *skip_name(char *p, char **ret_local) {
    *ret_local = p;
    for (; !is_space(*p) && *p != '=' && *p != '/' && *p != '>'; p++)
        if (*p == ':') *ret_local = p + 1;
    return p;
}

/* The attributes from p to end, which is the > or / that ends the tag. Names keep their prefix. */
static Error *attributes(Scan *s, char *p, char *end) {
    size_t n = 0;
    for (;;) {
        char *before = p, *local;
        while (p < end && is_space(*p)) p++;
        if (p == end) break;
        if (p == before) return damaged(s, "attribute");
        if (n == SHEET_XML_ATTRIBUTES * 2) return sheet_unsafe(s->r, "XML attributes");
        char *name = p, *name_end = skip_name(p, &local);
        for (p = name_end; p < end && is_space(*p); p++) {}
        if (name == name_end || *p != '=') return damaged(s, "attribute");
        for (p++; p < end && is_space(*p); p++) {}
        char quote = *p, *value = p + 1,
             *last = p < end && (quote == '"' || quote == '\'') ? memchr(value, quote, (size_t)(end - value)) : NULL;
        if (!last || memchr(value, '<', (size_t)(last - value))) return damaged(s, "attribute value");
        p = last + 1;
        last = resolve(value, last);
        if (!last) return damaged(s, "entity");
        *name_end = *last = 0;
        s->atts[n++] = name;
        s->atts[n++] = value;
    }
    s->atts[n] = NULL;
    return NULL;
}

/* The > that ends the tag at p, minding quotes; NULL if it is not there yet. */
static char *tag_end(char *p, const char *limit) {
    for (p++; p < limit && *p != '>'; p++) {
        if (*p != '"' && *p != '\'') continue;
        p = memchr(p + 1, *p, (size_t)(limit - p - 1));
        if (!p) return NULL;
    }
    return p < limit ? p : NULL;
}

static Error *tag(Scan *s, char *end) {
    bool closing = s->p[1] == '/', empty = end[-1] == '/' && !closing;
    char *name = s->p + 1 + closing, *local, *p = skip_name(name, &local), *last = end - empty;
    size_t n = (size_t)(p - name);
    s->p = end + 1;
    if (n == 0 || p > last) return damaged(s, "tag");
    if (closing) {
        for (char *rest = p; rest < end; rest++)
            if (!is_space(*rest)) return damaged(s, "end tag");
        *p = 0;
        return close_element(s, local, name, n);
    }
    TRY(attributes(s, p, last));
    *p = 0; /* only now: it may be the character that ends the tag */
    TRY(open_element(s, local, name, n));
    return empty ? close_element(s, local, name, n) : NULL;
}

/* <? ... ?>, <!-- ... --> and <![CDATA[ ... ]]>; *ret_more if the end is not there yet. */
static Error *special(Scan *s, bool *ret_more) {
    static const char cdata[] = "<![CDATA[";
    size_t have = (size_t)(s->limit - s->p);
    bool is_cdata = false;
    const char *mark = "?>";
    if (s->p[1] == '!') {
        size_t n = have < sizeof cdata - 1 ? have : sizeof cdata - 1;
        is_cdata = memcmp(s->p, cdata, n) == 0;
        bool comment = memcmp(s->p, "<!--", have < 4 ? have : 4) == 0;
        if (!is_cdata && !comment) return sheet_unsafe(s->r, "DOCTYPE");
        *ret_more = is_cdata ? n < sizeof cdata - 1 : have < 4;
        if (*ret_more) return NULL;
        mark = is_cdata ? "]]>" : "-->";
    }
    size_t begin = is_cdata ? sizeof cdata - 1 : s->p[1] == '!' ? 4 : 2;
    char *end = memmem(s->p + begin, have - begin, mark, strlen(mark));
    *ret_more = !end;
    if (!end) return NULL;
    char *inside = s->p + begin;
    s->p = end + strlen(mark);
    if (is_cdata && s->depth > 0 && s->on->text && end > inside)
        return s->on->text(s->arg, inside, (size_t)(end - inside));
    return NULL;
}

/* Everything that is complete in the window. */
static Error *consume(Scan *s) {
    bool wait = false;
    while (!wait && s->p < s->limit) {
        if (*s->p != '<') {
            TRY(text(s, &wait));
        } else if (s->limit - s->p < 2) {
            wait = true;
        } else if (s->p[1] == '!' || s->p[1] == '?') {
            TRY(special(s, &wait));
        } else {
            char *end = tag_end(s->p, s->limit);
            wait = !end;
            if (end) TRY(tag(s, end));
        }
    }
    return NULL;
}

Error *sheet_scan(SheetReader *r, void *mem, SheetPart *part, const char *first, size_t n, const SheetXml *on,
                  void *arg) {
    Scan *s = sheet_need(talloc_zero(mem, Scan));
    *s = (Scan){ .r = r, .mem = mem, .part = part, .on = on, .arg = arg, .size = SHEET_XML_CHUNK * 2 };
    s->buf = s->p = s->limit = sheet_need(talloc_size(mem, s->size));
    memcpy(s->buf, first, n);
    s->end = s->buf + n;
    TRY(check_utf8(s));
    if (n >= 3 && memcmp(s->p, "\xEF\xBB\xBF", 3) == 0) s->p += 3;
    for (;;) {
        TRY(consume(s));
        if (s->eof) break;
        TRY(more(s));
    }
    return s->p < s->end || s->depth > 0 || !s->root ? damaged(s, "XML ends too early") : NULL;
}
