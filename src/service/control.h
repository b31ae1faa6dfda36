/* control.h - the local socket beside the database: the command line of a running server. Only the database's owner may open it.
 *
 * One request a connection: argument count and NUL-ended arguments from the client; from the server a status byte ('0' or '1') and text. */
#pragma once
#include "base/error.h"
#include "base/text.h"

/* Runs one command and writes what it prints to out. */
typedef Error *(*ControlRun)(Ctx *c, int argc, char **argv, Text *out);

/* An error as the command line shows it: the message, its fields, and for our own faults where it happened. */
void control_error_text(Ctx *c, const Error *e, Text *out);

/* Serves on <target>.sock until control_stop; each command has an arena and a transaction context of its own. app lends the rest of the Ctx. */
Error *control_start(Ctx *app, const char *target, ControlRun run) MUST_USE;
void control_stop(void);
/* Sends a command to a server that holds this database. *ret_served false if none answers (then the caller opens the database itself).
 * *ret_status is the command's exit status, *ret_text what it printed. */
Error *control_send(Ctx *c, const char *target, int argc, char **argv, bool *ret_served, int *ret_status, const char **ret_text) MUST_USE;
