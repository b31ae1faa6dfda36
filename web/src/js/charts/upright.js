/* upright.js - charts whose rows go from left to right: lines, columns, bands. */
import { axis_number, widest, with_sign } from './format.js';
import { make_series, SIZE } from './marks.js';
import { drawn, of_role } from './table.js';

const SIDE = 46; /* about what the numbers of an axis take */

/* Months are skipped when there are too many; people and teams are broken into two lines or turned, since each of them is looked for. */
function category_labels(model, theme, slot) {
    const base = { color: theme.text_3, fontSize: SIZE, hideOverlap: true }, all = { ...base, interval: 0, hideOverlap: false };
    const wide = widest(model.rows.map((r) => r.short), SIZE, theme.font);
    if (model.kind !== 'bar' || slot < 16) return base;
    if (wide + 6 <= slot) return all;
    if (slot >= 32 && wide <= (slot - 8) * 2) return { ...all, width: slot - 6, overflow: 'break', lineHeight: 15 };
    return { ...all, rotate: 40, width: 76, overflow: 'truncate', ellipsis: '…' };
}

/* Words beside columns only where they fit beside each other. */
function column_labels(model, theme, slot) {
    const bars = of_role(model, 'bar'), [only] = bars;
    if (bars.length !== 1 || of_role(model, 'line').length) return null;
    const lines = model.rows.map((row) => [with_sign(row.cells[only.i].text, only.unit), row.status_text].filter(Boolean));
    if (widest(lines.flat(), SIZE, theme.font) + 4 > slot) return null;
    return { show: true, position: 'top', distance: 4, color: theme.text_2, fontSize: SIZE, lineHeight: 15, backgroundColor: theme.surface, padding: [1, 2], formatter: (p) => lines[p.dataIndex].join('\n') };
}

function value_axis(model, theme, unit, right) {
    const tops = model.series.map((s, i) => ({ ...s, i })).filter((s) => s.right === right && drawn(model).some((d) => d.i === s.i));
    const top = Math.max(0, ...tops.flatMap((s) => model.rows.map((r) => r.cells[s.i].value ?? 0)));
    return {
        type: 'value', splitNumber: 4, position: right ? 'right' : 'left', max: !right && model.mark !== null && model.mark > top ? model.mark : undefined,
        axisLine: { show: false }, axisTick: { show: false }, splitLine: { show: !right, lineStyle: { color: theme.line } },
        axisPointer: { show: false },
        axisLabel: { color: theme.text_3, fontSize: SIZE, formatter: axis_number(unit) },
    };
}

export function upright(model, theme, width) {
    const right = model.series.find((s) => s.right && drawn(model).some((d) => d.column === s.column));
    const beside = right ? SIDE : model.mark === null ? 10 : widest([model.mark_text], SIZE, theme.font) + 12;
    const slot = (width - SIDE - beside) / Math.max(1, model.rows.length);
    const bars = of_role(model, 'bar').length > 0, labels = column_labels(model, theme, slot);
    const series = make_series(model, theme).map(({ side, ...s }) => ({
        ...s, yAxisIndex: side && right ? 1 : 0, ...(labels && s.type === 'bar' ? { label: labels } : {}),
    }));
    const above = labels ? (model.rows.some((r) => r.status_text) ? 38 : 24) : 12;
    return {
        grid: { left: 2, right: right ? 2 : beside, top: above, bottom: 2, outerBoundsMode: 'same', outerBoundsContain: 'axisLabel' },
        xAxis: {
            type: 'category', data: model.rows.map((r) => r.short), boundaryGap: bars, axisTick: { show: false },
            axisLine: { lineStyle: { color: theme.line_2 } }, axisLabel: category_labels(model, theme, slot),
            axisPointer: { show: true, type: bars ? 'shadow' : 'line', label: { show: false }, triggerTooltip: false, triggerEmphasis: true,
                lineStyle: { color: theme.line_2, type: 'solid' }, shadowStyle: { color: theme.text_3, opacity: .08 } },
        },
        yAxis: right ? [value_axis(model, theme, model.unit, false), value_axis(model, theme, right.unit, true)] : value_axis(model, theme, model.unit, false),
        series,
    };
}
