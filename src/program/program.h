/* program.h - the command line. */
#pragma once
#include "base/error.h"
#include "base/text.h"
#include "service/config.h"

int program_main(int argc, char **argv);

/* What a command works with. */
typedef struct Command {
    const char *name, *arguments, *help; /* help N_() */
    Error *(*run)(Ctx *c, int argc, char **argv, Text *out);
    bool needs_db;  /* through the running server's socket, else on the database itself */
} Command;
extern const Command commands[]; /* ended by a row without name */
const Command *command_find(const char *name);

Error *serve(Ctx *c, const Config *config) MUST_USE;
void frame_install(void); /* navigation, user, flash: http_hooks.decorate */
Error *system_routes_add(Ctx *c) MUST_USE; /* /healthz /metrics /openapi.json /assets/... */
/* True if the database holds demo accounts; such a server listens on loopback only. */
Error *has_demo_accounts(Ctx *c, bool *ret) MUST_USE;
#define DEMO_PASSWORD "xiaoguan-demo" /* of every demo account; known to all */
Error *demo_fill(Ctx *c, Text *out) MUST_USE;
