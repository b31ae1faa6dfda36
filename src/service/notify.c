/* notify.c - messages to people inside the product. */
#include "service/notify.h"
#include "base/i18n.h"
#include "db/db.h"
#include "service/access.h"

Error *notify_account(Ctx *c, int64_t account_id, const char *kind, Msg message, const char *href) {
    return db_exec(c,
                   "INSERT INTO notice(account_id, kind, message, arg1, arg2, href, created_at) VALUES ($1, $2, $3, "
                   "$4, $5, $6, $7)",
                   V(account_id), V(kind), V(message.id), V(message.args[0]), V(message.args[1]), V(href), V(c->now));
}

Error *notify_employee(Ctx *c, int64_t employee_id, const char *kind, Msg message, const char *href) {
    int64_t account_id = 0;
    TRY(db_get_int(c, &account_id, "SELECT id FROM account WHERE employee_id = $1 AND status = 0", V(employee_id)));
    return account_id ? notify_account(c, account_id, kind, message, href) : NULL;
}

Error *notify_settle(Ctx *c, int64_t employee_id, const char *kind) {
    return db_exec(c, "UPDATE notice SET read_at = $3 WHERE account_id = (SELECT id FROM account WHERE employee_id = $1) AND kind = $2 AND read_at IS NULL",
                   V(employee_id), V(kind), V(c->now));
}

Error *notify_unread(Ctx *c, int64_t *ret_count) {
    *ret_count = 0;
    return db_get_int(c, ret_count, "SELECT count(*) FROM notice WHERE account_id = $1 AND read_at IS NULL",
                      V(c->actor->account_id));
}

Error *notify_list(Ctx *c, int limit, Value *ret_list) {
    Rows *rows;
    *ret_list = value_array(c->mem);
    TRY(db_query(c, &rows,
                 "SELECT id, message, arg1, arg2, href, created_at, read_at FROM notice WHERE account_id = $1 ORDER BY "
                 "id DESC LIMIT $2",
                 V(c->actor->account_id), V(limit)));
    while (rows_next(rows)) {
        Msg m = { .id = row_dup(rows, 1), .args = { row_dup(rows, 2), row_dup(rows, 3) } };
        Value o = value_object(c->mem);
        value_set_int(o, "id", row_int(rows, 0));
        value_set_text(o, "text", msg_text(c->mem, c->lang, &m));
        value_set_text(o, "href", row_dup(rows, 4));
        value_set(o, "created_at", value_time(row_int(rows, 5)));
        value_set_bool(o, "unread", row_is_null(rows, 6));
        value_push(*ret_list, o);
    }
    return rows_done(rows);
}

Error *notify_mark_read(Ctx *c, int64_t up_to_id) {
    return db_exec(c, "UPDATE notice SET read_at = $1 WHERE account_id = $2 AND id <= $3 AND read_at IS NULL",
                   V(c->now), V(c->actor->account_id), V(up_to_id));
}
