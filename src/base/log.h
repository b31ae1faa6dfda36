/* log.h - one line an event on stderr: ts level msg key=value ... Values are quoted and control characters escaped, so a line
 * break in a value cannot forge a line. Only http/server.c, service/job.c and main.c log. */
#pragma once
typedef enum LogLevel { LOG_DEBUG_, LOG_INFO_, LOG_WARN_, LOG_ERROR_ } LogLevel;
void log_set_level(LogLevel least);
/* pairs: key, value, key, value, ..., NULL. A NULL value leaves the pair out. */
void log_event(LogLevel level, const char *msg, ...) __attribute__((sentinel));
