/* format.js - numbers on axes, and how wide a text is. */
const lang = document.documentElement.lang.startsWith('en') ? 'en' : 'zh-CN';
const plain = new Intl.NumberFormat(lang, { maximumFractionDigits: 2 });
const share = new Intl.NumberFormat(lang, { style: 'percent', minimumFractionDigits: 1, maximumFractionDigits: 1 });

export const locale = lang === 'en' ? 'EN' : 'ZH';
export const axis_number = (unit) => (v) => plain.format(v) + (unit === '%' ? '%' : '');
export const percent = (part, whole) => (whole > 0 ? share.format(part / whole) : '—');
/* A percentage carries its sign; what other numbers count is said once, above the chart. */
export const with_sign = (text, unit) => (unit === '%' && /\d$/.test(text) ? `${text}%` : text);
export const say = (name, arg) => (document.getElementById('texts')?.dataset[name] ?? '').replace('[1]', arg);

const ruler = document.createElement('canvas').getContext('2d');

export function width_of(text, size, font) {
    ruler.font = `${size}px ${font}`;
    return ruler.measureText(text).width;
}
export const widest = (texts, size, font) => Math.ceil(texts.reduce((w, t) => Math.max(w, width_of(t, size, font)), 0));

/* The text, or as much of it as there is room for. */
export function fit(text, room, size, font) {
    if (width_of(text, size, font) <= room) return text;
    const letters = [...text];
    while (letters.length > 1 && width_of(`${letters.join('')}…`, size, font) > room) letters.pop();
    return `${letters.join('')}…`;
}
