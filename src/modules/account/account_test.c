/* account_test.c - the rules that need no database. */
#include "modules/account/account_private.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>
#include <talloc.h>

static void *mem;

static int begin(void **state) {
    (void)state;
    mem = talloc_new(NULL);
    return 0;
}
static int end(void **state) {
    (void)state;
    talloc_free(mem);
    return 0;
}

static void a_login_is_a_short_word(void **state) {
    (void)state;
    static const char *const good[] = { "li", "zhang.wei", "a-b_c@d.cn", "13800000000", "张伟", "x+y" };
    static const char *const bad[] = { "", "a", "张", "zhang wei", "a/b", "a\nb", "A b", "Zhang", "<b>", "a'b", "a\"b", "a:b", "\t", "a\\b" };
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) assert_true(login_is_valid(good[i]));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) assert_false(login_is_valid(bad[i]));
    char text[LOGIN_MAX + 2];
    memset(text, 'a', sizeof text);
    text[LOGIN_MAX + 1] = 0;
    assert_false(login_is_valid(text));
    text[LOGIN_MAX] = 0;
    assert_true(login_is_valid(text));
}

static void every_ascii_sign_in_a_login_is_decided(void **state) {
    (void)state;
    for (int ch = 1; ch < 128; ch++) {
        char text[] = { 'a', (char)ch, 0 };
        bool fine = (ch >= 'a' && ch <= 'z') || (ch >= '0' && ch <= '9') || strchr("._-@+", ch);
        assert_int_equal(login_is_valid(text), fine);
    }
}

static void a_login_is_the_same_however_it_is_typed(void **state) {
    (void)state;
    assert_string_equal(login_fold(mem, "  Zhang.Wei "), "zhang.wei");
    assert_string_equal(login_fold(mem, "ＺＨＡＮＧ１"), "zhang1");
    assert_string_equal(login_fold(mem, "\u3000张伟\u3000"), "张伟");
}

static void after_log_in_one_goes_to_our_own_pages_only(void **state) {
    (void)state;
    static const char *const good[] = { "/", "/reports", "/reports?day=2026-11-23&x=%2F", "/a//b", "/people/1#x", "/accounts" };
    static const char *const bad[] = { "",           "reports",      "//evil.example", "/\\evil.example", "https://evil.example", "/\t/evil.example",
                                       "/a\nb",      "/a b",         "/\x7f/x",        "javascript:x",    "\\\\evil",             "/login",
                                       "/login/code", "/login?next=/", "/logout",      "/setup/x",        "/invite/x",            "/account/language" };
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) assert_string_equal(local_path(good[i]), good[i]);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) assert_string_equal(local_path(bad[i]), "/");
    assert_string_equal(local_path(NULL), "/");
    char *text = talloc_zero_array(mem, char, NEXT_MAX + 2);
    memset(text, 'a', NEXT_MAX + 1);
    text[0] = '/';
    assert_string_equal(local_path(text), "/");
    text[NEXT_MAX] = 0;
    assert_string_equal(local_path(text), text);
}

static void a_device_is_told_by_its_agent(void **state) {
    (void)state;
    static const struct {
        const char *agent, *browser, *system;
    } known[] = {
        { "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Safari/537.36", "Chrome", "Windows" },
        { "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Safari/537.36 Edg/120.0", "Edge", "Windows" },
        { "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1 (KHTML, like Gecko) Mobile/15E148 MicroMessenger/8.0", "WeChat", "iPhone" },
        { "Mozilla/5.0 (Linux; Android 13; M2102) AppleWebKit/537.36 Chrome/107.0 Mobile Safari/537.36 wxwork/4.1 MicroMessenger/7.0", "WeCom", "Android" },
        { "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.0 Safari/605.1.15", "Safari", "macOS" },
        { "Mozilla/5.0 (X11; Linux x86_64; rv:120.0) Gecko/20100101 Firefox/120.0", "Firefox", "Linux" },
        { "curl/7.88.1", "curl", "" },
        { "", "", "" },
        { "something else", "", "" },
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        const char *browser, *system;
        device_of(known[i].agent, &browser, &system);
        assert_string_equal(browser, known[i].browser);
        assert_string_equal(system, known[i].system);
    }
}

static void a_ticket_gives_back_what_was_put_in(void **state) {
    (void)state;
    const char *data = NULL, *ticket = ticket_make(mem, "key", "login", 42, 1000, "1abc_-", "hash");
    assert_int_equal(ticket_account(ticket), 42);
    assert_true(ticket_check(mem, "key", "login", 999, ticket, "hash", &data));
    assert_string_equal(data, "1abc_-");
    assert_true(ticket_check(mem, "key", "login", 1, ticket_make(mem, "key", "login", 42, 1000, "", "hash"), "hash", &data));
    assert_string_equal(data, "");
}

static void a_ticket_ends_and_holds_for_one_purpose_key_and_password(void **state) {
    (void)state;
    const char *data, *ticket = ticket_make(mem, "key", "login", 42, 1000, "1", "hash");
    assert_false(ticket_check(mem, "key", "login", 1000, ticket, "hash", &data));
    assert_false(ticket_check(mem, "other", "login", 1, ticket, "hash", &data));
    assert_false(ticket_check(mem, "key", "totp", 1, ticket, "hash", &data));
    assert_false(ticket_check(mem, "key", "login", 1, ticket, "new hash", &data));
}

static void a_ticket_with_any_sign_changed_is_refused(void **state) {
    (void)state;
    const char *data, *ticket = ticket_make(mem, "key", "login", 42, 1000, "1abc", "hash");
    for (size_t i = 0; ticket[i]; i++)
        for (const char *with = "0A.x-"; *with; with++) {
            char *forged = talloc_strdup(mem, ticket);
            if (forged[i] == *with) continue;
            forged[i] = *with;
            assert_false(ticket_check(mem, "key", "login", 1, forged, "hash", &data));
        }
    for (size_t n = 0; n < strlen(ticket); n++) /* and so is every shorter one */
        assert_false(ticket_check(mem, "key", "login", 1, talloc_strndup(mem, ticket, n), "hash", &data));
}

static void nonsense_is_no_ticket(void **state) {
    (void)state;
    static const char *const bad[] = { "", ".", "...", "42", "42.", "42.1000", "42.1000.", "x.1000.1.mac", "-1.1000.1.mac", ".1000.1.mac",
                                       "1234567890123456789.1000.1.mac", "42.99999999999999999999.1.mac" };
    const char *data;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) assert_false(ticket_check(mem, "key", "login", 1, bad[i], "hash", &data));
    assert_int_equal(ticket_account(""), 0);
    assert_int_equal(ticket_account("x"), 0);
    assert_int_equal(ticket_account("1234567890123456789.1"), 0);
}

static void recovery_codes_are_easy_to_type(void **state) {
    (void)state;
    char buf[RECOVERY_TEXT];
    static const uint8_t zero[10], ones[10] = { 255, 255, 255, 255, 255, 255, 255, 255, 255, 255 }, last[10] = { [9] = 1 };
    assert_string_equal(recovery_code_text(zero, buf), "aaaa-aaaa-aaaa-aaaa");
    assert_string_equal(recovery_code_text(ones, buf), "9999-9999-9999-9999");
    assert_string_equal(recovery_code_text(last, buf), "aaaa-aaaa-aaaa-aaab");
    assert_string_equal(recovery_code_fold(mem, " AAAA aaaa-ＡＡＡＡ-aaab "), "aaaaaaaaaaaaaaab");
}

static void every_bit_of_a_recovery_code_counts(void **state) {
    (void)state;
    char zero[RECOVERY_TEXT], other[RECOVERY_TEXT];
    uint8_t bytes[10] = { 0 };
    recovery_code_text(bytes, zero);
    for (int bit = 0; bit < 80; bit++) {
        bytes[bit / 8] = (uint8_t)(1 << bit % 8);
        assert_string_not_equal(recovery_code_text(bytes, other), zero);
        bytes[bit / 8] = 0;
    }
}

static void a_recovery_code_is_taken_once(void **state) {
    (void)state;
    const char *left = recovery_take(mem, "aa\nbb\ncc", "bb");
    assert_string_equal(left, "aa\ncc");
    assert_null(recovery_take(mem, left, "bb"));
    left = recovery_take(mem, left, "aa");
    assert_string_equal(left, "cc");
    left = recovery_take(mem, left, "cc");
    assert_string_equal(left, "");
    assert_null(recovery_take(mem, left, "cc"));
    assert_null(recovery_take(mem, "aa\nbb", "a"));
    assert_null(recovery_take(mem, "aa\nbb", "aa\nbb"));
    assert_null(recovery_take(mem, "aa", ""));
    assert_null(recovery_take(mem, NULL, "aa"));
}

static void recovery_codes_are_counted(void **state) {
    (void)state;
    assert_int_equal(recovery_left(NULL), 0);
    assert_int_equal(recovery_left(""), 0);
    assert_int_equal(recovery_left("aa"), 1);
    assert_int_equal(recovery_left("aa\nbb\ncc"), 3);
    assert_int_equal(recovery_left("aa\ncc\n"), 2);
}

int main(void) {
    cmocka_set_message_output(CM_OUTPUT_TAP);
#define T(f) cmocka_unit_test_setup_teardown(f, begin, end)
    const struct CMUnitTest tests[] = {
        T(a_login_is_a_short_word),
        T(every_ascii_sign_in_a_login_is_decided),
        T(a_login_is_the_same_however_it_is_typed),
        T(after_log_in_one_goes_to_our_own_pages_only),
        T(a_device_is_told_by_its_agent),
        T(a_ticket_gives_back_what_was_put_in),
        T(a_ticket_ends_and_holds_for_one_purpose_key_and_password),
        T(a_ticket_with_any_sign_changed_is_refused),
        T(nonsense_is_no_ticket),
        T(recovery_codes_are_easy_to_type),
        T(every_bit_of_a_recovery_code_counts),
        T(a_recovery_code_is_taken_once),
        T(recovery_codes_are_counted),
    };
    return cmocka_run_group_tests_name("modules/account", tests, NULL, NULL);
}
