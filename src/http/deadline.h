/* deadline.h - cuts clients that are slow on purpose. libmicrohttpd's own time-out counts inactivity only, so a byte now and then would keep a
 * connection for ever: a sweeper looks at every connection once a second. */
#pragma once
#include <stdbool.h>

enum { HEADER_SECONDS = 10, BODY_SECONDS = 10, BODY_BYTES_PER_SECOND = 500, BODY_MAX_SECONDS = 300 };

typedef struct Deadline Deadline;

bool deadline_start(void);
void deadline_stop(void);
/* One entry a connection. The functions below are called from I/O threads; NULL is allowed. */
Deadline *deadline_open(int fd);
void deadline_close(Deadline *d);
void deadline_request_begins(Deadline *d);   /* headers are complete, the body may be on its way */
void deadline_request_complete(Deadline *d); /* all is read: from here on it is our turn */
void deadline_request_ends(Deadline *d);     /* answered; the next request may begin */
