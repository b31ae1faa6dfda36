/* compress.h - gzip for dynamic pages. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

/* gzip of data[0..n) at level 1, in mem. False if it would not become smaller: then send the data as they are. */
bool gzip_level1(void *mem, const char *data, size_t n, char **ret, size_t *ret_n);
