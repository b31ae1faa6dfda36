/* pinyin_data.h - the tables behind pinyin.c, and for it alone: what tools/gen_pinyin.mjs writes into pinyin_table.h at build
 * time, and the words that correct it. pinyin_words.c holds both.
 *
 * A cell is 0 (no reading), the number of the only syllable, or 0x8000 + the place in pinyin_lists where the character's
 * readings begin, the likeliest first; the last of them is marked with 0x8000. */
#pragma once
#include <stddef.h>
#include <stdint.h>

#define PINYIN_FIRST 0x3400
#define PINYIN_LAST  0x9fff

typedef struct PinyinRare {
    uint32_t point; /* outside PINYIN_FIRST..PINYIN_LAST; sorted */
    uint16_t cell;
} PinyinRare;

extern const char pinyin_syllables[][7];
extern const uint16_t pinyin_lists[];
extern const uint16_t pinyin_cells[PINYIN_LAST - PINYIN_FIRST + 1];
extern const PinyinRare pinyin_rare[];
extern const size_t pinyin_rare_count;

/* Both end with a NULL. Syllables are separated by spaces. */
typedef struct PinyinWord {
    const char *han, *readings;
} PinyinWord;
extern const PinyinWord pinyin_words[];    /* one character: its first reading in names; more: their only reading */
extern const PinyinWord pinyin_surnames[]; /* one character: its first reading at the head of a person's name */
