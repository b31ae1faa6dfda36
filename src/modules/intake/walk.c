/* walk.c - over all rows of a file: each is judged, and its key is compared with those before it. */
#include "base/i18n.h"
#include "modules/intake/intake_private.h"
#include <inttypes.h>
#include <openssl/sha.h>
#include <string.h>
#include <talloc.h>

/* Keys of the file so far, by digest: 40 bytes a row, so a million rows fit where their texts would not. */
typedef struct SeenKey {
    uint64_t key[2], said;
    int64_t row; /* 0: free */
} SeenKey;
typedef struct Seen {
    SeenKey *slots;
    size_t size, count;
} Seen;

typedef struct Walking {
    Ctx *c;
    IntakeWalk *w;
    Seen seen;
    int64_t rows;
    bool full;
} Walking;

static SeenKey *slot_of(SeenKey *slots, size_t size, const uint64_t key[2]) {
    size_t at = (size_t)key[0] & (size - 1);
    while (slots[at].row && (slots[at].key[0] != key[0] || slots[at].key[1] != key[1])) at = (at + 1) & (size - 1);
    return &slots[at];
}

static void grow(void *mem, Seen *seen) {
    size_t size = seen->size ? seen->size * 2 : 1024;
    SeenKey *slots = talloc_zero_array(mem, SeenKey, (unsigned)size);
    for (size_t i = 0; i < seen->size; i++)
        if (seen->slots[i].row) *slot_of(slots, size, seen->slots[i].key) = seen->slots[i];
    seen->slots = slots;
    seen->size = size;
}

/* The same key once more: the same row again is passed over, another one is refused, for nobody can tell which is right. */
static void compare_key(Ctx *turn, Walking *k, Judged *j) {
    if (!*j->key) return;
    uint8_t digest[SHA256_DIGEST_LENGTH];
    uint64_t key[2];
    SHA256((const unsigned char *)j->key, strlen(j->key), digest);
    memcpy(key, digest, sizeof key);
    if (k->seen.count * 2 >= k->seen.size) grow(k->c->mem, &k->seen);
    SeenKey *seen = slot_of(k->seen.slots, k->seen.size, key);
    if (!seen->row) {
        *seen = (SeenKey){.key = {key[0], key[1]}, .said = j->said, .row = j->number};
        k->seen.count++;
    } else if (seen->said == j->said) {
        if (j->verdict != ROW_REFUSED) j->verdict = ROW_REPEATED;
    } else if (j->verdict != ROW_REFUSED) {
        Msg m = {.id = N_("Row {1} has the same key and says something else"), .args = {talloc_asprintf(turn->mem, "%" PRId64, seen->row)}};
        j->verdict = ROW_REFUSED;
        j->column = k->w->plan.columns[k->w->map.keys[0]].heading;
        j->message = msg_text(turn->mem, turn->lang, &m);
    }
}

static Error *one_row(Ctx *turn, Walking *k, int64_t number, const char *const *cells, size_t count) {
    IntakeWalk *w = k->w;
    Judged j;
    intake_judge(turn, &w->plan, &w->map, w->names, cells, count, w->matched, &j);
    j.number = number;
    if (w->names) compare_key(turn, k, &j);
    return w->each ? w->each(turn, w->arg, &j, cells, count) : NULL;
}

static Error *read_row(Ctx *c, void *arg, int64_t number, const char *const *cells, size_t count) {
    Walking *k = arg;
    (void)c;
    if (number <= k->w->plan.heading_row) return NULL;
    if (k->w->max_rows && k->rows == k->w->max_rows) {
        k->full = true;
        return err_invalid(k->c, "");
    }
    k->rows++;
    Ctx *turn = ctx_child(k->c);
    Error *e = err_copy(k->c->mem, one_row(turn, k, number, cells, count));
    ctx_done(turn);
    return e;
}

Error *intake_walk(Ctx *c, IntakeWalk *w) {
    Walking k = {.c = c, .w = w};
    memset(w->matched, 0, sizeof w->matched);
    Error *e = sheet_read(c, &w->file, read_row, &k);
    return k.full ? NULL : e;
}
