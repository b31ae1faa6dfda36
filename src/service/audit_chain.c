/* audit_chain.c - the canonical bytes of an audit row, the hash of a block, and the check of the whole chain. */
#include "service/audit_chain.h"
#include "base/i18n.h"
#include "base/text.h"
#include "db/db.h"
#include "service/audit.h"
#include <inttypes.h>
#include <jansson.h>
#include <openssl/evp.h>
#include <string.h>
#include <talloc.h>

enum { PAGE = 10000, NUMBERS = 4, TEXTS = 6 };

/* ---- hashing ---- */

struct AuditHash {
    EVP_MD_CTX *md;
};

static int hash_free(AuditHash *h) {
    EVP_MD_CTX_free(h->md);
    return 0;
}

/* Every field goes in behind its length, so that no two different rows have the same bytes. */
static void add(AuditHash *h, const void *data, size_t n) {
    uint8_t len[4] = { (uint8_t)(n >> 24), (uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n };
    EVP_DigestUpdate(h->md, len, sizeof len);
    EVP_DigestUpdate(h->md, data, n);
}

static void add_int(AuditHash *h, int64_t i) {
    uint8_t bytes[8];
    for (int k = 0; k < 8; k++) bytes[k] = (uint8_t)((uint64_t)i >> (56 - 8 * k));
    add(h, bytes, sizeof bytes);
}

AuditHash *audit_hash_new(Ctx *c, const char *previous) {
    AuditHash *h = talloc(c->mem, AuditHash);
    h->md = EVP_MD_CTX_new();
    talloc_set_destructor(h, hash_free);
    EVP_DigestInit_ex(h->md, EVP_sha256(), NULL);
    add(h, previous, strlen(previous));
    return h;
}

const char *audit_hash_text(Ctx *c, AuditHash *h) {
    uint8_t digest[EVP_MAX_MD_SIZE];
    unsigned n = 0;
    EVP_DigestFinal_ex(h->md, digest, &n);
    return text_hex(c->mem, digest, n);
}

#define ROW_COLUMNS "id, at, actor_id, object_id, actor_name, action, object, changes, address, request_id"

Error *audit_hash_rows(Ctx *c, AuditHash *h, AuditRange *range) {
    Rows *rows;
    range->rows = range->first_id = range->last_id = 0;
    TRY(db_query(c, &rows, "SELECT " ROW_COLUMNS " FROM audit WHERE id > $1 AND id <= $2 ORDER BY id LIMIT $3",
                 V(range->after), V(range->up_to), V(range->limit)));
    while (rows_next(rows) && row_int(rows, 1) <= range->latest) {
        for (int i = 0; i < NUMBERS; i++) add_int(h, row_int(rows, i));
        for (int i = NUMBERS; i < NUMBERS + TEXTS; i++) {
            const char *s = row_text(rows, i);
            add(h, s, strlen(s));
        }
        range->last_id = row_int(rows, 0);
        if (!range->rows++) range->first_id = range->last_id;
    }
    return rows_done(rows);
}

/* ---- checking ---- */

typedef struct Block {
    int64_t id, first_id, last_id, rows;
    char previous[72], hash[72];
} Block;

typedef struct Verify {
    Ctx *c;
    Text *report;
    int64_t rows, blocks, bad;
    int64_t last_id; /* of the block before */
    char hash[72];
} Verify;

static void finding(Verify *v, const char *what, int64_t from, int64_t to) {
    v->bad++;
    if (v->report) text_addf(v->report, "%s: %" PRId64 "..%" PRId64 "\n", tr(v->c->lang, what), from, to);
}

/* Rows that stand before the block or between it and the one before it belong to no block, yet their time is over. */
static Error *check_gap(Ctx *c, Verify *v, const Block *b) {
    int64_t n = 0;
    TRY(db_get_int(c, &n, "SELECT count(*) FROM audit WHERE id > $1 AND id < $2", V(v->last_id), V(b->first_id)));
    if (n) finding(v, N_("rows inserted before a sealed block, ids between"), v->last_id, b->first_id);
    return NULL;
}

static Error *check_block(Ctx *c, Verify *v, const Block *b) {
    bool linked = !strcmp(b->previous, v->hash);
    if (!linked) finding(v, N_("block does not continue the one before it, block"), b->id, b->id);
    if (b->rows < 1 || b->first_id <= v->last_id || b->last_id < b->first_id || b->rows > PAGE) {
        finding(v, N_("block is malformed, block"), b->id, b->id);
        return NULL;
    }
    TRY(check_gap(c, v, b));
    AuditHash *h = audit_hash_new(c, b->previous);
    AuditRange range = { .after = b->first_id - 1, .up_to = b->last_id, .limit = b->rows + 1, .latest = INT64_MAX };
    TRY(audit_hash_rows(c, h, &range));
    v->rows += range.rows;
    if (range.rows < b->rows)
        finding(v, N_("rows removed from the block with ids"), b->first_id, b->last_id);
    else if (range.rows > b->rows)
        finding(v, N_("rows inserted into the block with ids"), b->first_id, b->last_id);
    else if (strcmp(audit_hash_text(c, h), b->hash) != 0)
        finding(v, N_("rows changed in the block with ids"), b->first_id, b->last_id);
    return NULL;
}

static bool is_object(const char *s) {
    json_t *v = json_loads(s, JSON_REJECT_DUPLICATES, NULL);
    bool ok = json_is_object(v);
    json_decref(v);
    return ok;
}

/* A row that no hash covers yet must at least look like one of ours. On SQLite ids have no gaps, so a missing one is a removed row; on
 * PostgreSQL a transaction that was rolled back leaves a gap too. */
static Error *check_tail(Ctx *c, Verify *v) {
    for (int64_t last = v->last_id, n = PAGE; n == PAGE;) {
        Rows *rows;
        n = 0;
        TRY(db_query(c, &rows, "SELECT id, action, object, changes FROM audit WHERE id > $1 ORDER BY id LIMIT $2",
                     V(last), V(PAGE)));
        while (rows_next(rows)) {
            int64_t id = row_int(rows, 0);
            if (id != last + 1 && db_engine(c->db) == DB_SQLITE)
                finding(v, N_("rows removed from the unsealed end, ids between"), last, id);
            if (!*row_text(rows, 1) || !*row_text(rows, 2) || !is_object(row_text(rows, 3)))
                finding(v, N_("malformed row in the unsealed end, id"), id, id);
            last = id;
            n++;
        }
        TRY(rows_done(rows));
        v->rows += n;
    }
    return NULL;
}

static Error *next_block(Ctx *c, int64_t after, Block *b, bool *ret_found) {
    Rows *rows;
    TRY(db_one(c, &rows,
               "SELECT id, first_id, last_id, rows, previous, hash FROM audit_block WHERE id > $1 ORDER BY id LIMIT 1",
               V(after)));
    *ret_found = rows != NULL;
    if (!rows) return NULL;
    *b = (Block){
        .id = row_int(rows, 0), .first_id = row_int(rows, 1), .last_id = row_int(rows, 2), .rows = row_int(rows, 3)
    };
    strncpy(b->previous, row_text(rows, 4), sizeof b->previous - 1);
    strncpy(b->hash, row_text(rows, 5), sizeof b->hash - 1);
    return rows_done(rows);
}

/* Outside a transaction: what is being written or sealed meanwhile only adds to the end. */
static Error *verify(Ctx *c, Verify *v) {
    bool found = true;
    Block b = { 0 };
    int64_t n = 0;
    TRY(db_get_int(c, &n, "SELECT count(*) FROM audit WHERE id < 1"));
    if (n) finding(v, N_("rows inserted with an id that is never given"), 0, 0);
    for (;;) {
        Ctx *turn = ctx_child(c);
        Error *e = next_block(turn, b.id, &b, &found);
        if (!e && found) e = check_block(turn, v, &b);
        e = err_copy(c->mem, e);
        ctx_done(turn);
        if (e) return e;
        if (!found) break;
        v->blocks++;
        v->last_id = b.last_id > v->last_id ? b.last_id : v->last_id;
        memcpy(v->hash, b.hash, sizeof v->hash);
    }
    return check_tail(c, v);
}

Error *audit_verify(Ctx *c, int64_t *ret_rows, int64_t *ret_blocks, int64_t *ret_bad, Text *report) {
    Verify v = { .c = c, .report = report, .hash = AUDIT_NO_HASH };
    TRY(verify(c, &v));
    *ret_rows = v.rows;
    *ret_blocks = v.blocks;
    *ret_bad = v.bad;
    return NULL;
}
