/* audit.c - writing and sealing audit rows. */
#include "service/audit.h"
#include "db/db.h"
#include "service/access.h"
#include "service/audit_chain.h"
#include <string.h>
#include <talloc.h>

enum { BLOCK_ROWS = 10000 };
static const int64_t YOUNG = INT64_C(60) * 1000000;

Error *audit_record(Ctx *c, const char *action, const char *object, int64_t object_id, const char *changes) {
    const Actor *a = c->actor ? c->actor : &visitor_actor;
    return db_exec_late(
        c,
        "INSERT INTO audit(at, actor_id, actor_name, action, object, object_id, changes, address, request_id)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        V(c->now), V(a->account_id), V(&a->name[0]), V(action), V(object), V(object_id), V(changes),
        V(c->address ? c->address : ""), V(c->request_id ? c->request_id : ""));
}

typedef struct Event {
    const char *action, *object, *changes;
    int64_t object_id;
} Event;

static Error *record_event(Ctx *c, void *arg) {
    const Event *e = arg;
    return audit_record(c, e->action, e->object, e->object_id, e->changes);
}

Error *audit_event(Ctx *c, const char *action, const char *object, int64_t object_id, const char *changes) {
    Event e = { .action = action, .object = object, .changes = changes, .object_id = object_id };
    return db_tx(c, record_event, &e);
}

/* Seals the next rows; *ret_rows is how many. The block ends before the first row that is still young: on PostgreSQL a transaction with a
 * lower id may commit after one with a higher id, and must not find its place already sealed. */
static Error *seal_block(Ctx *c, void *arg) {
    int64_t *ret_rows = arg, last = 0;
    const char *previous = AUDIT_NO_HASH;
    *ret_rows = 0;
    TRY(db_get_int(c, &last, "SELECT last_id FROM audit_block ORDER BY id DESC LIMIT 1"));
    TRY(db_get_text(c, &previous, "SELECT hash FROM audit_block ORDER BY id DESC LIMIT 1"));
    AuditHash *h = audit_hash_new(c, previous);
    AuditRange range = { .after = last, .up_to = INT64_MAX, .limit = BLOCK_ROWS, .latest = c->now - YOUNG };
    TRY(audit_hash_rows(c, h, &range));
    if (!range.rows) return NULL;
    TRY(db_exec(
        c,
        "INSERT INTO audit_block(first_id, last_id, rows, previous, hash, sealed_at) VALUES ($1, $2, $3, $4, $5, $6)",
        V(range.first_id), V(range.last_id), V(range.rows), V(previous), V(audit_hash_text(c, h)), V(c->now)));
    *ret_rows = range.rows;
    return NULL;
}

Error *audit_seal(Ctx *c) {
    int64_t rows = BLOCK_ROWS;
    while (rows == BLOCK_ROWS) TRY(db_tx(c, seal_block, &rows));
    return NULL;
}
