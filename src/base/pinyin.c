/* pinyin.c - finding and sorting Chinese names by how they are pronounced. */
#include "base/pinyin.h"
#include "base/pinyin_data.h"
#include "base/text.h"
#include <stdint.h>
#include <string.h>
#include <strings.h>
#include <talloc.h>

#define PIECES_MAX       64
#define READINGS_MAX     5 /* four of the table and a surname's */
#define COMBINATIONS_MAX 8
#define QUERY_MAX        127
#define TEXT_MAX         65536

/* One syllable or one word of other letters. */
typedef struct Piece {
    const char *readings[READINGS_MAX];
    uint8_t lengths[READINGS_MAX];
    int count;
    bool han;
} Piece;

typedef struct Name {
    Piece pieces[PIECES_MAX];
    int count;
} Name;

/* ---- Reading a name ---- */

/* The character at s, which is valid UTF-8, and its bytes. */
static uint32_t decode(const char *s, size_t *ret_size) {
    const unsigned char *p = (const unsigned char *)s;
    *ret_size = p[0] < 0x80 ? 1 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
    if (*ret_size == 1) return p[0];
    uint32_t point = p[0] & (0x7fU >> *ret_size);
    for (size_t i = 1; i < *ret_size; i++) point = point << 6 | (p[i] & 0x3fU);
    return point;
}

static uint16_t cell_of(uint32_t point) {
    if (point >= PINYIN_FIRST && point <= PINYIN_LAST) return pinyin_cells[point - PINYIN_FIRST];
    size_t low = 0, high = pinyin_rare_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (pinyin_rare[middle].point < point)
            low = middle + 1;
        else
            high = middle;
    }
    return low < pinyin_rare_count && pinyin_rare[low].point == point ? pinyin_rare[low].cell : 0;
}

static void set_reading(Piece *p, int i, const char *s, size_t n) {
    p->readings[i] = s;
    p->lengths[i] = (uint8_t)(n < UINT8_MAX ? n : UINT8_MAX);
}

static Piece piece_of(uint16_t cell) {
    Piece p = { .han = true };
    const uint16_t *list = cell & 0x8000 ? pinyin_lists + (cell & 0x7fff) : NULL;
    do {
        const char *syllable = pinyin_syllables[list ? *list & 0x7fff : cell];
        set_reading(&p, p.count++, syllable, strlen(syllable));
    } while (list && !(*list++ & 0x8000) && p.count < READINGS_MAX - 1);
    return p;
}

/* Moves the reading to the front, or puts it there if the table does not have it. */
static void prefer(Piece *p, const char *reading) {
    int at = 0;
    while (at < p->count && strcmp(p->readings[at], reading) != 0) at++;
    if (at == p->count && p->count < READINGS_MAX) p->count++;
    if (at == READINGS_MAX) at--;
    for (; at > 0; at--) set_reading(p, at, p->readings[at - 1], p->lengths[at - 1]);
    set_reading(p, 0, reading, strlen(reading));
}

/* The longest of the words that s begins with. */
static const PinyinWord *find_word(const PinyinWord *words, const char *s) {
    const PinyinWord *best = NULL;
    for (; words->han; words++) {
        if (words->han[0] != s[0] || words->han[1] != s[1] || !text_starts(s, words->han)) continue;
        if (!best || strlen(words->han) > strlen(best->han)) best = words;
    }
    return best;
}

/* Adds the syllables of a word of several characters, which has one reading only. */
static void add_word(Name *name, const char *readings) {
    while (*readings && name->count < PIECES_MAX) {
        size_t n = strcspn(readings, " ");
        Piece *p = &name->pieces[name->count++];
        *p = (Piece){ .han = true, .count = 1 };
        set_reading(p, 0, readings, n);
        readings += n + (readings[n] == ' ');
    }
}

/* Letters and digits of any script but Han; everything else only separates. */
static bool in_word(uint32_t point) {
    if (point < 0x80) return (point >= '0' && point <= '9') || (point >= 'a' && point <= 'z');
    return point >= 0xc0 && point != 0xd7 && point != 0xf7 && (point < 0x2000 || point > 0x2bff) &&
           (point < 0x2e00 || point > 0x303f) && (point < 0xfe00 || point > 0xfe6f) &&
           (point < 0xff00 || point > 0xff0f) && (point < 0xff1a || point > 0xff20) &&
           (point < 0xff5b || point > 0xff65) && point < 0xffe0;
}

static bool looks_like_a_person(const char *s) {
    size_t size, n = 0;
    for (; *s; s += size, n++)
        if (!cell_of(decode(s, &size))) return false;
    return n >= 2 && n <= 4;
}

/* s is folded and must outlive the name. */
static void read_name(const char *s, Name *ret_name) {
    const PinyinWord *surname = looks_like_a_person(s) ? find_word(pinyin_surnames, s) : NULL;
    ret_name->count = 0;
    while (*s && ret_name->count < PIECES_MAX) {
        size_t size, n = 0;
        uint16_t cell = cell_of(decode(s, &size));
        if (cell) {
            const PinyinWord *word = find_word(pinyin_words, s);
            if (word && strlen(word->han) > size) {
                add_word(ret_name, word->readings);
                s += strlen(word->han);
            } else {
                Piece *p = &ret_name->pieces[ret_name->count++];
                *p = piece_of(cell);
                if (word) prefer(p, word->readings);
                if (surname) prefer(p, surname->readings);
                s += size;
            }
            surname = NULL;
            continue;
        }
        while (s[n] && in_word(decode(s + n, &size)) && !cell_of(decode(s + n, &size)) && n + size <= UINT8_MAX)
            n += size;
        if (n) {
            Piece *p = &ret_name->pieces[ret_name->count++];
            *p = (Piece){ .count = 1 };
            set_reading(p, 0, s, n);
        }
        if (n == 0) decode(s, &n);
        s += n;
    }
}

/* ---- Keys ---- */

typedef struct Keys {
    const Name *name;
    Text *out;
    int combinations;
    uint8_t chosen[PIECES_MAX]; /* which reading of each piece */
} Keys;

/* Drops what was added since start if the set had it already ("Abc" makes its initials "abc" needless). */
static void drop_double(Text *out, size_t start) {
    size_t n = out->len - start;
    for (size_t at = 0; at + n < start; at += strcspn(out->data + at, " ") + 1) {
        if (strncasecmp(out->data + at, out->data + start, n) != 0 || out->data[at + n] != ' ') continue;
        out->len = start > 0 ? start - 1 : 0;
        out->data[out->len] = 0;
        return;
    }
}

static void add_key(Keys *k, bool initials) {
    Text *out = k->out;
    if (out->len) text_add_char(out, ' ');
    size_t start = out->len;
    for (int i = 0; i < k->name->count; i++) {
        const Piece *p = &k->name->pieces[i];
        const char *reading = p->readings[k->chosen[i]];
        size_t n = p->lengths[k->chosen[i]];
        bool lower = reading[0] >= 'a' && reading[0] <= 'z';
        text_add_char(out, (char)(lower && !initials ? reading[0] - 32 : reading[0]));
        if (!initials || !p->han) text_add_n(out, reading + 1, n - 1);
    }
    drop_double(out, start);
}

/* All combinations that differ from the likeliest in exactly `changes` of the pieces from `from` on. */
static void combine(Keys *k, int from, int changes) {
    if (k->combinations == COMBINATIONS_MAX) return;
    if (changes == 0) {
        k->combinations++;
        add_key(k, false);
        add_key(k, true);
        return;
    }
    for (int i = from; i < k->name->count; i++) {
        for (int r = 1; r < k->name->pieces[i].count; r++) {
            k->chosen[i] = (uint8_t)r;
            combine(k, i + 1, changes - 1);
        }
        k->chosen[i] = 0;
    }
}

char *pinyin_keys(void *mem, const char *name) {
    Text *out = text_new(mem, TEXT_MAX);
    Name n;
    read_name(text_fold(out, name), &n);
    Keys k = { .name = &n, .out = out };
    int several = 0;
    for (int i = 0; i < n.count; i++) several += n.pieces[i].count > 1;
    for (int changes = 0; n.count && changes <= several; changes++) combine(&k, 0, changes);
    char *keys = talloc_steal(mem, out->data);
    talloc_free(out);
    return keys;
}

char *pinyin_sort_key(void *mem, const char *name) {
    Text *out = text_new(mem, TEXT_MAX);
    Name n;
    read_name(text_fold(out, name), &n);
    for (int i = 0; i < n.count; i++) {
        if (i) text_add_char(out, ' ');
        text_add_n(out, n.pieces[i].readings[0], n.pieces[i].lengths[0]);
    }
    /* Two spaces sort before one and a letter: 张 stands before 张三. */
    text_add(out, "  ");
    text_add(out, name);
    char *key = talloc_steal(mem, out->data);
    talloc_free(out);
    return key;
}

/* ---- Matching ---- */

/* Folds the query: lower case, half width, ü as v, runs of separators as one '. Returns its length, or -1 if it is too
 * long to be typed. */
static int fold_query(const char *s, char q[static QUERY_MAX + 1]) {
    int n = 0;
    while (*s) {
        size_t size;
        uint32_t point = decode(s, &size);
        if (point >= 0xff01 && point <= 0xff5e) point -= 0xff01 - 0x21;
        if (point >= 'A' && point <= 'Z') point += 32;
        bool separator = point == ' ' || point == '\'' || point == '-' || point == '.' || point == 0xb7 ||
                         point == 0x2018 || point == 0x2019 || point == 0x3000;
        if (n + 4 > QUERY_MAX) return -1;
        if (separator) {
            if (n > 0 && q[n - 1] != '\'') q[n++] = '\'';
        } else if (point == 0xfc || point == 0xdc) {
            q[n++] = 'v';
        } else if (point < 0x80) {
            q[n++] = (char)point;
        } else {
            memcpy(q + n, s, size);
            n += (int)size;
        }
        s += size;
    }
    while (n > 0 && q[n - 1] == '\'') n--;
    q[n] = 0;
    return n;
}

static bool is_capital(char ch) {
    return ch >= 'A' && ch <= 'Z';
}

static char lower(char ch) {
    return is_capital(ch) ? (char)(ch + 32) : ch;
}

static bool is_digit(char ch) {
    return ch >= '0' && ch <= '9';
}

/* Where the syllable or word that begins at s ends: before a capital, where digits or letters without case begin, or
 * with the key. */
static const char *syllable_end(const char *s) {
    for (s++; *s && *s != ' ' && !is_capital(*s); s++) {
        if (is_digit(*s) && !is_digit(s[-1])) break;
        if ((*s & 0x80) && !(s[-1] & 0x80)) break;
    }
    return s;
}

/* Places in a query: after which of its letters a syllable may have been left. */
typedef struct Places {
    bool any, at[QUERY_MAX + 1];
} Places;

/* From each place tries to type the beginning of the syllable, at least its first letter, and gives the places where
 * that leads. True if the end of the query is reached. */
static bool type_syllable(const char *s, const char *end, const char *q, int n, const Places *from, Places *to) {
    to->any = false;
    memset(to->at, 0, (size_t)n + 1);
    for (int start = 0; start < n; start++) {
        if (!from->at[start]) continue;
        int at = start + (q[start] == '\'');
        for (const char *p = s; p < end; p++) {
            char ch = lower(*p);
            if (q[at] == ch || (ch == 'v' && q[at] == 'u'))
                at++;
            else if (ch == 'v' && q[at] == 'y' && q[at + 1] == 'u')
                at += 2;
            else
                break;
            if (at == n) return true;
            to->at[at] = to->any = true;
        }
    }
    return false;
}

/* Whether the query is a beginning of the key from the syllable at s on. */
static bool begins(const char *s, const char *q, int n) {
    Places places[2];
    places[0].any = places[0].at[0] = true;
    memset(places[0].at + 1, 0, (size_t)n);
    for (int turn = 0; places[turn].any && *s && *s != ' '; turn ^= 1) {
        const char *end = syllable_end(s);
        if (type_syllable(s, end, q, n, &places[turn], &places[turn ^ 1])) return true;
        s = end;
    }
    return false;
}

static bool match(const char *keys, const char *query, bool anywhere) {
    char q[QUERY_MAX + 1];
    int n = fold_query(query, q);
    if (n == 0) return true;
    for (const char *s = keys; n > 0 && *s;) {
        if (lower(*s) == *q && begins(s, q, n)) return true;
        s = anywhere ? syllable_end(s) : s + strcspn(s, " ");
        if (*s == ' ') s++;
    }
    return false;
}

bool pinyin_matches(const char *keys, const char *query) {
    return match(keys, query, false);
}

bool pinyin_contains(const char *keys, const char *query) {
    return match(keys, query, true);
}
