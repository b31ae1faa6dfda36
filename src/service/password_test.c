/* password_test.c - hashes, the rules for new passwords, one-time codes, QR codes. */
#include "service/password.h"
#include "base/text.h"
#include "service/password_common.h"
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <talloc.h>
#include <cmocka.h>

static Ctx c;
static int set_up(void **state) {
    (void)state;
    c = (Ctx){ .mem = talloc_new(NULL), .now = INT64_C(1795406400000000) };
    return 0;
}
static int tear_down(void **state) {
    (void)state;
    talloc_free(c.mem);
    return 0;
}

static void a_hash_fits_its_password_only(void **state) {
    (void)state;
    const char *a, *b;
    bool ok, rehash;
    assert_null(password_hash(&c, "马到成功 2026", &a));
    assert_null(password_hash(&c, "马到成功 2026", &b));
    assert_string_not_equal(a, b); /* salted */
    assert_true(text_starts(a, "$argon2id$v=19$m=19456,t=2,p=1$"));
    assert_null(password_verify(&c, a, "马到成功 2026", &ok, &rehash));
    assert_true(ok);
    assert_false(rehash);
    assert_null(password_verify(&c, a, "马到成功 2025", &ok, &rehash));
    assert_false(ok);
    assert_null(password_verify(&c, a, "", &ok, &rehash));
    assert_false(ok);
}

static void an_unknown_account_costs_the_same_and_never_passes(void **state) {
    (void)state;
    bool ok = true, rehash;
    assert_null(password_verify(&c, NULL, "nobody has this password", &ok, &rehash));
    assert_false(ok);
    assert_false(rehash);
}

static void an_older_hash_is_due_for_a_new_one(void **state) {
    (void)state;
    bool ok, rehash;
    /* "password" with m=64 KiB, t=2: from the algorithm's own test set, weaker than ours */
    const char *old = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";
    assert_null(password_verify(&c, old, "password", &ok, &rehash));
    assert_true(ok);
    assert_false(rehash); /* more memory than ours */
    const char *weak = "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4";
    assert_null(password_verify(&c, weak, "password", &ok, &rehash));
    assert_true(ok);
    assert_true(rehash);
    Error *e = password_verify(&c, "$argon2id$nonsense", "password", &ok, &rehash);
    assert_int_equal(e->status, 500);
    assert_false(ok);
}

static void *try_one(void *arg) {
    Ctx mine = { .mem = talloc_new(NULL) };
    bool ok, rehash;
    Error *e = password_verify(&mine, NULL, "x", &ok, &rehash);
    *(int *)arg = e ? e->status : 0;
    talloc_free(mine.mem);
    return NULL;
}

static void a_flood_of_log_ins_is_turned_away(void **state) {
    (void)state;
    enum { CROWD = 120 };
    pthread_t threads[CROWD];
    int status[CROWD], refused = 0;
    for (int i = 0; i < CROWD; i++) pthread_create(&threads[i], NULL, try_one, &status[i]);
    for (int i = 0; i < CROWD; i++) {
        pthread_join(threads[i], NULL);
        assert_true(status[i] == 0 || status[i] == 503);
        refused += status[i] == 503;
    }
    assert_in_range(refused, 1, CROWD - 68); /* 4 run and 64 wait */
}

static int check(const char *password) {
    static const char *const words[] = { "zhangwei", "张伟", "销冠科技", "李", "", NULL };
    Error *e = password_check_new(&c, password, words);
    if (e) assert_string_equal(e->fields->field, "password");
    return e ? e->status : 0;
}

static void weak_passwords_are_refused(void **state) {
    (void)state;
    static const char *const bad[] = {
        "",
        "1234567",
        "短密码七个字啊",
        "12345678",
        "87654321",
        "1234567890",
        "0987654321",
        "abcdefgh",
        "hgfedcba",
        "acegikmo",
        "24682468",
        "aaaaaaaa",
        "啊啊啊啊啊啊啊啊",
        "12121212",
        "abcabcabc",
        "abcdabcd",
        "password",
        "PASSWORD",
        "Password123",
        "ｐａｓｓｗｏｒｄ１",
        "password!!!",
        "woaini1314",
        "WoAiNi1314",
        "a123456789",
        "qq123456",
        "QQ123456789",
        "5201314a",
        "52013140",
        "1qaz2wsx",
        "1QAZ@wsx",
        "qwertyuiop",
        "admin123",
        "admin@123",
        "zhangwei",
        "ZhangWei",
        "zhangwei1",
        "zhangwei123456",
        "zhangwei8888",
        "123zhangwei",
        "zhangweizhangwei",
        "张伟张伟张伟张伟",
        "销冠科技2026",
        "销冠科技12345678",
        "zhangwei张伟2026",
        "iloveyou1314",
        "11111111111111111111",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (check(bad[i]) != 422) fail_msg("took: %s", bad[i]);
}

static void other_passwords_are_taken_whatever_they_are_made_of(void **state) {
    (void)state;
    static const char *const good[] = {
        "correct horse battery", "horsebattery",     "我爱在春天种向日葵", "x7kq!mz2p", "83920174",
        "zhangwei likes tea",    "        x      y", "🐎🐎🐎🐎🐎🐎🐎🐉",
    };
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        if (check(good[i])) fail_msg("refused: %s", good[i]);
    char *longest = talloc_array(c.mem, char, 200);
    for (int i = 0; i < 129; i++) longest[i] = (char)('a' + i * i % 23);
    longest[129] = 0;
    assert_int_equal(check(longest), 422);
    longest[128] = 0;
    assert_int_equal(check(longest), 0);
    assert_null(password_check_new(&c, "zhangwei2", NULL));
}

static void the_list_is_sorted_and_worth_its_place(void **state) {
    (void)state;
    assert_true(password_common_count >= 400);
    for (size_t i = 0; i < password_common_count; i++) {
        assert_true(strlen(password_common[i]) >= 8); /* shorter ones are refused anyway */
        assert_string_equal(password_common[i], text_fold(c.mem, password_common[i]));
        if (i) assert_true(strcmp(password_common[i - 1], password_common[i]) < 0);
    }
}

/* ---- codes ---- */

static void codes_are_those_of_the_standard(void **state) {
    (void)state;
    /* RFC 6238, appendix B: the secret "12345678901234567890", SHA-1, last six digits */
    static const struct {
        int64_t at;
        const char *code;
    } cases[] = { { 59, "287082" },         { 1111111109, "081804" }, { 1111111111, "050471" },
                  { 1234567890, "005924" }, { 2000000000, "279037" }, { 20000000000, "353130" } };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int64_t step = -1;
        c.now = cases[i].at * 1000000;
        assert_true(totp_check(&c, "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", cases[i].code, 0, &step));
        assert_int_equal(step, cases[i].at / 30);
    }
}

static void a_code_works_once_and_for_one_step_either_way(void **state) {
    (void)state;
    const char *secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", *code = "005924";
    int64_t step = 1234567890 / 30, found = 0;
    for (int64_t off = -3; off <= 3; off++) {
        c.now = (step + off) * 30 * 1000000 + 1;
        assert_int_equal(totp_check(&c, secret, code, 0, &found), off >= -1 && off <= 1);
    }
    c.now = step * 30 * 1000000;
    assert_true(totp_check(&c, secret, " 005 924", step - 1, &found));
    assert_int_equal(found, step);
    assert_false(totp_check(&c, secret, code, step, &found)); /* used */
    assert_true(totp_check(&c, secret, "００５９２４", 0, &found));
    static const char *const bad[] = { "", "00592", "0059244", "005925", "00592a", "-05924", "005924 1" };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) assert_false(totp_check(&c, secret, bad[i], 0, &found));
    assert_false(totp_check(&c, "!!", code, 0, &found));
}

static void a_new_secret_is_160_bits_of_base32(void **state) {
    (void)state;
    const char *a = totp_new_secret(&c), *b = totp_new_secret(&c);
    assert_int_equal(strlen(a), 32);
    assert_int_equal(strspn(a, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"), 32);
    assert_string_not_equal(a, b);
    assert_string_equal(totp_uri(&c, "销冠 A&B", "li.li", "ABC"),
                        "otpauth://totp/%E9%94%80%E5%86%A0%20A%26B:li.li?secret=ABC&issuer=%E9%94%80%E5%86%A0%20A%26B");
}

static void a_qr_code_is_a_plain_picture(void **state) {
    (void)state;
    const char *svg = qr_svg(&c, totp_uri(&c, "销冠", "lili", totp_new_secret(&c)));
    assert_true(text_starts(svg, "<svg xmlns=\"http://www.w3.org/2000/svg\""));
    assert_null(strstr(svg, "style"));
    assert_null(strstr(svg, "script"));
    assert_string_equal(svg + strlen(svg) - 6, "</svg>");
    assert_string_equal(svg, qr_svg(&c, talloc_strdup(c.mem, "x")) ? svg : "");
    char *longer = talloc_array(c.mem, char, 3001);
    memset(longer, 'a', 3000);
    longer[3000] = 0;
    assert_null(qr_svg(&c, longer));
}

static void hashes_and_tokens_have_their_form(void **state) {
    (void)state;
    assert_string_equal(hash_text(&c, "abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_int_equal(strlen(random_token(&c)), 43);
    assert_string_not_equal(random_token(&c), random_token(&c));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
int main(void) {
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        TEST(a_hash_fits_its_password_only),
        TEST(an_unknown_account_costs_the_same_and_never_passes),
        TEST(an_older_hash_is_due_for_a_new_one),
        TEST(a_flood_of_log_ins_is_turned_away),
        TEST(weak_passwords_are_refused),
        TEST(other_passwords_are_taken_whatever_they_are_made_of),
        TEST(the_list_is_sorted_and_worth_its_place),
        TEST(codes_are_those_of_the_standard),
        TEST(a_code_works_once_and_for_one_step_either_way),
        TEST(a_new_secret_is_160_bits_of_base32),
        TEST(a_qr_code_is_a_plain_picture),
        TEST(hashes_and_tokens_have_their_form),
    };
    return cmocka_run_group_tests_name("service/password", tests, NULL, NULL);
}
