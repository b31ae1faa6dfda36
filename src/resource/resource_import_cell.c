/* resource_import_cell.c - one cell of an import into one member of a row. References and choices are asked for once per distinct text. */
#include "resource/resource_import_cell.h"
#include "base/i18n.h"
#include <string.h>
#include <talloc.h>

#define AT(T, row, f) (*(T *)((char *)(row) + (f)->offset))
#define CONST_AT(T, row, f) (*(T const *)((const char *)(row) + (f)->offset))

/* ---- maps ---- */

struct TextSlot {
    const char *text; /* NULL: free */
    uint64_t hash;
    int64_t n;
};
struct KeySlot {
    uint64_t hash; /* 0: free */
    int64_t n;
};
enum { FIRST_SLOTS = 64 };

static uint64_t mix(uint64_t h) {
    h = (h ^ (h >> 33)) * UINT64_C(0xff51afd7ed558ccd);
    h = (h ^ (h >> 33)) * UINT64_C(0xc4ceb9fe1a85ec53);
    return h ^ (h >> 33);
}

static uint64_t hash_bytes(uint64_t h, const void *data, size_t n) {
    const unsigned char *s = data;
    for (size_t i = 0; i < n; i++) h = (h ^ s[i]) * UINT64_C(1099511628211);
    return mix(h ^ n);
}

static struct TextSlot *text_slot(const TextMap *map, const char *text, uint64_t hash) {
    size_t i = hash & (map->size - 1);
    while (map->slots[i].text && (map->slots[i].hash != hash || strcmp(map->slots[i].text, text) != 0)) i = (i + 1) & (map->size - 1);
    return &map->slots[i];
}

int64_t *text_map_at(TextMap *map, const char *text, int64_t otherwise, bool *ret_new) {
    uint64_t hash = hash_bytes(1, text, strlen(text));
    if (map->count * 2 >= map->size) {
        TextMap bigger = *map;
        bigger.size = map->size ? map->size * 2 : FIRST_SLOTS;
        bigger.slots = talloc_zero_array(map->mem, struct TextSlot, bigger.size);
        for (size_t i = 0; i < map->size; i++)
            if (map->slots[i].text) *text_slot(&bigger, map->slots[i].text, map->slots[i].hash) = map->slots[i];
        bigger.pile.mem = map->mem;
        *map = bigger;
    }
    struct TextSlot *slot = text_slot(map, text, hash);
    if (ret_new) *ret_new = !slot->text;
    if (!slot->text) {
        *slot = (struct TextSlot){.text = pile_add(&map->pile, text, strlen(text)), .hash = hash, .n = otherwise};
        map->count++;
    }
    return &slot->n;
}

static struct KeySlot *key_slot(const KeyMap *map, uint64_t hash) {
    size_t i = (hash >> 1) & (map->size - 1); /* the lowest bit is always set */
    while (map->slots[i].hash && map->slots[i].hash != hash) i = (i + 1) & (map->size - 1);
    return &map->slots[i];
}

int64_t *key_map_at(KeyMap *map, uint64_t hash, int64_t otherwise) {
    if (map->count * 2 >= map->size) {
        KeyMap bigger = *map;
        bigger.size = map->size ? map->size * 2 : FIRST_SLOTS;
        bigger.slots = talloc_zero_array(map->mem, struct KeySlot, bigger.size);
        for (size_t i = 0; i < map->size; i++)
            if (map->slots[i].hash) *key_slot(&bigger, map->slots[i].hash) = map->slots[i];
        *map = bigger;
    }
    struct KeySlot *slot = key_slot(map, hash);
    if (!slot->hash) {
        *slot = (struct KeySlot){.hash = hash, .n = otherwise};
        map->count++;
    }
    return &slot->n;
}

uint64_t key_hash(const Resource *res, const Field *fields, size_t n, const void *row) {
    uint64_t h = 0;
    if (res->make_id) {
        int64_t id = res->make_id(row);
        return id ? hash_bytes(2, &id, sizeof id) | 1 : 0;
    }
    for (size_t i = 0; i < n; i++) {
        const Field *f = &fields[i];
        if (!(f->flags & KEY)) continue;
        if (field_is_empty(f, row)) return 0;
        switch (f->kind) {
        case F_TEXT:
        case F_LONGTEXT: h = hash_bytes(h, CONST_AT(char *, row, f), strlen(CONST_AT(char *, row, f))); break;
        case F_BOOL: h = hash_bytes(h, &CONST_AT(bool, row, f), sizeof(bool)); break;
        case F_ENUM: h = hash_bytes(h, &CONST_AT(int, row, f), sizeof(int)); break;
        case F_DATE: h = hash_bytes(h, &CONST_AT(Date, row, f), sizeof(Date)); break;
        default: h = hash_bytes(h, &CONST_AT(int64_t, row, f), sizeof(int64_t)); break;
        }
    }
    return h ? h | 1 : 0;
}

/* ---- cells ---- */

/* By number or name only: a figure in a sheet is somebody's number, not our id. */
static Error *read_ref(Ctx *c, CellReader *r, const char *text, void *row, Error **errors, bool *ret_later) {
    const Field *f = r->field;
    bool is_new, own = f->target == r->res;
    int64_t *known = text_map_at(&r->known, text, 0, &is_new);
    /* What is not there yet may come with a row of this very file. */
    if (is_new || (own && !r->dry && !*known)) {
        int64_t id = 0;
        TRY(resource_resolve(c, f->target, text, &id));
        *known = id;
    }
    if (own && r->dry && !*known && *text_map_at(r->named, text, 0, NULL)) {
        *ret_later = true;
        return NULL;
    }
    if (*known < 0)
        err_add_field(c, errors, f->name, N_("There are several entries called “{1}”; use the number"), text);
    else if (!*known)
        err_add_field(c, errors, f->name, N_("There is no “{1}”"), text_cut(c->mem, text, 60));
    else
        AT(int64_t, row, f) = *known;
    return NULL;
}

static void read_choice(Ctx *c, CellReader *r, const char *text, void *row, Error **errors) {
    const Field *f = r->field;
    bool is_new;
    int64_t *known = text_map_at(&r->known, text, -1, &is_new);
    if (is_new) {
        Error *e = NULL;
        field_parse(c, f, text, row, &e);
        if (!e) *known = AT(int, row, f);
    }
    if (*known < 0)
        err_add_field(c, errors, f->name, N_("Choose one of the offered values"));
    else
        AT(int, row, f) = (int)*known;
}

Error *cell_read(Ctx *c, CellReader *r, const char *raw, void *row, Error **errors, bool *ret_given, bool *ret_later) {
    const Field *f = r->field;
    *ret_given = true;
    switch (f->kind) {
    case F_REF:
    case F_ENUM:
    case F_BOOL: {
        const char *text = text_clean(c->mem, raw);
        if (f->kind == F_REF && *text) return read_ref(c, r, text, row, errors, ret_later);
        if (f->kind == F_ENUM && *text) read_choice(c, r, text, row, errors);
        if (f->kind == F_BOOL && *text) field_parse(c, f, text, row, errors);
        if (!*text) field_clear(f, row);
        *ret_given = *text || f->kind == F_REF;
        return NULL;
    }
    default: field_parse(c, f, raw, row, errors); return NULL;
    }
}
