/* pointer.js - which row is under the pointer: it gets the tooltip, and a click leads where the row says. */

/* Names beside or below the bars belong to their rows too. */
function row_at(chart, model, x, y) {
    const axis = model.lying ? { yAxisIndex: 0 } : { xAxisIndex: 0 };
    if (!model.lying && x < 0) return -1;
    const at = Math.round(chart.convertFromPixel(axis, model.lying ? y : x));
    return at >= 0 && at < model.rows.length ? at : -1;
}

function go(href) {
    const url = new URL(href, location.href);
    if (url.origin === location.origin) location.assign(url.href);
}

/* A finger has no hovering: its first tap shows the numbers, the second on the same row opens it. */
export function follow_pointer(chart, figure, tip) {
    const zr = chart.getZr();
    let kind = 'mouse', slice = -1;
    const row_of = (e) => (figure.model.kind === 'pie' ? slice : row_at(chart, figure.model, e.offsetX, e.offsetY));
    figure.plot.addEventListener('pointerdown', (e) => {
        kind = e.pointerType;
    }, true);
    const show = (e) => {
        const at = row_of(e);
        if (at < 0) return tip.hide();
        tip.show(figure.model, at, e.offsetX, e.offsetY, kind === 'touch');
        zr.setCursorStyle(figure.model.rows[at].href ? 'pointer' : 'default');
    };
    /* Slices are told apart by ECharts, after the move that brought the pointer there. */
    chart.on('mouseover', (p) => {
        slice = p.componentType === 'series' ? p.data?.row ?? -1 : -1;
        show(p.event);
    });
    chart.on('mouseout', () => {
        slice = -1;
    });
    zr.on('mousemove', show);
    zr.on('globalout', () => tip.hide());
    zr.on('click', (e) => {
        const at = row_of(e), href = figure.model.rows[at]?.href;
        if (kind === 'touch' && at !== tip.tapped) {
            tip.tapped = at;
            show(e);
        } else if (href) go(href);
    });
}
