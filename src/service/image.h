/* image.h - JPEG and PNG looked at as containers: is it one, how large is it, and a copy without metadata. Pixels are not decoded. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define IMAGE_MAX_PIXELS 40000000

typedef struct Image {
    const char *type; /* "image/jpeg" or "image/png" */
    uint32_t width, height;
    const uint8_t *data; /* the cleaned copy */
    size_t size;
} Image;

/* False if it is neither, damaged, cut short or has more than IMAGE_MAX_PIXELS. Of a JPEG only the picture and how it is turned are kept, of a
 * PNG the chunks that make the picture; what follows the end is dropped. */
bool image_clean(void *mem, const void *data, size_t size, Image *ret);
