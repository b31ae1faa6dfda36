/* ctx.c - a caller's context for one turn of a loop. */
#include "base/ctx.h"
#include <stdio.h>
#include <stdlib.h>
#include <talloc.h>

Ctx *ctx_child(const Ctx *c) {
    Ctx *child = talloc(c->mem, Ctx);
    if (!child) {
        fputs("out of memory\n", stderr);
        abort();
    }
    *child = *c;
    child->mem = child; /* what the turn makes hangs on the child itself */
    return child;
}

void ctx_done(Ctx *child) {
    talloc_free(child);
}
