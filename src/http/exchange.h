/* exchange.h - one request on its way through the server. Private to http/. */
#pragma once
#include "http/deadline.h"
#include "http/request.h"

typedef struct Exchange {
    Req r; /* first: a handler's Req is its Exchange */
    void *connection;
    struct Exchange *next; /* in the workers' queue */
    Text *body;
    size_t limit;
    bool too_large;
    bool done; /* r.response is what shall be sent */
    struct {
        TxFn fn;
        void *arg;
        AfterCommitted after;
        AfterFailed failed;
        Error *error;
        bool committed;
    } commit;
    Instant begun;
    Deadline *deadline;
    char address[48];
} Exchange;

/* Makes x's answer: e's page, or what the handler left; compressed if the client takes that. */
void exchange_answer(Exchange *x, Error *e);

/* ---- workers.c: the bounded pool that runs handlers ---- */

/* done is called from a worker when an exchange has its answer. */
bool workers_start(int threads, int queue, void (*done)(Exchange *x));
/* False if the queue is full. The exchange belongs to the workers until done. */
bool workers_take(Exchange *x);
/* Waits for what was taken, at most `seconds`, and ends the threads. */
void workers_stop(int seconds);
