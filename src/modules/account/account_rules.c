/* account_rules.c - rules without a database: logins, ways back, devices, tickets, recovery codes. */
#include "base/money.h"
#include "base/text.h"
#include "modules/account/account_private.h"
#include <inttypes.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <string.h>
#include <talloc.h>

bool login_is_valid(const char *login) {
    size_t n = text_length(login);
    if (n < 2 || n > LOGIN_MAX) return false;
    for (const unsigned char *s = (const unsigned char *)login; *s; s++)
        if (*s < 0x80 && !(*s >= 'a' && *s <= 'z') && !(*s >= '0' && *s <= '9') && !strchr("._-@+", *s)) return false;
    return true;
}

const char *login_fold(void *mem, const char *s) {
    return text_fold(mem, text_clean(mem, s));
}

/* Browsers drop tabs and line breaks from addresses and read \ as /, so "/\t/evil" leads away. */
bool path_is_local(const char *path) {
    if (!path || path[0] != '/' || path[1] == '/' || strlen(path) > NEXT_MAX) return false;
    for (const unsigned char *s = (const unsigned char *)path; *s; s++)
        if (*s <= ' ' || *s == '\\' || *s == 0x7f) return false;
    return true;
}

const char *local_path(const char *path) {
    static const char *const refused[] = { "/login", "/logout", "/setup/", "/invite/", "/account/language" };
    if (!path_is_local(path)) return "/";
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        if (text_starts(path, refused[i])) return "/";
    return path;
}

typedef struct Sign {
    const char *part, *name;
} Sign;

static const char *first_of(const char *agent, const Sign *signs) {
    for (; signs->part; signs++)
        if (strstr(agent, signs->part)) return signs->name;
    return "";
}

void device_of(const char *agent, const char **ret_browser, const char **ret_system) {
    /* In this order, since each pretends to be those below. */
    static const Sign browsers[] = {
        { "wxwork", "WeCom" },    { "MicroMessenger", "WeChat" },     { "DingTalk", "DingTalk" }, { "Lark", "Feishu" },
        { "Edg", "Edge" },        { "OPR/", "Opera" },                { "Quark", "Quark" },       { "UCBrowser", "UC" },
        { "MQQBrowser", "QQ" },   { "QQBrowser", "QQ" },              { "HuaweiBrowser", "Huawei" }, { "MiuiBrowser", "Xiaomi" },
        { "SamsungBrowser", "Samsung" }, { "Firefox", "Firefox" },    { "FxiOS", "Firefox" },     { "CriOS", "Chrome" },
        { "Chrome", "Chrome" },   { "Safari", "Safari" },             { "curl/", "curl" },        { "node", "Node.js" }, { 0 },
    };
    static const Sign systems[] = {
        { "HarmonyOS", "HarmonyOS" }, { "OpenHarmony", "HarmonyOS" }, { "Android", "Android" }, { "iPhone", "iPhone" },
        { "iPad", "iPad" },           { "Windows", "Windows" },       { "Mac OS X", "macOS" },  { "CrOS", "ChromeOS" },
        { "Linux", "Linux" },         { 0 },
    };
    *ret_browser = first_of(agent, browsers);
    *ret_system = first_of(agent, systems);
}

/* ---- tickets: "account.until.data.mac" ---- */

static const char *mac_of(void *mem, const char *secret, const char *purpose, const char *head, const char *bound) {
    uint8_t mac[EVP_MAX_MD_SIZE];
    unsigned n = 0;
    const char *all = talloc_asprintf(mem, "%s\n%s\n%s", purpose, head, bound);
    HMAC(EVP_sha256(), secret, (int)strlen(secret), (const unsigned char *)all, strlen(all), mac, &n);
    return text_base64url(mem, mac, n);
}

const char *ticket_make(void *mem, const char *secret, const char *purpose, int64_t account_id, Instant until, const char *data, const char *bound) {
    const char *head = talloc_asprintf(mem, "%" PRId64 ".%" PRId64 ".%s", account_id, until, data);
    return talloc_asprintf(mem, "%s.%s", head, mac_of(mem, secret, purpose, head, bound));
}

/* Reads digits up to the next '.'; false if there are none or too many. */
static bool read_number(const char **s, int64_t *ret) {
    int digits = 0;
    for (*ret = 0; **s >= '0' && **s <= '9'; (*s)++) {
        if (++digits > 18) return false;
        *ret = *ret * 10 + (**s - '0');
    }
    return digits && *(*s)++ == '.';
}

int64_t ticket_account(const char *ticket) {
    int64_t id;
    return read_number(&ticket, &id) ? id : 0;
}

bool ticket_check(void *mem, const char *secret, const char *purpose, Instant now, const char *ticket, const char *bound, const char **ret_data) {
    int64_t id, until;
    const char *s = ticket, *dot = strrchr(ticket, '.');
    if (!read_number(&s, &id) || !read_number(&s, &until) || dot < s || now >= until) return false;
    const char *head = talloc_strndup(mem, ticket, (size_t)(dot - ticket)), *mac = mac_of(mem, secret, purpose, head, bound);
    if (strlen(dot + 1) != strlen(mac) || CRYPTO_memcmp(dot + 1, mac, strlen(mac)) != 0) return false;
    *ret_data = talloc_strndup(mem, s, (size_t)(dot - s));
    return true;
}

/* ---- recovery codes ---- */

const char *recovery_code_text(const uint8_t bytes[static 10], char buf[static RECOVERY_TEXT]) {
    static const char signs[] = "abcdefghijkmnpqrstuvwxyz23456789"; /* without l, o, 0, 1 */
    size_t n = 0;
    for (size_t i = 0; i < 10; i += 5) { /* 40 bits are 8 signs */
        uint64_t bits = 0;
        for (size_t k = 0; k < 5; k++) bits = bits << 8 | bytes[i + k];
        for (int shift = 35; shift >= 0; shift -= 5) {
            if (n == 4 || n == 9 || n == 14) buf[n++] = '-';
            buf[n++] = signs[bits >> shift & 31];
        }
    }
    buf[n] = 0;
    return buf;
}

const char *recovery_code_fold(void *mem, const char *s) {
    char *folded = text_fold(mem, s), *to = folded;
    for (const char *from = folded; *from; from++)
        if (*from != '-' && *from != ' ') *to++ = *from;
    *to = 0;
    return folded;
}

const char *recovery_take(void *mem, const char *lines, const char *hash) {
    size_t n = strlen(hash);
    if (!lines || !n) return NULL;
    for (const char *s = lines; s && *s;) {
        const char *end = strchr(s, '\n');
        size_t len = end ? (size_t)(end - s) : strlen(s);
        if (len == n && !CRYPTO_memcmp(s, hash, n)) return talloc_asprintf(mem, "%.*s%s", (int)(s - lines), lines, end ? end + 1 : "");
        s = end ? end + 1 : NULL;
    }
    return NULL;
}

size_t recovery_left(const char *lines) {
    size_t n = 0;
    for (const char *s = lines; s && *s; n++) {
        const char *end = strchr(s, '\n');
        s = end ? end + 1 : NULL;
    }
    return n;
}
