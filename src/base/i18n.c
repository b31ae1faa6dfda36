/* i18n.c - reads a .mo image and finds translations in it. */
#include "base/i18n.h"
#include "base/text.h"
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

typedef struct Entry {
    const char *id; /* NULL: free */
    const char *text;
    uint32_t hash;
} Entry;

/* The file's table is sorted for a binary search; a page asks some sixty times, so it becomes a hash table once. */
struct Lang {
    const char *code;
    char *tag;
    Entry *entries; /* open addressing */
    uint32_t mask;
};

/* The image as it lies in the file, in the byte order of whoever made it. */
typedef struct Image {
    const unsigned char *data;
    size_t size;
    bool swapped;
} Image;

static const uint32_t MO_MAGIC = 0x950412de, MO_SWAPPED = 0xde120495;

static bool image_u32(const Image *image, uint64_t at, uint32_t *ret_n) {
    uint32_t n;
    if (at + 4 > image->size) return false;
    memcpy(&n, image->data + at, 4);
    *ret_n = image->swapped ? __builtin_bswap32(n) : n;
    return true;
}

/* String number i of the table at `table`: inside the image, ended by NUL, UTF-8. Of plural forms (separated by NUL) the
 * first is what the pointer shows. */
static bool image_string(const Image *image, uint32_t table, uint32_t i, const char **ret_s) {
    uint32_t len, at;
    uint64_t row = (uint64_t)table + (uint64_t)i * 8;
    if (!image_u32(image, row, &len) || !image_u32(image, row + 4, &at)) return false;
    if ((uint64_t)at + len >= image->size || image->data[(size_t)at + len] != '\0') return false;
    *ret_s = (const char *)image->data + at;
    return text_is_utf8(*ret_s, strlen(*ret_s));
}

static uint32_t hash_text(const char *s) {
    uint32_t hash = 2166136261u;
    for (; *s; s++) hash = (hash ^ (unsigned char)*s) * 16777619u;
    return hash;
}

static Entry *entry_find(const Lang *lang, const char *id) {
    uint32_t hash = hash_text(id), i = hash & lang->mask;
    while (lang->entries[i].id && (lang->entries[i].hash != hash || strcmp(lang->entries[i].id, id) != 0))
        i = (i + 1) & lang->mask;
    return &lang->entries[i];
}

static bool lang_read(Lang *lang, const Image *image, uint32_t count, uint32_t ids, uint32_t texts) {
    for (uint32_t i = 0; i < count; i++) {
        const char *id, *text;
        if (!image_string(image, ids, i, &id) || !image_string(image, texts, i, &text)) return false;
        if (*id == '\0' || *text == '\0') continue; /* the file's header; a message nobody has translated */
        *entry_find(lang, id) = (Entry){ .id = id, .text = text, .hash = hash_text(id) };
    }
    return true;
}

Lang *lang_load(void *mem, const char *code, const void *mo, size_t size) {
    Image image = { .data = mo, .size = size };
    uint32_t magic, revision, count, ids, texts;
    if (!image_u32(&image, 0, &magic) || (magic != MO_MAGIC && magic != MO_SWAPPED)) return NULL;
    image.swapped = magic == MO_SWAPPED;
    if (!image_u32(&image, 4, &revision) || revision >> 16 > 1) return NULL;
    if (!image_u32(&image, 8, &count) || !image_u32(&image, 12, &ids) || !image_u32(&image, 16, &texts)) return NULL;
    if (count > size / 16) return NULL; /* each message takes two rows of eight bytes */

    Lang *lang = talloc_zero(mem, Lang);
    if (!lang) abort();
    lang->mask = 1;
    while (lang->mask <= count * 2) lang->mask = lang->mask * 2 + 1;
    lang->code = talloc_strdup(lang, code);
    lang->tag = talloc_strdup(lang, code);
    lang->entries = talloc_zero_array(lang, Entry, lang->mask + 1u);
    if (!lang->code || !lang->tag || !lang->entries) abort();
    for (char *p = lang->tag; *p; p++)
        if (*p == '_') *p = '-';
    if (lang_read(lang, &image, count, ids, texts)) return lang;
    talloc_free(lang);
    return NULL;
}

const char *lang_code(const Lang *lang) {
    return lang->code;
}

const char *lang_tag(const Lang *lang) {
    return lang->tag;
}

const char *tr(const Lang *lang, const char *msgid) {
    const Entry *entry = lang ? entry_find(lang, msgid) : NULL;
    return entry && entry->id ? entry->text : msgid;
}

/* The argument that stands for "{1}" "{2}" "{3}" at p, or NULL. */
static const char *placeholder(const Msg *msg, const char *p) {
    return p[0] == '{' && p[1] >= '1' && p[1] <= '3' && p[2] == '}' ? msg->args[p[1] - '1'] : NULL;
}

const char *msg_text(void *mem, const Lang *lang, const Msg *msg) {
    const char *form = tr(lang, msg->id);
    size_t len = 0;
    bool filled = false;
    for (const char *p = form; *p;) {
        const char *arg = placeholder(msg, p);
        len += arg ? strlen(arg) : 1;
        p += arg ? 3 : 1;
        filled |= arg != NULL;
    }
    if (!filled) return form;

    char *result = talloc_size(mem, len + 1), *to = result;
    if (!result) abort();
    for (const char *p = form; *p;) {
        const char *arg = placeholder(msg, p);
        if (arg) {
            to = stpcpy(to, arg);
            p += 3;
        } else {
            *to++ = *p++;
        }
    }
    *to = '\0';
    return result;
}
