/* log.c - writes events to stderr, each as one line by one write(2), so that lines of threads do not mix. */
#include "base/log.h"
#include "base/date.h"
#include "base/text.h"
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#define LINE_MAX_BYTES 8192
#define ENDING         " cut=yes\n" /* of a line that was too long */

static LogLevel least_level = LOG_INFO_;

void log_set_level(LogLevel least) {
    least_level = least;
}

typedef struct Line {
    size_t len;
    bool full;
    char data[LINE_MAX_BYTES];
} Line;

static void add(Line *line, const char *s, size_t n) {
    if (line->full || line->len + n > sizeof line->data - sizeof ENDING) {
        line->full = true;
        return;
    }
    memcpy(line->data + line->len, s, n);
    line->len += n;
}

/* A table, since a request's line asks seven times. */
static bool plain(const char *s) {
    static const bool allowed[256] = {
        ['A' ... 'Z'] = true, ['a' ... 'z'] = true, ['0' ... '9'] = true, ['_'] = true, ['.'] = true, ['/'] = true, [':'] = true, ['-'] = true,
    };
    if (!*s) return false;
    while (allowed[(unsigned char)*s]) s++;
    return !*s;
}

/* Bytes of the character at s that may stand as it is: printable, well-formed, no line or paragraph break. */
static size_t printable(const char *s) {
    unsigned char ch = (unsigned char)s[0];
    if (ch < 0x80) return ch >= 0x20 && ch != 0x7f && ch != '"' && ch != '\\';
    size_t size = ch >= 0xf0 ? 4 : ch >= 0xe0 ? 3 : 2;
    if (strnlen(s, size) < size || !text_is_utf8(s, size)) return 0;
    if (ch == 0xc2 && (unsigned char)s[1] < 0xa0) return 0; /* C1 controls */
    if (!strncmp(s, "\u2028", 3) || !strncmp(s, "\u2029", 3)) return 0;
    return size;
}

static void add_quoted(Line *line, const char *s) {
    static const char hex[] = "0123456789abcdef";
    add(line, "\"", 1);
    if (line->full) return;
    while (*s && !line->full) {
        size_t n = printable(s);
        if (n) {
            add(line, s, n);
            s += n;
            continue;
        }
        unsigned char ch = (unsigned char)*s++;
        if (ch == '\n')
            add(line, "\\n", 2);
        else if (ch == '\r')
            add(line, "\\r", 2);
        else if (ch == '\t')
            add(line, "\\t", 2);
        else if (ch == '"')
            add(line, "\\\"", 2);
        else if (ch == '\\')
            add(line, "\\\\", 2);
        else
            add(line, (char[]){ '\\', 'x', hex[ch >> 4], hex[ch & 15] }, 4);
    }
    line->data[line->len++] = '"'; /* also if the value was cut: the NUL of ENDING leaves room */
}

static void add_value(Line *line, const char *s) {
    if (plain(s))
        add(line, s, strlen(s));
    else
        add_quoted(line, s);
}

void log_event(LogLevel level, const char *msg, ...) {
    static const char *const levels[] = { "debug", "info", "warn", "error" };
    if (level < least_level) return;
    Line line;
    line.len = 0, line.full = false;
    char now[INSTANT_TEXT];
    instant_text(instant_now(), now);
    add(&line, now, strlen(now));
    add(&line, " ", 1);
    add(&line, levels[level], strlen(levels[level]));
    add(&line, " ", 1);
    add_value(&line, msg);
    va_list args;
    va_start(args, msg);
    for (const char *key; !line.full && (key = va_arg(args, const char *));) {
        const char *value = va_arg(args, const char *);
        if (!value) continue;
        add(&line, " ", 1);
        add(&line, key, strlen(key));
        add(&line, "=", 1);
        add_value(&line, value);
    }
    va_end(args);
    const char *end = line.full ? ENDING : "\n";
    memcpy(line.data + line.len, end, strlen(end));
    line.len += strlen(end);
    ssize_t written = write(STDERR_FILENO, line.data, line.len);
    (void)written; /* there is nowhere to report it */
}
