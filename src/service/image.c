/* image.c - JPEG and PNG without their metadata. */
#include "service/image.h"
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

/* What is left to read, and the copy being made. The copy is never longer than the source plus EXIF_BYTES. */
typedef struct Copy {
    const uint8_t *in;
    size_t size, at;
    uint8_t *out;
    size_t len;
} Copy;

static uint32_t be16(const uint8_t *p) {
    return (uint32_t)p[0] << 8 | p[1];
}
static uint32_t be32(const uint8_t *p) {
    return be16(p) << 16 | be16(p + 2);
}

static void take(Copy *c, size_t from, size_t n) {
    memcpy(c->out + c->len, c->in + from, n);
    c->len += n;
}

static bool fits(uint32_t width, uint32_t height) {
    return width && height && (uint64_t)width * height <= IMAGE_MAX_PIXELS;
}

/* ---- PNG ---- */

static const uint8_t png_magic[8] = { 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n' };

static uint32_t crc32_of(const uint8_t *p, size_t n) {
    uint32_t crc = 0xffffffff;
    while (n--) {
        crc ^= *p++;
        for (int k = 0; k < 8; k++) crc = crc >> 1 ^ (0xedb88320 & -(crc & 1));
    }
    return ~crc;
}

static bool is_kept(const uint8_t *type) {
    static const char kept[][5] = { "IHDR", "PLTE", "tRNS", "IDAT", "IEND", "gAMA", "sRGB" };
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
        if (!memcmp(type, kept[i], 4)) return true;
    return false;
}

static bool clean_png(Copy *c, Image *image) {
    bool pixels = false;
    take(c, 0, c->at = sizeof png_magic);
    for (bool first = true;; first = false) {
        if (c->size - c->at < 12) return false;
        const uint8_t *chunk = c->in + c->at, *type = chunk + 4;
        uint32_t len = be32(chunk);
        if (len > c->size - c->at - 12 || be32(chunk + 8 + len) != crc32_of(type, len + 4)) return false;
        bool header = !memcmp(type, "IHDR", 4);
        if (header != first || (header && len != 13)) return false;
        if (header) image->width = be32(chunk + 8), image->height = be32(chunk + 12);
        if (header && !fits(image->width, image->height)) return false;
        if (!is_kept(type) && !(type[0] & 0x20)) return false; /* an unknown chunk without which it cannot be shown */
        if (is_kept(type)) take(c, c->at, (size_t)len + 12);
        if (!memcmp(type, "IDAT", 4)) pixels = true;
        c->at += (size_t)len + 12;
        if (!memcmp(type, "IEND", 4)) return pixels && !len;
    }
}

/* ---- JPEG ---- */

enum {
    SOI = 0xd8,
    EOI = 0xd9,
    SOS = 0xda,
    DNL = 0xdc,
    TEM = 0x01,
    APP0 = 0xe0,
    APP1 = 0xe1,
    APP14 = 0xee,
    APP15 = 0xef,
    COM = 0xfe
};
enum { EXIF_BYTES = 36, EXIF_HEAD = 6 };

typedef struct Tiff {
    const uint8_t *p;
    size_t n;
    bool little;
} Tiff;

static uint32_t tiff16(const Tiff *t, size_t at) {
    if (at > t->n || t->n - at < 2) return 0;
    return t->little ? (uint32_t)t->p[at + 1] << 8 | t->p[at] : be16(t->p + at);
}
static uint32_t tiff32(const Tiff *t, size_t at) {
    return t->little ? tiff16(t, at + 2) << 16 | tiff16(t, at) : tiff16(t, at) << 16 | tiff16(t, at + 2);
}

/* How the camera was held (1..8), from an EXIF segment; 0 if it does not say. */
static uint32_t orientation_of(const uint8_t *segment, size_t n) {
    if (n < EXIF_HEAD + 8 || memcmp(segment, "Exif\0", EXIF_HEAD) != 0) return 0;
    Tiff t = { .p = segment + EXIF_HEAD, .n = n - EXIF_HEAD, .little = segment[EXIF_HEAD] == 'I' };
    size_t at = tiff32(&t, 4);
    uint32_t entries = tiff16(&t, at);
    for (at += 2; entries-- && at < t.n; at += 12)
        if (tiff16(&t, at) == 0x0112) {
            uint32_t value = tiff16(&t, at + 8);
            return value <= 8 ? value : 0;
        }
    return 0;
}

/* An EXIF segment that says nothing but how the picture is turned, else portraits would lie on their side. */
static void add_orientation(Copy *c, uint32_t value) {
    static const uint8_t exif[EXIF_BYTES] = { 0xff, APP1, 0, 34, 'E', 'x', 'i', 'f', 0, 0,    'M', 'M',
                                              0,    42,   0, 0,  0,   8,   0,   1,   1, 0x12, 0,   3,
                                              0,    0,    0, 1,  0,   0,   0,   0,   0, 0,    0,   0 };
    memcpy(c->out + c->len, exif, sizeof exif);
    c->out[c->len + 29] = (uint8_t)value;
    c->len += sizeof exif;
}

static bool is_frame(int marker) {
    return marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
}

/* Copies the compressed data behind SOS up to the next marker that is not part of it. */
static void take_scan(Copy *c) {
    size_t from = c->at;
    for (; c->at + 1 < c->size; c->at++) {
        if (c->in[c->at] != 0xff) continue;
        int next = c->in[c->at + 1];
        if (next != 0 && next != 0xff && !(next >= 0xd0 && next <= 0xd7)) break;
    }
    take(c, from, c->at - from);
}

static bool clean_jpeg(Copy *c, Image *image) {
    bool turned = false, scanned = false;
    take(c, 0, c->at = 2);
    for (;;) {
        while (c->at + 1 < c->size && c->in[c->at] == 0xff && c->in[c->at + 1] == 0xff) c->at++; /* fill bytes */
        if (c->size - c->at < 2 || c->in[c->at] != 0xff) return false;
        int marker = c->in[c->at + 1];
        if (marker == EOI) {
            take(c, c->at, 2);
            return scanned;
        }
        if (marker <= TEM || (marker >= 0xd0 && marker <= SOI) || c->size - c->at < 4) return false;
        size_t len = be16(c->in + c->at + 2);
        if (len < 2 || len > c->size - c->at - 2) return false;
        const uint8_t *body = c->in + c->at + 4;
        if (is_frame(marker)) {
            if (len < 8 || image->width) return false;
            image->height = be16(body + 1), image->width = be16(body + 3);
            if (!fits(image->width, image->height)) return false;
        }
        uint32_t turn = marker == APP1 && !turned ? orientation_of(body, len - 2) : 0;
        if (turn > 1) add_orientation(c, turn), turned = true;
        bool dropped = marker == COM || (marker > APP0 && marker <= APP15 && marker != APP14);
        if (!dropped) take(c, c->at, len + 2);
        c->at += len + 2;
        if (marker == SOS) {
            if (!image->width) return false;
            scanned = true;
            take_scan(c);
        }
    }
}

bool image_clean(void *mem, const void *data, size_t size, Image *ret) {
    Copy c = { .in = data, .size = size };
    *ret = (Image){ 0 };
    if (size < 16) return false;
    bool png = !memcmp(data, png_magic, sizeof png_magic), jpeg = c.in[0] == 0xff && c.in[1] == SOI && c.in[2] == 0xff;
    if (!png && !jpeg) return false;
    c.out = talloc_size(mem, size + EXIF_BYTES);
    if (!c.out) abort();
    ret->type = png ? "image/png" : "image/jpeg";
    if (!(png ? clean_png(&c, ret) : clean_jpeg(&c, ret))) return false;
    ret->data = c.out;
    ret->size = c.len;
    return true;
}
