/* compress.c - gzip with one compressor a thread: making one costs more than a page. */
#include "view/compress.h"
#include <libdeflate.h>
#include <pthread.h>
#include <stdlib.h>
#include <talloc.h>

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t key; /* frees the compressor when its thread ends */

static void compressor_free(void *compressor) {
    libdeflate_free_compressor(compressor);
}

static void key_make(void) {
    if (pthread_key_create(&key, compressor_free) != 0) abort();
}

static struct libdeflate_compressor *compressor(void) {
    static _Thread_local struct libdeflate_compressor *mine;
    if (mine) return mine;
    pthread_once(&once, key_make);
    mine = libdeflate_alloc_compressor(1);
    if (!mine || pthread_setspecific(key, mine) != 0) abort();
    return mine;
}

bool gzip_level1(void *mem, const char *data, size_t n, char **ret, size_t *ret_n) {
    if (n == 0) return false;
    char *packed = talloc_size(mem, n);
    if (!packed) abort();
    size_t packed_n = libdeflate_gzip_compress(compressor(), data, n, packed, n);
    if (packed_n == 0) {
        talloc_free(packed);
        return false;
    }
    *ret = packed;
    *ret_n = packed_n;
    return true;
}
