/* okr.h - what the program may do with objectives and key results beside their resources. */
#pragma once
#include "base/error.h"
#include "base/money.h"

/* What somebody says of a key result each week. */
typedef struct OkrCheckIn {
    int64_t key_result_id, confidence; /* 0..10 */
    const char *comment, *evidence;    /* NULL: none; the evidence there is stays */
    Money value;                       /* of a typed one; MONEY_NONE: unchanged */
    int64_t objective_id;              /* the result: whose key result it is */
} OkrCheckIn;
/* In a transaction, a TxFn of an OkrCheckIn: of this day, with the progress it has now. */
Error *okr_check_in(Ctx *c, void *check_in) MUST_USE;

enum { OKR_RESULTS = 50 };
typedef struct OkrClosing {
    int64_t objective_id, version; /* version 0: whichever it has */
    size_t count;
    struct {
        int64_t id;       /* of the key result; each must have a score */
        Money score;      /* hundredths; MONEY_NONE: what the numbers propose */
        const char *note; /* needed where the score is another than proposed */
    } list[OKR_RESULTS];
} OkrClosing;
/* In a transaction, a TxFn of an OkrClosing. */
Error *okr_close(Ctx *c, void *closing) MUST_USE;
