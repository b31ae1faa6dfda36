/* charts.test.mjs - charts draw their tables, under the real content policy, on wide and small screens, for mouse, finger, keyboard and paper. */
import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import { start_app } from '../support/app.mjs';
import { figures, show_charts, trend } from './charts_page.mjs';
import { axe_findings, comes, drawn_anew, open_browser, sticking_out, story, touch } from './browser.mjs';

let app, browser;
before(async () => {
    app = await start_app();
    browser = await open_browser();
});
after(async () => {
    await browser?.close();
    await app?.stop();
});

const DRAWN = 8;

/* A page of charts, all of them drawn; at the end nothing may have been refused by the policy. */
async function with_charts(options, tell, fragment = '') {
    const tab = await browser.tab(app, 'admin', options);
    await show_charts(tab, figures(), fragment);
    await tab.page.waitForFunction((n) => document.querySelectorAll('.chart-plot svg text, #share .chart-plot svg path').length && document.querySelectorAll('.chart-plot svg').length === n, DRAWN);
    await tell(tab, tab.page);
    assert.deepEqual(await tab.page.evaluate(() => window.violations ?? []), []);
    await tab.close();
}

/* How many shapes of a figure have the colour of that token, as fill or as stroke. */
const count = (page, id, how, token) => page.evaluate(([i, h, t]) => {
    const color = getComputedStyle(document.documentElement).getPropertyValue(`--${t}`).trim().toLowerCase();
    return [...document.querySelectorAll(`#${i} .chart-plot svg path`)].filter((p) => p.getAttribute(h)?.toLowerCase() === color).length;
}, [id, how, token]);
const stroke = (page, id, color) => page.locator(`#${id} .chart-plot svg path[stroke="${color}"]`).count();

/* Where a drawing is, once it is in the window. */
async function place(page, id) {
    const plot = page.locator(`#${id} .chart-plot`);
    await plot.scrollIntoViewIfNeeded();
    return plot.boundingBox();
}

/* The middle of row n of a chart whose rows lie below each other. */
async function row_place(page, id, n, rows) {
    const box = await place(page, id);
    return { x: box.x + box.width * .4, y: box.y + 4 + (n + .5) * (box.height - 8) / rows };
}

story('each kind of chart draws one mark for each number of its table', () => with_charts({}, async (tab, page) => {
    assert.deepEqual(await Promise.all(['dot-success', 'dot-warning', 'dot-danger'].map((t) => count(page, 'completion', 'fill', t))), [2, 3, 3]);
    assert.deepEqual(await Promise.all(['dot-success', 'dot-warning', 'dot-danger'].map((t) => count(page, 'columns', 'fill', t))), [2, 2, 1]);
    assert.deepEqual(await Promise.all(['chart-1', 'chart-rest'].map((t) => count(page, 'rank', 'fill', t))), [1, 7]);
    assert.deepEqual(await Promise.all([1, 2, 3, 4, 5, 6, 7].map((n) => count(page, 'share', 'fill', `chart-${n}`))), [1, 1, 1, 1, 1, 1, 0]);
    assert.deepEqual(await Promise.all([1, 2, 3].map((n) => count(page, 'stacked', 'fill', `chart-${n}`))), [6, 6, 6]);
    assert.equal(await count(page, 'stacked', 'stroke', 'chart-4'), 1);
    assert.deepEqual(await Promise.all(['chart-1', 'dot-secondary', 'text-2'].map((t) => count(page, 'trend', 'stroke', t))), [1, 1, 1]);
    assert.equal(await count(page, 'ramp', 'fill', 'chart-band'), 1);
    assert.deepEqual([await count(page, 'plan', 'fill', 'chart-1'), await count(page, 'plan', 'fill', 'text-2')], [3, 3]);
}));

story('texts are those of the table, and a state is said in words beside its colour', () => with_charts({}, async (tab, page) => {
    const texts = (id) => page.locator(`#${id} .chart-plot svg text`).allTextContents();
    const completion = await texts('completion');
    assert.deepEqual(completion.filter((t) => /^(正常|预警|滞后)$/.test(t)), ['正常', '正常', '预警', '预警', '预警', '滞后', '滞后', '滞后']);
    for (const t of ['118.4%', '51.2%', '100%']) assert.ok(completion.includes(t), `${t} in ${completion}`);
    assert.ok((await texts('trend')).includes('1,500'));
    const legend = (await page.locator('#share .chart-shares li').allInnerTexts()).map((t) => t.replace(/\s+/g, ' '));
    assert.deepEqual([legend[0], legend[5]], ['企业版订阅 523.00 42.8%', '其他 21.00 1.7%']);
    assert.equal((await tab.text('#share .chart-middle')).replace(/\s+/g, ' '), '1,223.00 合计');
    assert.deepEqual([await page.locator('#trend [role="img"]').getAttribute('aria-label'), await page.locator('#trend .chart-legend li').count()], ['月度回款趋势', 3]);
}));

story('the mouse sees the numbers of a row, and a click opens what the row leads to', async () => {
    await with_charts({}, async (tab, page) => {
        const at = await row_place(page, 'rank', 1, 8);
        await page.mouse.move(at.x, at.y);
        await comes(() => tab.text('#rank .chart-tip'), /^李强\s+回款\s+102\.86 万元/);
        await page.mouse.click(at.x, at.y);
        await page.waitForURL('**/healthz?rank=2');
    });
    await with_charts({}, async (tab, page) => {
        const box = await place(page, 'trend');
        await page.mouse.click(box.x + box.width - 60, box.y + 60);
        await page.waitForURL(/\/healthz\?month=12$/);
    });
    await with_charts({}, async (tab, page) => {
        const box = await place(page, 'share');
        await page.mouse.move(box.x + box.width / 2 + 60, box.y + box.height / 2 - 20);
        await comes(() => tab.text('#share .chart-tip'), /^企业版订阅\s+回款\s+523\.00 万元\s+42\.8%/);
        await page.mouse.click(box.x + box.width / 2 + 60, box.y + box.height / 2 - 20);
        await page.waitForURL('**/healthz?product=0');
    });
});

story('the first tap of a finger shows the numbers, the second opens them', () => with_charts({ phone: true }, async (tab, page) => {
    const at = await row_place(page, 'rank', 2, 8);
    await touch(page, at);
    await page.locator('#rank .chart-tip').waitFor();
    assert.equal(tab.path(), '/charts-fixture');
    await touch(page, at);
    await page.waitForURL('**/healthz?rank=3');
}));

story('the table is reached by keyboard', () => with_charts({}, async (tab, page) => {
    await page.locator('#rank summary').focus();
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    assert.equal(await page.evaluate(() => document.activeElement.getAttribute('href')), '/healthz?rank=1');
}));

story('a swap takes charts away and brings new ones', () => with_charts({}, async (tab, page) => {
    await page.evaluate(() => { window.old = [...document.querySelectorAll('.chart-plot')]; });
    await page.getByRole('button', { name: '刷新' }).click();
    await page.locator('#fresh .chart-plot svg text').first().waitFor();
    assert.equal(await page.locator('.chart-plot svg').count(), 1);
    assert.equal(await page.evaluate(() => window.old.reduce((n, plot) => n + plot.childElementCount, 0)), 0);
    assert.equal(await count(page, 'fresh', 'stroke', 'chart-1'), 1);
}, trend('fresh')));

story('a change of theme recolours what is drawn, and paper stays white with the numbers open', () => with_charts({}, async (tab, page) => {
    const light = await page.evaluate(() => getComputedStyle(document.documentElement).getPropertyValue('--chart-1').trim());
    await page.locator('[data-theme-toggle]').first().click();
    await page.waitForFunction((c) => !document.querySelector(`#trend svg path[stroke="${c}"]`), light);
    assert.equal(await count(page, 'trend', 'stroke', 'chart-1'), 1);
    const state = async () => [await stroke(page, 'trend', light), await page.locator('#trend details[open]').count()];
    assert.deepEqual(await state(), [0, 0]);
    await page.evaluate(() => window.dispatchEvent(new Event('beforeprint')));
    assert.deepEqual(await state(), [1, 1]);
    await page.evaluate(() => window.dispatchEvent(new Event('afterprint')));
    assert.deepEqual(await state(), [0, 0]);
}));

/* Pairs of texts of one drawing that lie on each other. */
const collisions = (page) => page.evaluate(() => [...document.querySelectorAll('.chart-plot svg')].flatMap((svg) => {
    const texts = [...svg.querySelectorAll('text')].map((t) => ({ text: t.textContent, turned: /rotate|matrix/.test(t.getAttribute('transform') ?? ''), box: t.getBoundingClientRect() })).filter((t) => !t.turned);
    return texts.flatMap((a, i) => texts.slice(i + 1).filter((b) => a.box.left < b.box.right - 1 && b.box.left < a.box.right - 1 && a.box.top < b.box.bottom - 3 && b.box.top < a.box.bottom - 3).map((b) => `${a.text} / ${b.text}`));
}));

for (const [what, options] of [['a wide screen', {}], ['a phone', { phone: true }], ['a phone in the dark', { phone: true, dark: true }]]) {
    story(`on ${what} labels stand apart, nothing sticks out and axe is content`, () => with_charts(options, async (tab, page) => {
        assert.deepEqual(await collisions(page), []);
        assert.deepEqual(await sticking_out(page), []);
        assert.deepEqual(await axe_findings(page), []);
        assert.deepEqual(await page.evaluate(() => [...document.querySelectorAll('.chart-plot svg text')].filter((t) => {
            const box = t.getBoundingClientRect(), room = t.closest('.chart-canvas').getBoundingClientRect();
            return box.left < room.left - 1 || box.right > room.right + 1;
        }).map((t) => t.textContent)), []);
    }));
}

story('a page follows its width', () => with_charts({}, async (tab, page) => {
    await page.setViewportSize({ width: 700, height: 900 });
    await drawn_anew(page);
    await page.waitForFunction(() => [...document.querySelectorAll('.chart-plot')].every((p) => Math.abs(p.clientWidth - p.querySelector('svg').clientWidth) <= 1));
    assert.deepEqual(await sticking_out(page), []);
}));

story('a page without a chart does not fetch the library, nor does the service worker', async () => {
    const tab = await browser.tab(app, 'admin'), asked = [];
    tab.page.on('request', (r) => asked.push(r.url()));
    await tab.open('/account');
    await tab.page.waitForLoadState('networkidle');
    assert.ok(asked.some((u) => /\/app\.\w+\.js$/.test(u)));
    assert.deepEqual(asked.filter((u) => /charts/.test(u)), []);
    const worker = (await app.visitor().get('/sw.js')).text;
    assert.match(worker, /\/assets\/app\.\w+\.js/);
    assert.doesNotMatch(worker, /charts/);
    await tab.close();
});

story('without script the numbers are there and no empty canvas', async () => {
    const context = await browser.chrome.newContext({ javaScriptEnabled: false }), page = await context.newPage();
    const client = await app.log_in('admin'), shell = (await client.get('/account', { html: true })).text;
    await page.route('**/no-script', (route) => route.fulfill({ contentType: 'text/html; charset=utf-8', body: shell.replace(/(<main[^>]*>)[\s\S]*(<\/main>)/, (_, a, b) => a + trend() + b) }));
    await page.goto(`http://${app.host}:${app.port}/no-script`);
    assert.equal(await page.locator('[data-chart-canvas]').isVisible(), false);
    await page.locator('#trend summary').click();
    assert.ok(await page.getByRole('cell', { name: '812.35' }).isVisible());
    await context.close();
});
