/* sheet_decode.c - text of unknown encoding as a stream of UTF-8: a byte-order mark decides, else UTF-8 if all of it is,
 * else GB18030 (what a Chinese Excel writes), else Windows-1252. */
#include "service/sheet_private.h"
#include "base/text.h"
#include <errno.h>
#include <iconv.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>

enum { SCRATCH = 64 * 1024 };

struct SheetText {
    SheetReader *r;
    const char *p;
    size_t left;
    bool convert;
    iconv_t cd;
};

static int close_iconv(SheetText *t) {
    if (t->convert) iconv_close(t->cd);
    return 0;
}

static void use_encoding(SheetText *t, const char *encoding) {
    close_iconv(t);
    t->cd = iconv_open("UTF-8", encoding);
    t->convert = t->cd != (iconv_t)-1; /* fails only where glibc's conversion files were removed */
}

/* True if all of the rest can be converted from that encoding. */
static bool converts(const SheetText *t, const char *encoding, char *scratch) {
    iconv_t cd = iconv_open("UTF-8", encoding);
    if (cd == (iconv_t)-1) return false;
    char *in = (char *)(uintptr_t)t->p; /* iconv's prototype lacks the const it keeps */
    size_t left = t->left;
    bool ok = true;
    while (ok && left > 0) {
        char *out = scratch;
        size_t room = SCRATCH;
        ok = iconv(cd, &in, &left, &out, &room) != (size_t)-1 || errno == E2BIG;
    }
    iconv_close(cd);
    return ok;
}

/* Length of the well-formed sequence at s, or 0. */
static size_t sequence(const char *s, size_t n) {
    unsigned char ch = (unsigned char)*s;
    size_t len = ch < 0x80 ? 1 : ch < 0xE0 ? 2 : ch < 0xF0 ? 3 : 4;
    return len == 1 || (len <= n && text_is_utf8(s, len)) ? len : 0;
}

/* Text that is UTF-8 but for a few bytes was damaged on its way. To read it as something else would fill the database
 * with rubbish, so say where it is broken. */
static Error *damaged_utf8(const SheetText *t, bool certain) {
    const char *s = t->p;
    int64_t line = 1, bad_line = 0;
    size_t good = 0, bad = 0;
    for (size_t i = 0; i < t->left;) {
        size_t len = sequence(s + i, t->left - i);
        line += s[i] == '\n';
        if (len == 0 && bad++ == 0) bad_line = line;
        if (len >= 3) good++;
        i += len ? len : 1;
    }
    if (!certain && good <= bad * 8) return NULL;
    return err_invalid(
        t->r->c, N_("Line {1} of the file contains characters that are not valid UTF-8; save the file again as UTF-8"),
        sheet_number_arg(t->r, bad_line));
}

static Error *detect(SheetText *t, bool gb) {
    if (t->left >= 2 && (memcmp(t->p, "\xFF\xFE", 2) == 0 || memcmp(t->p, "\xFE\xFF", 2) == 0)) {
        use_encoding(t, *t->p == '\xFF' ? "UTF-16LE" : "UTF-16BE");
        t->p += 2;
        t->left -= 2;
        return t->convert ? NULL : err_internal(t->r->c, "iconv knows no UTF-16");
    }
    if (memchr(t->p, 0, t->left)) return sheet_not_one(t->r);
    bool mark = t->left >= 3 && memcmp(t->p, "\xEF\xBB\xBF", 3) == 0;
    if (mark) t->p += 3, t->left -= 3;
    char *scratch = sheet_need(talloc_size(t, SCRATCH));
    if (gb && !mark && converts(t, "GB18030", scratch)) {
        use_encoding(t, "GB18030");
        return NULL;
    }
    if (text_is_utf8(t->p, t->left)) return NULL;
    TRY(damaged_utf8(t, mark));
    if (converts(t, "GB18030", scratch))
        use_encoding(t, "GB18030");
    else if (converts(t, "CP1252", scratch))
        use_encoding(t, "CP1252");
    return t->convert ? NULL : sheet_not_one(t->r);
}

Error *sheet_text_open(SheetReader *r, bool gb, SheetText **ret_text) {
    SheetText *t = sheet_need(talloc_zero(r->work->mem, SheetText));
    talloc_set_destructor(t, close_iconv);
    t->r = r;
    t->p = r->data;
    t->left = r->size;
    TRY(detect(t, gb));
    *ret_text = t;
    return NULL;
}

Error *sheet_text_fill(SheetText *t, char *out, size_t room, size_t *ret_n) {
    *ret_n = 0;
    if (t->left == 0) return NULL;
    if (!t->convert) {
        size_t n = room < t->left ? room : t->left;
        memcpy(out, t->p, n);
        t->p += n;
        t->left -= n;
        *ret_n = n;
        return NULL;
    }
    char *in = (char *)(uintptr_t)t->p, *to = out;
    if (iconv(t->cd, &in, &t->left, &to, &room) == (size_t)-1 && errno != E2BIG)
        return err_invalid(t->r->c, N_("The text of the file is damaged; save it again as UTF-8 and retry"));
    t->p = in;
    *ret_n = (size_t)(to - out);
    return memchr(out, 0, *ret_n) ? sheet_not_one(t->r) : NULL; /* possible in UTF-16 */
}
