/* marks.js - the series of charts with two axes: lines, bars, targets, bands. */
import { column, of_role } from './table.js';
import { hue } from './theme.js';

export const SIZE = 12;

/* Which colour a series has: 'target', 'previous' and 'band' have names, the others count. The legend asks too. */
export function hues(model) {
    let n = 0;
    return model.series.map((s) => (s.role === 'line' || s.role === 'bar' ? hue(n++) : null));
}

/* A point without neighbours has no line: it needs its dot. */
const has_lonely = (values) => values.some((v, i) => v !== null && (values[i - 1] ?? null) === null && (values[i + 1] ?? null) === null);

function line(model, s, color, look) {
    const values = column(model, s.i);
    return {
        type: 'line', name: s.name, data: values, symbol: 'circle', symbolSize: 7, showSymbol: has_lonely(values), z: 4,
        itemStyle: { color, borderWidth: 0 }, lineStyle: { color, width: 2, cap: 'round', join: 'round', ...look }, emphasis: { disabled: true },
    };
}

/* A target that belongs to a row: a line over columns, a stroke beside lying bars. */
function target(model, s, theme) {
    const made = line(model, s, theme.text_2, { width: 1.5, type: [5, 4] });
    if (model.lying) Object.assign(made, { symbol: 'rect', symbolSize: [2, 18], showSymbol: true, lineStyle: { width: 0 }, z: 5 });
    return made;
}

/* Two lines on top of each other, the lower one unseen, the space between them filled. */
function band(model, theme) {
    const [low] = of_role(model, 'band-low'), [high] = of_role(model, 'band-high');
    if (!low || !high) return [];
    const from = column(model, low.i), to = column(model, high.i);
    const part = (name, data, more) => ({
        type: 'line', name, data, stack: '\0band', stackStrategy: 'all', symbol: 'none', silent: true, z: 1, lineStyle: { width: 0 },
        emphasis: { disabled: true }, ...more,
    });
    return [
        part(low.name, from.map((v, i) => (to[i] === null ? null : v)), {}),
        part(high.name, to.map((v, i) => (v === null || from[i] === null ? null : v - from[i])), { areaStyle: { color: theme.chart_band, opacity: 1 } }),
    ];
}

function bar(model, s, color, theme, only) {
    const round = model.lying ? [0, 3, 3, 0] : [3, 3, 0, 0], below = model.lying ? [3, 0, 0, 3] : [0, 0, 3, 3];
    const tint = (row) => theme.status[row.status] || (model.kind === 'rank' && model.rows.some((r) => r.current) && !row.current ? theme.chart_rest : color);
    const data = model.rows.map((row) => {
        const { value } = row.cells[s.i], itemStyle = only ? { color: tint(row) } : {};
        if (value < 0 && !s.stack) itemStyle.borderRadius = below;
        return { value, itemStyle };
    });
    return {
        type: 'bar', name: s.name, data, stack: s.stack || undefined, barMaxWidth: model.lying ? 12 : 26, barGap: '20%', barCategoryGap: '38%', z: 3,
        itemStyle: { color, borderRadius: s.stack ? 0 : round }, emphasis: { disabled: true },
    };
}

/* Beside lying bars the scale names the mark. Columns carry their words above them, so there the mark stays behind. */
function mark_line(model, theme) {
    return {
        silent: true, symbol: 'none', animation: false, z: model.lying ? 5 : 2, lineStyle: { color: theme.text_2, width: 1, type: [4, 3] },
        label: { show: !model.lying, formatter: () => model.mark_text, color: theme.text_2, fontSize: SIZE, position: 'end', distance: 6 },
        data: [model.lying ? { xAxis: model.mark } : { yAxis: model.mark }],
    };
}

export function make_series(model, theme) {
    const colours = hues(model), lines = of_role(model, 'line'), bars = of_role(model, 'bar');
    const out = band(model, theme);
    for (const s of bars) out.push({ ...bar(model, s, theme.palette[colours[s.i]], theme, bars.length === 1), side: s.right });
    for (const s of lines) out.push({ ...line(model, s, theme.palette[colours[s.i]], {}), side: s.right });
    for (const s of of_role(model, 'previous')) out.push({ ...line(model, s, theme.dot_secondary, { width: 1.5 }), z: 3, side: s.right });
    for (const s of of_role(model, 'target')) out.push({ ...target(model, s, theme), side: s.right });
    if (lines.length === 1 && !bars.length && model.kind === 'line') out.find((s) => s.type === 'line').areaStyle = { color: theme.palette[0], opacity: .07 };
    if (model.mark !== null && out.length) out[out.length - 1].markLine = mark_line(model, theme);
    return out;
}
