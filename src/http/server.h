/* server.h - the HTTP server. server.c is the only file that knows libmicrohttpd. */
#pragma once
#include "http/request.h"

typedef struct ServerOptions {
    const char *listen; /* "127.0.0.1:8080", "[::1]:8080", "0.0.0.0:80" */
    int workers;        /* threads that run handlers; 0 = 8 */
    int queue;          /* complete requests that may wait for a worker; 0 = 1024; beyond: 503 */
    int per_address;    /* connections from one address; 0 = 4096 */
    bool secure;        /* behind TLS: HSTS is sent */
    const char *trusted_proxy; /* address whose X-Forwarded-For is believed; NULL = none */
    struct Db *db;
    const struct Lang *lang;
} ServerOptions;

/* Starts listening. *ret_port tells the real port (listen may say 0). */
Error *server_start(Ctx *c, ServerOptions options, int *ret_port) MUST_USE;
/* Stops accepting, waits for running requests (at most 10 s), frees everything. */
void server_stop(void);
