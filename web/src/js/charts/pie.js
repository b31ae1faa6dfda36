/* pie.js - shares of a whole: a ring whose legend says name, number and percent; the total stands in its middle. */
import { percent, width_of } from './format.js';
import { SIZE } from './marks.js';
import { of_role } from './table.js';
import { hue } from './theme.js';

const first = (model) => of_role(model, 'bar', 'line')[0];

/* White or black, whichever is read better on that colour (#rrggbb). */
function ink(color) {
    const [r, g, b] = [1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16));
    return r * .3 + g * .59 + b * .11 > 140 ? '#18202c' : '#fff';
}

/* What a slice may be: a missing or negative number has no share. */
const part_of = (row, s) => Math.max(0, row.cells[s.i].value ?? 0);

/* The percent of each row: the server's text where there is such a column, otherwise counted here. */
export function shares(model) {
    const s = first(model), [said] = of_role(model, 'share'), whole = model.rows.reduce((sum, r) => sum + part_of(r, s), 0);
    return model.rows.map((r) => said ? r.cells[said.i].text : percent(part_of(r, s), whole));
}

export function slices(model) {
    const s = first(model), said = shares(model);
    return model.rows.map((row, i) => ({ row, hue: hue(i), text: row.cells[s.i].text, share: said[i] }));
}

export function total(model) {
    const s = first(model);
    return model.total && { name: model.total.name, text: model.total.cells[s.i].text };
}

/* The ring's width in px; what a slice takes of it must hold its percent. */
export function pie(model, theme, width, height) {
    const s = first(model), whole = model.rows.reduce((sum, r) => sum + part_of(r, s), 0), said = shares(model);
    const outer = Math.min(width, height) / 2 - 6, inner = outer * .55, middle = Math.PI * (outer + inner);
    const holds = (i) => middle * part_of(model.rows[i], s) / (whole || 1) > 26 && outer - inner > width_of(said[i], 11, theme.font) + 7;
    return {
        series: [{
            type: 'pie', name: s.name, radius: [inner, outer], startAngle: 90, padAngle: .6, emptyCircleStyle: { color: theme.line }, 
            itemStyle: { borderColor: theme.surface, borderWidth: 1.5, borderRadius: 2 }, emphasis: { scale: true, scaleSize: 3, label: { show: false } },
            label: { show: false }, labelLine: { show: false },
            data: model.rows.map((row, i) => ({
                row: i, name: row.name, value: part_of(row, s), itemStyle: { color: theme.palette[hue(i)] },
                label: holds(i) ? { show: true, position: 'inside', formatter: () => said[i], color: ink(theme.palette[hue(i)]), fontSize: 11 } : { show: false },
            })).filter((d) => d.value > 0),
        }],
        textStyle: { fontSize: SIZE },
    };
}
