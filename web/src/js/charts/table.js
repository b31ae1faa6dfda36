/* table.js - what a chart shows, read from the table in its figure. The contract stands in web/README.md.
 *
 * A chart never knows more than its table: labels and tooltips repeat the texts of the cells, so the two cannot differ. */
const SCALES = { 万: 1e4, 亿: 1e8 };
const DRAWN = ['line', 'bar', 'target', 'previous', 'band-low', 'band-high'];
const text_of = (el) => el.textContent.replace(/\s+/g, ' ').trim();

/* data-value is exact (12345.67 元) while the unit may be larger (万元). */
function scale_of(el, unit) {
    const given = Number(el.dataset.scale);
    return given > 0 ? given : SCALES[unit[0]] || 1;
}

function read_cell(td, scale) {
    const value = td?.dataset.value;
    const number = value === undefined || value.trim() === '' ? NaN : Number(value) / scale;
    return { value: Number.isFinite(number) ? number : null, text: td ? text_of(td) : '' };
}

function read_series(th, column, figure, unit) {
    const own = th.dataset.unit;
    const role = th.dataset.series || (figure.dataset.chart === 'line' || figure.dataset.chart === 'band' ? 'line' : 'bar');
    return {
        column, role, name: text_of(th), stack: th.dataset.stack || null, unit: own ?? unit,
        scale: scale_of(own === undefined ? figure : th, own ?? unit), right: own !== undefined && own !== unit,
    };
}

function read_row(tr, series) {
    const { href, status, statusText } = tr.dataset, first = tr.cells[0];
    return {
        name: text_of(first), short: first.dataset.short || text_of(first), href: href || null, status: status || null,
        status_text: statusText || '', current: 'current' in tr.dataset, cells: series.map((s) => read_cell(tr.cells[s.column], s.scale)),
    };
}

/* null if there is no table to draw. series, and the cells of each row, are in the order of the columns after the first. */
export function read_table(figure) {
    const table = figure.querySelector('table'), head = table?.tHead?.rows;
    if (!head?.length) return null;
    const unit = figure.dataset.unit ?? '';
    const series = [...head[head.length - 1].cells].slice(1).map((th, i) => read_series(th, i + 1, figure, unit));
    const rows = [...table.tBodies].flatMap((body) => [...body.rows]).filter((tr) => tr.cells.length > 1).map((tr) => read_row(tr, series));
    const foot = table.tFoot?.rows[0];
    const mark = Number(figure.dataset.mark);
    return {
        kind: figure.dataset.chart, unit, series, rows, lying: figure.dataset.chart === 'rank' || 'lying' in figure.dataset,
        mark: figure.dataset.mark && Number.isFinite(mark) ? mark / scale_of(figure, unit) : null, mark_text: figure.dataset.markText || figure.dataset.mark,
        total: foot ? { name: text_of(foot.cells[0]), cells: series.map((s) => read_cell(foot.cells[s.column], s.scale)) } : null,
        caption: text_of(figure.querySelector('figcaption') ?? figure.appendChild(document.createElement('figcaption'))),
    };
}

/* Index and series of what has that role. */
export const of_role = (model, ...roles) => model.series.map((s, i) => ({ ...s, i })).filter((s) => roles.includes(s.role));
export const drawn = (model) => of_role(model, ...DRAWN);
export const column = (model, i) => model.rows.map((r) => r.cells[i].value);
