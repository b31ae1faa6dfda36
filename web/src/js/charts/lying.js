/* lying.js - bars that lie, one row below the other: rankings, completion by person. Names need room, and there may be many. */
import { axis_number, fit, widest, with_sign } from './format.js';
import { make_series, SIZE } from './marks.js';
import { of_role } from './table.js';

const ROW = 28, SCALE = 22;

/* As high as its rows are many: the one height that a class cannot know. */
export const lying_height = (model) => Math.max(2, model.rows.length) * ROW + 8 + (model.mark === null && of_role(model, 'bar').length === 1 ? 0 : SCALE);

function end_labels(model) {
    const [only] = of_role(model, 'bar');
    if (!only || of_role(model, 'bar').length > 1) return null;
    return model.rows.map((row) => ({ number: with_sign(row.cells[only.i].text, only.unit), word: row.status_text }));
}

function name_axis(model, theme, width) {
    const names = model.rows.map((r) => r.short), rank = model.kind === 'rank';
    const room = Math.min(widest(names, SIZE, theme.font) + 2, Math.round(width * .34));
    const number = widest([String(names.length)], SIZE, theme.font) + 10;
    const short = names.map((n) => fit(n, room, SIZE, theme.font));
    const style = (i) => (model.rows[i].current ? 'own' : 'name');
    return {
        type: 'category', inverse: true, data: names, axisLine: { lineStyle: { color: theme.line_2 } }, axisTick: { show: false },
        axisLabel: {
            interval: 0, fontSize: SIZE, color: theme.text_2, margin: 8,
            formatter: (_, i) => (rank ? `{${i < 3 ? 'top' : 'place'}|${i + 1}}` : '') + `{${style(i)}|${short[i].replace(/[{}|]/g, ' ')}}`,
            rich: {
                name: { width: room, align: 'left', color: theme.text_2, fontSize: SIZE }, own: { width: room, align: 'left', color: theme.accent_text, fontSize: SIZE, fontWeight: 600 },
                place: { width: number, align: 'left', color: theme.text_3, fontSize: SIZE }, top: { width: number, align: 'left', color: theme.text, fontSize: SIZE, fontWeight: 600 },
            },
        },
        axisPointer: { show: true, type: 'shadow', label: { show: false }, triggerTooltip: false, shadowStyle: { color: theme.text_3, opacity: .08 } },
    };
}

/* Numbers and words stand in a column at the right: beside the bars they would stand on the mark and on each other. */
function end_axis(model, theme) {
    const ends = end_labels(model);
    if (!ends) return [];
    const wide = (part) => widest(ends.map((e) => e[part]), SIZE, theme.font), word = wide('word');
    return [{
        type: 'category', inverse: true, position: 'right', data: ends.map((_, i) => i), axisLine: { show: false }, axisTick: { show: false }, axisPointer: { show: false },
        axisLabel: {
            interval: 0, margin: 10, formatter: (_, i) => `{number|${ends[i].number}}${word ? `{word|${ends[i].word}}` : ''}`,
            rich: {
                number: { width: wide('number'), align: 'right', color: theme.text, fontSize: SIZE },
                word: { width: word, align: 'right', color: theme.text_2, fontSize: SIZE, padding: [0, 0, 0, 8] },
            },
        },
    }];
}

/* The scale: its numbers where no bar says its own, otherwise the mark alone. */
function scale_axis(model, theme, numbers) {
    const all = model.rows.flatMap((r) => r.cells.filter((_, i) => !['tip', 'none'].includes(model.series[i].role)).map((c) => c.value ?? 0));
    const top = Math.max(...all, model.mark ?? 0), marked = model.mark !== null;
    return {
        type: 'value', min: Math.min(0, ...all), max: top > 0 ? top : undefined, splitNumber: 3, axisLine: { show: false }, axisTick: { show: false },
        splitLine: { show: numbers, lineStyle: { color: theme.line } }, axisPointer: { show: false },
        axisLabel: {
            show: numbers || marked, color: numbers ? theme.text_3 : theme.text_2, fontSize: SIZE, margin: 6, hideOverlap: true,
            ...(numbers ? { formatter: axis_number(model.unit), showMaxLabel: false } : { customValues: marked ? [model.mark] : [], formatter: () => model.mark_text }),
        },
    };
}

export function lying(model, theme, width) {
    const ends = end_axis(model, theme);
    return {
        grid: { left: 2, right: ends.length ? 2 : 16, top: 4, bottom: 4, outerBoundsMode: 'same', outerBoundsContain: 'axisLabel' },
        xAxis: scale_axis(model, theme, !ends.length),
        yAxis: [name_axis(model, theme, width), ...ends],
        series: make_series(model, theme).map(({ side, ...s }) => s),
    };
}
