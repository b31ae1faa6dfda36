/* lang.c - the catalogues of the languages that we speak. */
#include "service/lang.h"
#include "base/embed.h"
#include <string.h>
#include <strings.h>
#include <talloc.h>

static const struct { const char *prefix, *code; } known[] = { { "zh", "zh_CN" }, { "en", "en" } };
enum { LANGUAGES = sizeof known / sizeof *known };
static Lang *loaded[LANGUAGES];

/* A catalogue without entries: magic, revision, count 0, and where the (empty) tables stand. */
static const uint32_t empty_mo[7] = { 0x950412de, 0, 0, 28, 28, 0, 28 };

Error *lang_setup(Ctx *c) {
    for (size_t i = 0; i < LANGUAGES; i++) {
        if (loaded[i]) continue;
        const Embedded *mo = embedded_find(talloc_asprintf(c->mem, "po/%s.mo", known[i].code));
        if (mo) loaded[i] = lang_load(NULL, known[i].code, mo->data, mo->size);
        if (mo && !loaded[i]) return err_internal(c, "the catalogue of %s is malformed", known[i].code);
        if (!mo) loaded[i] = lang_load(NULL, known[i].code, empty_mo, sizeof empty_mo);
    }
    return NULL;
}

const Lang *lang_get(const char *code) {
    const char *best = code ? lang_known(code) : NULL;
    for (size_t i = 0; i < LANGUAGES; i++)
        if (best == known[i].code) return loaded[i];
    return loaded[0];
}

const char *lang_known(const char *tag) {
    size_t n = strcspn(tag, "-_;, ");
    for (size_t i = 0; i < LANGUAGES; i++)
        if (n == strlen(known[i].prefix) && !strncasecmp(tag, known[i].prefix, n)) return known[i].code;
    return NULL;
}

const char *lang_accepted(const char *header) {
    for (const char *s = header; s && *s; s += strcspn(s, ",")) {
        s += strspn(s, ", \t");
        const char *code = lang_known(s);
        if (code) return code;
    }
    return NULL;
}
