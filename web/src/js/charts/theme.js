/* theme.js - the colours and the font of the style sheet, as ECharts wants them: plain values, read anew when the theme changes. */
const NAMES = ['surface', 'line', 'line-2', 'text', 'text-2', 'text-3', 'accent-text', 'hover', 'dot-success', 'dot-warning', 'dot-danger', 'dot-secondary',
    'chart-rest', 'chart-band', 'font'];
const PALETTE = 8;

export function read_theme() {
    const style = getComputedStyle(document.documentElement), get = (name) => style.getPropertyValue(`--${name}`).trim();
    const theme = Object.fromEntries(NAMES.map((n) => [n.replace(/-/g, '_'), get(n)]));
    theme.palette = Array.from({ length: PALETTE }, (_, i) => get(`chart-${i + 1}`));
    theme.status = { behind: theme.dot_danger, risk: theme.dot_warning, ok: theme.dot_success };
    return theme;
}

/* Paper is white whatever the screen is. */
export function read_paper_theme() {
    const root = document.documentElement, now = root.dataset.theme;
    root.dataset.theme = 'light';
    const theme = read_theme();
    root.dataset.theme = now;
    return theme;
}

/* The place of a series or slice in the palette: the legend's classes and the drawing count the same way. */
export const hue = (n) => n % PALETTE;
