/* tip.js - the numbers of the row under the pointer. Positions go through the style object, which the content policy allows. */
import { make } from './dom.js';
import { say, with_sign } from './format.js';
import { hues } from './marks.js';
import { shares } from './pie.js';
import { hue } from './theme.js';

const SHAPES = { bar: 'bar', line: 'line', previous: 'previous', target: 'target', 'band-low': 'band', 'band-high': 'band' };
const AWAY = 14;

function lines(model, at) {
    const row = model.rows[at], colours = hues(model), out = [];
    model.series.forEach((s, i) => {
        const cell = row.cells[i];
        if (s.role === 'none' || (cell.value === null && !cell.text)) return;
        const own = model.kind === 'pie' ? hue(at) : colours[i];
        const shape = model.kind === 'pie' && s.role !== 'share' && s.role !== 'tip' ? 'bar' : SHAPES[s.role];
        const status = row.status && s.role === 'bar' ? ` chart-status-${row.status}` : '';
        const key = shape ? make('span', `chart-key chart-key-${shape}${own === null ? '' : ` chart-hue-${own + 1}`}${status}`) : make('span', 'chart-key');
        const unit = s.unit && s.unit !== '%' && cell.value !== null && shape ? ` ${s.unit}` : '';
        out.push(make('div', 'chart-tip-line', key, make('span', 'chart-tip-name', s.name), make('span', 'chart-tip-value', shape ? with_sign(cell.text, s.unit) + unit : cell.text)));
    });
    if (model.kind === 'pie' && !model.series.some((s) => s.role === 'share')) {
        out.push(make('div', 'chart-tip-line', make('span', 'chart-key'), make('span', 'chart-tip-name'), make('span', 'chart-tip-value', shares(model)[at])));
    }
    return out;
}

export class Tip {
    constructor(canvas) {
        this.canvas = canvas;
        this.el = make('div', 'chart-tip');
        this.el.hidden = true;
        this.at = this.tapped = -1; /* rows: the one shown, and the one that a finger chose */
        canvas.append(this.el);
    }

    show(model, at, x, y, touch) {
        if (at !== this.at) {
            const row = model.rows[at], hint = row.href ? make('div', 'chart-tip-hint', say(touch ? 'chartTap' : 'chartClick')) : null;
            const word = row.status_text ? make('span', `chart-tip-status chart-tip-${row.status}`, row.status_text) : null;
            this.el.textContent = '';
            this.el.append(make('div', 'chart-tip-head', row.name, word), ...lines(model, at), ...(hint ? [hint] : []));
            this.at = at;
        }
        this.el.hidden = false;
        const { clientWidth: room, clientHeight: tall } = this.canvas, { offsetWidth: w, offsetHeight: h } = this.el;
        const left = x + AWAY + w <= room ? x + AWAY : Math.max(0, x - AWAY - w);
        const top = Math.min(Math.max(0, y - h / 2), Math.max(0, tall - h));
        this.el.style.transform = `translate(${Math.round(left)}px, ${Math.round(top)}px)`;
    }

    hide() {
        this.el.hidden = true;
        this.at = this.tapped = -1;
    }
}
