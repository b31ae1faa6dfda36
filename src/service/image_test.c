/* image_test.c - containers built by hand: what is kept, what goes, what is refused. */
#define _GNU_SOURCE
#include "service/image.h"
#include "base/text.h"
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <talloc.h>
#include <cmocka.h>

static void *mem;
static Text *file;

static int set_up(void **state) {
    (void)state;
    mem = talloc_new(NULL);
    file = text_new(mem, 1 << 20);
    return 0;
}
static int tear_down(void **state) {
    (void)state;
    talloc_free(mem);
    return 0;
}

static void bytes(const void *p, size_t n) {
    text_add_n(file, p, n);
}
static void byte(int b) {
    text_add_char(file, (char)b);
}
static void u16(unsigned v) {
    byte((int)(v >> 8)), byte((int)(v & 255));
}
static void u32(uint32_t v) {
    u16(v >> 16), u16(v & 0xffff);
}

static bool clean(Image *image) {
    return image_clean(mem, file->data, file->len, image);
}
static bool has(const Image *image, const char *s) {
    return memmem(image->data, image->size, s, strlen(s)) != NULL;
}

/* ---- PNG ---- */

static void chunk(const char *type, const void *data, size_t n) {
    u32((uint32_t)n);
    size_t from = file->len;
    bytes(type, 4);
    bytes(data, n);
    uint32_t crc = 0xffffffff;
    for (size_t i = from; i < file->len; i++) {
        crc ^= (uint8_t)file->data[i];
        for (int k = 0; k < 8; k++) crc = crc & 1 ? crc >> 1 ^ 0xedb88320 : crc >> 1;
    }
    u32(~crc);
}
static void png(uint32_t width, uint32_t height) {
    uint8_t header[13] = { (uint8_t)(width >> 24),
                           (uint8_t)(width >> 16),
                           (uint8_t)(width >> 8),
                           (uint8_t)width,
                           (uint8_t)(height >> 24),
                           (uint8_t)(height >> 16),
                           (uint8_t)(height >> 8),
                           (uint8_t)height,
                           8,
                           2,
                           0,
                           0,
                           0 };
    bytes("\x89PNG\r\n\x1a\n", 8);
    chunk("IHDR", header, sizeof header);
}

static void a_png_keeps_only_what_makes_the_picture(void **state) {
    (void)state;
    Image image;
    png(640, 480);
    chunk("gAMA", "1234", 4);
    chunk("tEXt", "Author\0Li Li", 12);
    chunk("eXIf", "MM\0*place", 9);
    chunk("PLTE", "abc", 3);
    chunk("IDAT", "pixels", 6);
    chunk("IDAT", "more", 4);
    chunk("iTXt", "comment", 7);
    chunk("IEND", "", 0);
    bytes("<script>behind the end</script>", 31);
    assert_true(clean(&image));
    assert_string_equal(image.type, "image/png");
    assert_int_equal(image.width, 640);
    assert_int_equal(image.height, 480);
    assert_true(has(&image, "gAMA") && has(&image, "PLTE") && has(&image, "pixels") && has(&image, "more"));
    assert_false(has(&image, "tEXt") || has(&image, "place") || has(&image, "comment") || has(&image, "script"));
    assert_memory_equal(image.data + image.size - 8, "IEND\xae\x42\x60\x82", 8);
    Image again; /* a cleaned picture is clean */
    assert_true(image_clean(mem, image.data, image.size, &again));
    assert_int_equal(again.size, image.size);
    assert_memory_equal(again.data, image.data, image.size);
}

static void a_png_may_have_forty_megapixels(void **state) {
    (void)state;
    static const struct {
        uint32_t width, height;
        bool good;
    } cases[] = { { 8000, 5000, true },  { 8000, 5001, false },   { 50000, 50000, false },
                  { 0, 5, false },       { 5, 0, false },         { 0xffffffff, 0xffffffff, false },
                  { 40000000, 1, true }, { 0x80000000, 2, false } };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Image image;
        tear_down(NULL), set_up(NULL);
        png(cases[i].width, cases[i].height);
        chunk("IDAT", "x", 1);
        chunk("IEND", "", 0);
        assert_int_equal(clean(&image), cases[i].good);
    }
}

static void a_damaged_png_is_refused_wherever_it_is_cut_or_changed(void **state) {
    (void)state;
    Image image;
    png(64, 48);
    chunk("IDAT", "pixels", 6);
    chunk("IEND", "", 0);
    assert_true(clean(&image));
    for (size_t n = 0; n < file->len; n++) {
        uint8_t *cut = talloc_memdup(mem, file->data, n ? n : 1); /* exactly n bytes, so that reading on is seen */
        assert_false(image_clean(mem, cut, n, &image));
        talloc_free(cut);
    }
    for (size_t i = 0; i < file->len; i++) {
        file->data[i] ^= 1;
        assert_false(clean(&image));
        file->data[i] ^= 1;
    }
}

static void a_png_without_pixels_or_with_parts_in_disorder_is_refused(void **state) {
    (void)state;
    Image image;
    png(64, 48);
    chunk("IEND", "", 0);
    assert_false(clean(&image));
    tear_down(NULL), set_up(NULL);
    png(64, 48);
    chunk("IDAT", "x", 1);
    chunk("IHDR", "1234567890123", 13);
    chunk("IEND", "", 0);
    assert_false(clean(&image));
    tear_down(NULL), set_up(NULL);
    png(64, 48);
    chunk("QRIT", "x", 1); /* unknown and necessary */
    chunk("IDAT", "x", 1);
    chunk("IEND", "", 0);
    assert_false(clean(&image));
}

/* ---- JPEG ---- */

static void segment(int marker, const void *data, size_t n) {
    byte(0xff), byte(marker);
    u16((unsigned)n + 2);
    bytes(data, n);
}
static void frame(int marker, unsigned width, unsigned height) {
    byte(0xff), byte(marker);
    u16(17);
    byte(8), u16(height), u16(width), byte(3);
    bytes("\1\x22\0\2\x11\1\3\x11\1", 9);
}
static void scan(void) {
    segment(0xda, "\3\1\0\2\x11\3\x11\0\x3f\0", 10);
    bytes("data\xff\0more\xff\xd0"
          "rest",
          16);
}
static void exif(char order, unsigned orientation) {
    Text *keep = file;
    file = text_new(mem, 4096);
    bytes("Exif\0", 6);
    if (order == 'M') {
        bytes("MM\0*\0\0\0\x08\0\2", 10);
        bytes("\1\x0f\0\2\0\0\0\5\0\0\0\x30", 12); /* maker */
        bytes("\1\x12\0\3\0\0\0\1", 8), u16(orientation), u16(0);
    } else {
        bytes("II*\0\x08\0\0\0\2\0", 10);
        bytes("\x0f\1\2\0\5\0\0\0\x30\0\0\0", 12);
        bytes("\x12\1\3\0\1\0\0\0", 8), byte((int)orientation), byte(0), u16(0);
    }
    bytes("\0\0\0\0Phone GPS 31.2N 121.5E", 26);
    Text *made = file;
    file = keep;
    segment(0xe1, made->data, made->len);
}

static void a_jpeg_loses_place_camera_and_comments(void **state) {
    (void)state;
    Image image;
    bytes("\xff\xd8", 2);
    segment(0xe0, "JFIF\0\1\1\0\0\1\0\1\0\0", 14);
    exif('M', 1);
    segment(0xe1, "http://ns.adobe.com/xap/1.0/\0<x:xmpmeta place>", 46);
    segment(0xe2, "ICC_PROFILE", 11);
    segment(0xed, "Photoshop", 9);
    segment(0xee, "Adobe\0d\0\0\0\0\1", 12);
    segment(0xfe, "comment <script>", 16);
    segment(0xdb, "quant", 5);
    frame(0xc2, 4032, 3024);
    segment(0xc4, "huff", 4);
    scan();
    segment(0xe5, "GPS again", 9);
    segment(0xc4, "huf2", 4);
    scan();
    bytes("\xff\xff\xff\xd9", 4); /* with fill bytes */
    bytes("PK\3\4 a zip behind it", 18);
    assert_true(clean(&image));
    assert_string_equal(image.type, "image/jpeg");
    assert_int_equal(image.width, 4032);
    assert_int_equal(image.height, 3024);
    static const char *const kept[] = { "JFIF", "Adobe", "quant", "huff", "huf2", "data", "more", "rest" };
    static const char *const gone[] = { "GPS", "Phone", "xmp", "ICC", "Photoshop", "comment", "PK" };
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
        if (!has(&image, kept[i])) fail_msg("lost %s", kept[i]);
    for (size_t i = 0; i < sizeof gone / sizeof *gone; i++)
        if (has(&image, gone[i])) fail_msg("kept %s", gone[i]);
    assert_false(has(&image, "Exif"));
    assert_memory_equal(image.data + image.size - 2, "\xff\xd9", 2);
}

static void how_the_camera_was_held_is_kept(void **state) {
    (void)state;
    static const char orders[] = "MI";
    for (int k = 0; k < 2; k++)
        for (unsigned turn = 0; turn < 12; turn++) {
            Image image, again;
            tear_down(NULL), set_up(NULL);
            bytes("\xff\xd8", 2);
            exif(orders[k], turn);
            frame(0xc0, 300, 400);
            scan();
            bytes("\xff\xd9", 2);
            assert_true(clean(&image));
            assert_false(has(&image, "GPS"));
            bool turned = turn >= 2 && turn <= 8;
            assert_int_equal(has(&image, "Exif"), turned);
            if (turned) assert_int_equal(image.data[2 + 29], turn); /* value of its only entry */
            assert_true(image_clean(mem, image.data, image.size, &again));
            assert_int_equal(again.size, image.size); /* and is found again */
            assert_memory_equal(again.data, image.data, image.size);
        }
}

static void a_damaged_jpeg_is_refused(void **state) {
    (void)state;
    Image image;
    bytes("\xff\xd8", 2);
    exif('I', 6);
    segment(0xdb, "quant", 5);
    frame(0xc0, 300, 400);
    scan();
    bytes("\xff\xd9", 2);
    assert_true(clean(&image));
    for (size_t n = 0; n < file->len; n++) {
        uint8_t *cut = talloc_memdup(mem, file->data, n ? n : 1);
        assert_false(image_clean(mem, cut, n, &image));
        talloc_free(cut);
    }
    uint32_t seed = 7; /* whatever else is in it, it must not read or write outside */
    for (int i = 0; i < 20000; i++) {
        uint8_t *copy = talloc_memdup(mem, file->data, file->len);
        for (int k = 0; k < 3; k++) {
            seed = seed * 1664525 + 1013904223;
            copy[(seed >> 8) % file->len] = (uint8_t)(seed >> 24);
        }
        image_clean(mem, copy, file->len, &image);
        talloc_free(copy);
    }
}

static void other_things_are_no_pictures(void **state) {
    (void)state;
    static const char *const others[] = { "GIF89a, once upon a time",
                                          "<svg xmlns='http://www.w3.org/2000/svg'/>",
                                          "%PDF-1.7 and so on and on",
                                          "RIFF....WEBPVP8 ........",
                                          "",
                                          "\xff\xd8",
                                          "\x89PNG" };
    Image image;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        assert_false(image_clean(mem, others[i], strlen(others[i]), &image));
    bytes("\xff\xd8", 2);
    frame(0xc0, 8000, 5001);
    scan();
    bytes("\xff\xd9", 2);
    assert_false(clean(&image));
    tear_down(NULL), set_up(NULL);
    bytes("\xff\xd8", 2);
    scan(); /* without a frame */
    bytes("\xff\xd9", 2);
    assert_false(clean(&image));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
int main(void) {
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        TEST(a_png_keeps_only_what_makes_the_picture),
        TEST(a_png_may_have_forty_megapixels),
        TEST(a_damaged_png_is_refused_wherever_it_is_cut_or_changed),
        TEST(a_png_without_pixels_or_with_parts_in_disorder_is_refused),
        TEST(a_jpeg_loses_place_camera_and_comments),
        TEST(how_the_camera_was_held_is_kept),
        TEST(a_damaged_jpeg_is_refused),
        TEST(other_things_are_no_pictures),
    };
    return cmocka_run_group_tests_name("service/image", tests, NULL, NULL);
}
