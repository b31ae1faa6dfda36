/* legend.js - what the colours mean and what is counted, as plain HTML above a chart (beside a ring): it wraps, it prints, it can hold links. */
import { make } from './dom.js';
import { say } from './format.js';
import { hues } from './marks.js';
import { slices, total } from './pie.js';
import { of_role } from './table.js';

const swatch = (shape, hue) => make('span', `chart-key chart-key-${shape}${hue === null ? '' : ` chart-hue-${hue + 1}`}`);

function keys(model) {
    const colours = hues(model), item = (shape, s) => make('li', '', swatch(shape, colours[s.i]), s.name);
    const [low] = of_role(model, 'band-low'), [high] = of_role(model, 'band-high');
    const list = [
        ...of_role(model, 'bar').map((s) => item('bar', s)), ...of_role(model, 'line').map((s) => item('line', s)),
        ...of_role(model, 'previous').map((s) => item('previous', s)), ...of_role(model, 'target').map((s) => item(model.lying ? 'stroke' : 'target', s)),
    ];
    if (low && high) list.push(make('li', '', swatch('band', null), `${low.name}–${high.name}`));
    return list;
}

/* One series needs no legend; its name is in the caption. Coloured states are explained by their words at the bars. */
export function head(model) {
    const list = model.kind === 'pie' ? [] : keys(model);
    const units = [...new Set(model.kind === 'pie' ? [model.unit] : model.series.filter((s) => !s.right).map((s) => s.unit))].filter((u) => u && u !== '%');
    if (list.length < 2 && !units.length) return null;
    return make('div', 'chart-head', units.length ? make('span', 'chart-unit', say('chartUnit', units.join(' / '))) : null, list.length > 1 ? make('ul', 'chart-legend', ...list) : null);
}

export function ring_legend(model) {
    return make('ul', `chart-shares${model.rows.some((r) => r.href) ? ' chart-shares-linked' : ''}`, ...slices(model).map(({ row, hue, text, share }) => {
        const name = row.href ? make('a', 'chart-share-name', row.name) : make('span', 'chart-share-name', row.name);
        if (row.href) name.href = row.href;
        return make('li', '', swatch('bar', hue), name, make('span', 'chart-share-value', text), make('span', 'chart-share-percent', share));
    }));
}

export function ring_middle(model) {
    const sum = total(model);
    return sum && make('div', 'chart-middle', make('span', 'chart-middle-value', sum.text), make('span', 'chart-middle-name', sum.name));
}
