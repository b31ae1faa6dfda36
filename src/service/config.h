/* config.h - what the machine's owner decides: a table of options from default, file, environment and command line. */
#pragma once
#include "base/error.h"
#include <stdbool.h>

typedef struct Config {
    const char *db;        /* file or postgresql://... */
    const char *listen;
    const char *files;     /* folder of the file store; "" = beside the database */
    const char *intake;    /* drop folder for files of numbers; "" = none */
    const char *assets;    /* folder to read templates and static files from instead of the embedded ones (development) */
    const char *proxy;     /* trusted proxy's address */
    const char *print;     /* the program that makes PDFs; "" = xiaoguan-print beside this one */
    const char *log;       /* debug info warn error */
    int workers, queue, jobs, per_address, api_per_minute;
    bool https;            /* served behind TLS: HSTS and Secure cookies on any address */
    bool plain_http;       /* allow log-in over plain HTTP beyond loopback: cookies without Secure */
} Config;

/* Reads `path` (NULL: ./xiaoguan.conf if present), then XIAOGUAN_* variables. 422 names file, line and option. */
Error *config_load(Ctx *c, const char *path, Config *ret) MUST_USE;
/* One option from the command line, e.g. ("listen", "127.0.0.1:0"). */
Error *config_set(Ctx *c, Config *config, const char *name, const char *value) MUST_USE;
void config_print_sample(void);                  /* the documented file with defaults */
void config_print(const Config *config);         /* the effective values and where each came from */
