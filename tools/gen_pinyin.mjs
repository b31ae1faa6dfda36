// gen_pinyin.mjs - makes the table behind base/pinyin.c, which base/pinyin_words.c includes, from Unihan_Readings.txt
// (Debian: unicode-data).
//
//   node tools/gen_pinyin.mjs /usr/share/unicode/Unihan_Readings.txt.bz2 pinyin_table.h
//
// The input may be plain, .bz2, .gz, .xz or .zip. The same input gives the same output, byte for byte.
//
// Readings of a character, the likeliest first: what kMandarin calls customary, then by frequency in kHanyuPinlu, then
// in the order of kTGHZ2013 (the table of general standard characters). Characters outside that standard take kXHC1983,
// which has the traditional forms, and else kMandarin alone. Tones are left out; ü is v, as in input methods.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';

const FIRST = 0x3400, LAST = 0x9fff; // extension A and the unified ideographs, as one array
const READINGS_MAX = 4;
const FIELDS = new Set(['kMandarin', 'kTGHZ2013', 'kXHC1983', 'kHanyuPinlu']);
const UNPACK = { bz2: ['bzip2', '-dc'], gz: ['gzip', '-dc'], xz: ['xz', '-dc'], zip: ['unzip', '-p'] };

const [input, output] = process.argv.slice(2);
if (!output) {
  console.error('usage: gen_pinyin.mjs Unihan_Readings.txt[.bz2|.gz|.xz|.zip] pinyin_table.h');
  process.exit(2);
}

function readInput(path) {
  const unpack = UNPACK[path.split('.').pop()];
  if (!unpack) return readFileSync(path, 'utf8');
  const inside = unpack[0] === 'unzip' ? ['Unihan_Readings.txt'] : [];
  return execFileSync(unpack[0], [...unpack.slice(1), path, ...inside], { maxBuffer: 1 << 28, encoding: 'utf8' });
}

const known = new Map();
function toneless(syllable) {
  let plain = known.get(syllable);
  if (plain === undefined) {
    plain = syllable.normalize('NFD').replace(/u\u0308/g, 'v').replace(/[\u0300-\u036f]/g, '');
    if (!/^[a-z]{1,6}$/.test(plain)) throw new Error(`not a syllable: ${syllable}`);
    known.set(syllable, plain);
  }
  return plain;
}

function readFields(text) {
  const characters = new Map();
  for (const line of text.split('\n')) {
    if (!line.startsWith('U+')) continue;
    const [point, field, value] = line.split('\t');
    if (!FIELDS.has(field)) continue;
    const code = parseInt(point.slice(2), 16);
    if (!characters.has(code)) characters.set(code, {});
    characters.get(code)[field] = value.trim().split(/\s+/).filter(Boolean);
  }
  return characters;
}

// "047.150:chóng" -> chong
const located = (values) => values.map((v) => toneless(v.slice(v.indexOf(':') + 1)));

function readingsOf(fields) {
  const customary = (fields.kMandarin ?? []).map(toneless);
  const often = new Map();
  for (const v of fields.kHanyuPinlu ?? []) {
    const [, syllable, count] = v.match(/^(.+)\((\d+)\)$/);
    often.set(toneless(syllable), (often.get(toneless(syllable)) ?? 0) + Number(count));
  }
  const standard = fields.kTGHZ2013 ? located(fields.kTGHZ2013) : located(fields.kXHC1983 ?? []).concat(customary);
  const others = [...new Set(standard)].filter((r) => r !== customary[0]);
  others.sort((a, b) => (often.get(b) ?? 0) - (often.get(a) ?? 0)); // stable
  return [...customary.slice(0, 1), ...others].slice(0, READINGS_MAX);
}

const characters = readFields(readInput(input));
if (characters.size < 20000) throw new Error(`${input} has only ${characters.size} characters with readings`);

const readings = new Map([[0x3007, ['ling']]]); // 〇, which Unihan does not count among the ideographs
for (const [code, fields] of characters) {
  const inArray = code >= FIRST && code <= LAST;
  if (!inArray && !fields.kTGHZ2013) continue;
  const list = readingsOf(fields);
  if (list.length) readings.set(code, list);
}
const syllables = ['', ...new Set([...readings.values()].flat())].sort();
const numberOf = new Map(syllables.map((s, i) => [s, i]));

// A cell is 0 (no reading), the number of the only reading, or 0x8000 + where its list begins in pinyin_lists. The last
// of a list is marked with 0x8000.
const lists = [];
const listAt = new Map();
function cell(list) {
  if (!list) return 0;
  const numbers = list.map((r) => numberOf.get(r));
  if (numbers.length === 1) return numbers[0];
  const key = numbers.join();
  if (!listAt.has(key)) {
    listAt.set(key, lists.length);
    numbers.forEach((n, i) => lists.push(i === numbers.length - 1 ? n | 0x8000 : n));
  }
  return listAt.get(key) | 0x8000;
}

const cells = [];
for (let code = FIRST; code <= LAST; code++) cells.push(cell(readings.get(code)));
const rare = [...readings.keys()].filter((c) => c < FIRST || c > LAST).sort((a, b) => a - b)
  .map((c) => `{0x${c.toString(16)}, ${cell(readings.get(c))}}`);

function rows(values, perRow) {
  const out = [];
  for (let i = 0; i < values.length; i += perRow) out.push('    ' + values.slice(i, i + perRow).join(', ') + ',');
  return out.join('\n');
}

writeFileSync(output, `/* pinyin_table.h - readings of Chinese characters. Made by tools/gen_pinyin.mjs from the Unicode Han Database
 * (Unihan_Readings.txt, Copyright Unicode, Inc., https://www.unicode.org/terms_of_use.html). Do not edit.
 * Definitions for pinyin_words.c, which has included base/pinyin_data.h. */
const char pinyin_syllables[][7] = {
${rows(syllables.map((s) => `"${s}"`), 12)}
};

const uint16_t pinyin_lists[] = {
${rows(lists, 20)}
};

const uint16_t pinyin_cells[PINYIN_LAST - PINYIN_FIRST + 1] = {
${rows(cells, 20)}
};

const PinyinRare pinyin_rare[] = {
${rows(rare, 6)}
};
const size_t pinyin_rare_count = sizeof pinyin_rare / sizeof *pinyin_rare;
`);
