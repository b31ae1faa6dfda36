/* charts.js - draws the chart of every figure with data-chart from the table inside it; the bundle that chart_loader.js fetches.
 *
 * A figure lives from the page or swap that brings it to the swap that takes it away. Whatever changes (width, theme, paper), its
 * options are made anew from the table: there is no state but the table. */
import { BarChart, LineChart, PieChart } from 'echarts/charts';
import { AxisPointerComponent, GridComponent, MarkLineComponent } from 'echarts/components';
import { init, use } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import { make } from './dom.js';
import { locale } from './format.js';
import { head, ring_legend, ring_middle } from './legend.js';
import { lying, lying_height } from './lying.js';
import { pie } from './pie.js';
import { follow_pointer } from './pointer.js';
import { column, drawn, read_table } from './table.js';
import { read_paper_theme, read_theme } from './theme.js';
import { Tip } from './tip.js';
import { upright } from './upright.js';

use([LineChart, BarChart, PieChart, GridComponent, MarkLineComponent, AxisPointerComponent, SVGRenderer]);

const PAPER_PX = 660; /* A4 less its margins */
const DRAW_MS = 400;
const calm = matchMedia('(prefers-reduced-motion: reduce)');

/* ECharts empties its elements with innerHTML = '', which Trusted Types refuse whatever the text is. */
const only_empties = (el) => Object.defineProperty(el, 'innerHTML', {
    set: () => {
        el.textContent = '';
    },
});

class Figure {
    constructor(el, model) {
        Object.assign(this, { el, model, canvas: el.querySelector('[data-chart-canvas]'), chart: null, width: 0 });
        this.plot = make('div', 'chart-plot');
        only_empties(this.plot);
        this.canvas.setAttribute('role', 'img');
        this.canvas.setAttribute('aria-label', model.caption);
        this.frame();
        this.observer = new ResizeObserver(() => this.fit());
        this.observer.observe(this.plot);
    }

    /* The parts around the drawing, all of them plain HTML. */
    frame() {
        const { canvas, model, plot } = this, top = head(model), middle = model.kind === 'pie' && ring_middle(model);
        canvas.append(plot);
        if (middle) plot.after(middle);
        if (top) canvas.before(top);
        if (model.kind === 'pie') canvas.after(ring_legend(model));
        if (model.lying) canvas.style.height = `${lying_height(model)}px`;
        this.el.classList.add('chart-ready');
    }

    /* A figure in a closed <details> or a hidden tab has no width yet: it is drawn when it gets one. */
    fit() {
        const width = this.plot.clientWidth, height = this.plot.clientHeight;
        if (!width || !height || (this.chart && width === this.width && height === this.height)) return;
        const is_new = !this.chart;
        Object.assign(this, { width, height });
        if (is_new) {
            this.chart = init(this.plot, null, { renderer: 'svg', locale, width, height });
            only_empties(this.plot.querySelector('svg'));
            this.tip = new Tip(this.canvas);
            follow_pointer(this.chart, this, this.tip);
        } else this.chart.resize({ width, height });
        this.draw(read_theme(), is_new && !calm.matches);
    }

    options(theme) {
        const { model, width, height } = this;
        if (model.kind === 'pie') return pie(model, theme, width, height);
        return model.lying ? lying(model, theme, width) : upright(model, theme, width);
    }

    draw(theme, animation = false) {
        if (!this.chart) return;
        this.chart.setOption({ animation, animationDuration: DRAW_MS, textStyle: { fontFamily: theme.font }, ...this.options(theme) }, { notMerge: true });
        this.chart.getZr().flush();
        this.plot.querySelector('svg').setAttribute('viewBox', `0 0 ${this.width} ${this.height}`); /* so that paper may shrink it: print rules in chart.css */
    }

    /* Paper has its own width and no dark side; the numbers are printed too. */
    print(on, theme) {
        const details = this.el.querySelector('details');
        if (on) this.was_open = details?.open;
        if (details) details.open = on || this.was_open;
        if (!this.chart) return;
        this.tip.hide();
        this.width = on ? Math.min(this.width, PAPER_PX) : this.plot.clientWidth;
        this.chart.resize({ width: this.width, height: this.height });
        this.draw(theme);
    }

    dispose() {
        this.observer.disconnect();
        this.chart?.dispose();
    }
}

const figures = new Map();

function look() {
    for (const [el, figure] of figures) {
        if (el.isConnected) continue;
        figure.dispose();
        figures.delete(el);
    }
    document.querySelectorAll('[data-chart]').forEach((el) => {
        if (figures.has(el) || !el.querySelector('[data-chart-canvas]')) return;
        const model = read_table(el);
        const any = model && drawn(model).some((s) => column(model, s.i).some((v) => v !== null));
        el.classList.toggle('chart-none', !any);
        if (any) figures.set(el, new Figure(el, model));
    });
}

document.addEventListener('htmx:after:swap', look);
/* A tooltip that a finger brought goes when it touches something else. */
document.addEventListener('pointerdown', (e) => figures.forEach((f) => f.plot.contains(e.target) || f.tip?.hide()));

const redraw = () => {
    const theme = read_theme();
    figures.forEach((f) => f.draw(theme));
};
const themes = new MutationObserver(redraw);
themes.observe(document.documentElement, { attributeFilter: ['data-theme'] });

function print(on) {
    const theme = on ? read_paper_theme() : read_theme();
    themes.takeRecords(); /* the paper's colours were read by a change of theme that was none */
    figures.forEach((f) => f.print(on, theme));
}
window.addEventListener('beforeprint', () => print(true));
window.addEventListener('afterprint', () => print(false));
look();
