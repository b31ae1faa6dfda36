/* charts_page.mjs - one chart of each kind, as a board would write them (web/README.md has the contract), in the frame of a real page.
 *
 *     await show_charts(tab, figures(), await fragment());    // the real page with the real policy around it, its content replaced */
import { readFileSync } from 'node:fs';

const templates = new URL('../../web/templates/', import.meta.url);
const attributes = (o = {}) => Object.entries(o).map(([k, v]) => (v === true ? ` ${k}` : ` ${k}="${v}"`)).join('');
const cell = (c) => (c === null ? '<td>—</td>' : Array.isArray(c) ? `<td class="num" data-value="${c[0]}" data-copy="${c[0]}">${c[1]}</td>` : `<td>${c}</td>`);

/* kind, caption, attributes of the figure, heads [[name, attributes]], rows [[name, attributes, ...cells]], foot the same as a row. */
function figure(kind, caption, more, heads, rows, foot) {
    const th = ([name, a]) => `<th scope="col"${attributes(a)}>${name}</th>`;
    const tr = ([name, { short, ...a }, ...cells]) => `<tr${attributes(a)}><th scope="row"${attributes(short ? { 'data-short': short } : {})}>${a['data-href'] ? `<a href="${a['data-href']}">${name}</a>` : name}</th>${cells.map(cell).join('')}</tr>`;
    const { class: extra = '', card = '', ...data } = more;
    return `<section class="card ${card}"><div class="card-body"><figure class="chart ${extra}" data-chart="${kind}"${attributes(data)}><figcaption>${caption}</figcaption>
<div class="chart-canvas" data-chart-canvas></div><details class="chart-data"><summary>查看数据</summary><table class="table">
<thead><tr>${heads.map(th).join('')}</tr></thead><tbody>${rows.map(tr).join('')}</tbody>${foot ? `<tfoot>${tr(foot)}</tfoot>` : ''}</table></details></figure></div></section>`;
}

const grouped = (n, digits) => n.toLocaleString('zh-CN', { minimumFractionDigits: digits, maximumFractionDigits: digits });
const wan = (yuan) => [yuan.toFixed(2), grouped(yuan / 1e4, 2)];
const rate = (percent) => [percent, percent.toFixed(1)];

const MONTHS = Array.from({ length: 12 }, (_, i) => [`2026年${i + 1}月`, { 'data-href': `/healthz?month=${i + 1}`, short: `${i + 1}月` }]);
const SALES = [8123456.7, 6410022, 9877001.5, 10210400, 11020310, 12500880, 11840250, 12930777, 13820450, 12790660, 14410500];
const LAST_YEAR = [7023456, 5910022, 8677001, 9010400, 9920310, 10500880, 10440250, 11130777, 11820450, 11390660, 12110500, 13907000];
const PEOPLE = [['王晓梅', 118.4, 'ok'], ['李强', 104.2, 'ok'], ['欧阳建国（华东大客户部）', 97.5, 'risk'], ['张伟', 91, 'risk'], ['陈静', 88.6, 'risk'], ['刘洋', 72.3, 'behind'],
    ['赵敏', 64.9, 'behind'], ['Alexandra Konstantinopolous', 51.2, 'behind']];
const WORDS = { ok: '正常', risk: '预警', behind: '滞后' };

export const trend = (id = 'trend') => figure('line', '月度回款趋势', { id, card: 'card-wide', 'data-unit': '万元' },
    [['月份'], ['实际'], ['目标', { 'data-series': 'target' }], ['上年同期', { 'data-series': 'previous' }]],
    MONTHS.map((m, i) => [...m, SALES[i] === undefined ? null : wan(SALES[i]), wan(9e6 + i * 5e5), wan(LAST_YEAR[i])]));

const columns = () => figure('bar', '团队完成率', { id: 'columns', 'data-unit': '%', 'data-mark': '100', 'data-mark-text': '100%' },
    [['团队'], ['完成率']], [['华东一部', 104.2, 'ok'], ['华东二部', 96.1, 'risk'], ['华南部', 71.8, 'behind'], ['华北部', 88.4, 'risk'], ['西南部', 110.9, 'ok']]
        .map(([name, percent, status]) => [name, { 'data-status': status, 'data-status-text': WORDS[status], 'data-href': `/healthz?team=${name}` }, rate(percent)]));

const completion = () => figure('bar', '个人完成率', { id: 'completion', 'data-unit': '%', 'data-mark': '100', 'data-mark-text': '100%', 'data-lying': true },
    [['姓名'], ['完成率'], ['实际（万元）', { 'data-series': 'tip' }]],
    PEOPLE.map(([name, percent, status]) => [name, { 'data-status': status, 'data-status-text': WORDS[status], 'data-href': `/healthz?who=${encodeURIComponent(name)}` }, rate(percent), wan(percent * 10000)]));

const plan = () => figure('bar', '回款与目标', { id: 'plan', 'data-unit': '万元', 'data-lying': true }, [['团队'], ['实际'], ['目标', { 'data-series': 'target' }]],
    [['华东一部', 9.2e6, 1e7], ['华东二部', 8.1e6, 7.5e6], ['华南部', 4.4e6, 9e6]].map(([name, did, meant]) => [name, {}, wan(did), wan(meant)]));

const stacked = () => figure('bar', '产品结构与完成率', { id: 'stacked', 'data-unit': '万元' },
    [['月份'], ['设备', { 'data-stack': 'a' }], ['耗材', { 'data-stack': 'a' }], ['服务', { 'data-stack': 'a' }], ['完成率', { 'data-series': 'line', 'data-unit': '%' }]],
    MONTHS.slice(0, 6).map((m, i) => [...m, wan(SALES[i] * .5), wan(SALES[i] * .3), wan(SALES[i] * .2), rate(82 + i * 4.3)]));

const share = () => figure('pie', '产品占比', { id: 'share', 'data-unit': '万元' }, [['产品'], ['回款']],
    [['企业版订阅', 5230000], ['专业版订阅', 3120000], ['实施服务', 1980000], ['硬件终端', 1240000], ['培训', 450000], ['其他', 210000]]
        .map(([name, yuan], i) => [name, i < 3 ? { 'data-href': `/healthz?product=${i}` } : {}, wan(yuan)]), ['合计', {}, wan(12230000)]);

const ramp = () => figure('band', '新人爬坡曲线', { id: 'ramp', 'data-unit': '万元' },
    [['入职月'], ['P25', { 'data-series': 'band-low' }], ['P75', { 'data-series': 'band-high' }], ['中位数', { 'data-series': 'previous' }], ['张伟', { 'data-series': 'line' }]],
    Array.from({ length: 12 }, (_, i) => [`第${i + 1}个月`, { short: `${i + 1}` }, wan(2e4 + i * 13000), wan(6e4 + i * 25000), wan(4e4 + i * 19000), i < 7 ? wan(3e4 + i * 21000 + (i % 3) * 9000) : null]));

const rank = () => figure('rank', '本月回款排行', { id: 'rank', 'data-unit': '万元' }, [['姓名'], ['回款']],
    PEOPLE.map(([name, percent], i) => [name, { 'data-href': `/healthz?rank=${i + 1}`, ...(i === 4 ? { 'data-current': true } : {}) }, wan(percent * 9871.23)]));

function partial(name, values) {
    return readFileSync(new URL(`_${name}.html`, templates), 'utf8').replace(/\{\{![\s\S]*?\}\}/g, '')
        .replace(/\{\{#(\w+)\}\}([\s\S]*?)\{\{\/\1\}\}/g, (_, k, inner) => (values[k] ? inner : '')).replace(/\{\{(\w+)\}\}/g, (_, k) => values[k]);
}
const small = () => `<section class="card"><div class="card-body" id="small">
${partial('ring', { label: '完成率', percent_capped: 76, percent_text: '76.4%', kind: 'warning' })}
${partial('ring', { label: '完成率', percent_capped: 100, percent_text: '112.4%', kind: 'success' })}
${partial('ring', { label: '完成率', percent_capped: 0, percent_text: '0%', kind: null })}
${partial('spark', { label: '近7天', points: '0,24 17,20 33,22 50,11 67,14 83,6 100,4', last: '100 4' })}</div></section>`;

export const figures = () => [trend(), completion(), columns(), rank(), share(), ramp(), plan(), stacked(), small()].join('\n');

/* The first page is a real one with its real headers; only what stands in <main> is ours. A swap brings `fragment`. */
export async function show_charts(tab, content, fragment = '') {
    await tab.page.route('**/charts-fixture', async (route) => {
        const answer = await route.fetch({ url: tab.url('/account') }), page = await answer.text();
        const main = `<h1>看板</h1><button class="btn" type="button" hx-get="/charts-fragment" hx-target="#charts" hx-swap="innerHTML">刷新</button><div class="cards" id="charts">${content}</div>`;
        await route.fulfill({ response: answer, body: page.replace(/(<main[^>]*>)[\s\S]*(<\/main>)/, (_, open, close) => open + main + close) });
    });
    await tab.page.route('**/charts-fragment', (route) => route.fulfill({ contentType: 'text/html; charset=utf-8', body: fragment }));
    await tab.page.addInitScript(() => {
        window.violations = [];
        document.addEventListener('securitypolicyviolation', (e) => window.violations.push(`${e.violatedDirective}: ${e.sourceFile}:${e.lineNumber} ${e.sample}`));
    });
    await tab.open('/charts-fixture');
}
