/* number.js - numbers of cells as BigInt in the metric's smallest step: read, written and split exactly as target_cell.c and money.c do. */
export const MAX = 10n ** 15n;
const FACTOR = { '': 1n, 万: 10n ** 4n, 亿: 10n ** 8n };
const NUMBER = /^([+-]?)[¥￥]?\s*(\d+|\d{1,3}(?:,\d{3})+)(?:\.(\d+))?\s*([万亿]?)\s*元?$/;

/* Full-width forms as half-width. */
const fold = (s) => s.replace(/[\uff01-\uff5e]/g, (ch) => String.fromCharCode(ch.charCodeAt(0) - 0xfee0)).replace(/[\u3000\u00a0\ufeff]/g, ' ');
const bare = (s) => fold(s).trim().replace(/^(≥|>=|≤|<=)\s*/, '').replace(/(%|家|个|次|人|天)+$/, '').trim();

/* { value: BigInt }, { value: null } for an empty cell, or { error: 'bad' | 'negative' | 'large' | 'whole' }. */
export function read(text, decimals) {
    const s = bare(text || '');
    if (!s || s === '—') return { value: null };
    const m = s.match(NUMBER);
    if (!m) return { error: /^[\d,]{14,}$/.test(s) ? 'large' : 'bad' };
    const [, sign, whole, part = '', word] = m;
    const scale = 10n ** BigInt(part.length), product = BigInt(whole.replace(/,/g, '') + part) * FACTOR[word] * 100n;
    if (product % scale) return { error: 'bad' }; /* finer than a 分: refused, not rounded */
    let n = product / scale;
    if (sign === '-' && n) return { error: 'negative' };
    if (!decimals) {
        if (n % 100n) return { error: 'whole' };
        n /= 100n;
    }
    return n > MAX ? { error: 'large' } : { value: n };
}

const digits = (n, decimals) => {
    const s = (n < 0n ? -n : n).toString().padStart(decimals + 1, '0'), at = s.length - decimals;
    const part = decimals && s.slice(at) !== '0'.repeat(decimals) ? `.${s.slice(at)}` : '';
    return [n < 0n ? '-' : '', s.slice(0, at), part];
};
/* "1,200.50", "1,200": both decimals or none. */
export function grouped(n, decimals) {
    if (n === null) return '';
    const [sign, whole, part] = digits(n, decimals);
    return sign + whole.replace(/\B(?=(\d{3})+$)/g, ',') + part;
}
/* "1200.50": for the clipboard and for the server. */
export const plain = (n, decimals) => (n === null ? '' : digits(n, decimals).join(''));

/* Parts in proportion to the weights (all 0: equal) that sum to total exactly: largest remainder, ties to the earlier. */
export function split(total, weights) {
    let sum = weights.reduce((a, b) => a + b, 0n), w = weights;
    if (!sum) [w, sum] = [weights.map(() => 1n), BigInt(weights.length)];
    const parts = w.map((x) => (total * x) / sum), rests = w.map((x, i) => ({ i, rest: (total * x) % sum }));
    let left = total - parts.reduce((a, b) => a + b, 0n);
    rests.sort((a, b) => (a.rest === b.rest ? a.i - b.i : a.rest > b.rest ? -1 : 1));
    for (const { i } of rests) {
        if (left <= 0n) break;
        parts[i]++;
        left--;
    }
    return parts;
}
