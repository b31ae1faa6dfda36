/* report.test.mjs - a salesperson writes the day's report on a phone, with a network and without. */
import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import { start_app } from '../support/app.mjs';
import { day_after, found_company, ok, today } from '../support/company.mjs';
import { comes, cookies_of, go, open_browser, story, tap } from './browser.mjs';

let app, browser, co, rep, client;
const FORM = '/reports/daily/new';

before(async () => {
    app = await start_app();
    browser = await open_browser();
    co = await found_company(app);
    for (let i = -4; i <= 0; i++) await co.set_day(today(i), 'work');
    client = await co.as('rep_a');
    rep = await browser.tab(app, client, { phone: true, worker: true });
});
after(async () => {
    await rep?.close();
    await browser?.close();
    await app?.stop();
});

const input = (page, code) => page.locator(`[data-item="${code}"]`);
const submit = (page) => page.getByRole('button', { name: '提交' }).click();
const banner = (page) => page.locator('[data-banner]:visible');
const on_day = (plus) => `${FORM}?day=${today(plus)}`;

/* What the server has of that day. */
async function stored(plus = 0, who = client) {
    const { rows } = ok(await who.get(`/reports/daily?day_from=${today(plus)}&day_to=${today(plus)}`)).json;
    return rows;
}

/* What stands in the browser's own store. */
const kept = (page, store) => page.evaluate((name) => new Promise((done, fail) => {
    const r = indexedDB.open('xiaoguan', 1);
    r.onerror = () => fail(r.error);
    r.onsuccess = () => {
        const all = r.result.transaction(name).objectStore(name).getAll();
        all.onsuccess = () => done(all.result.map(({ key, day, at }) => ({ key, day, at })));
    };
}), store);

const draft_is_kept = (page) => page.waitForFunction(() => document.querySelector('[data-saved]').textContent !== '');

/* A picture as a phone takes it: larger than what should travel. */
const photo = (page) => page.evaluate(async () => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 2400, height: 1800 });
    const g = canvas.getContext('2d');
    g.fillStyle = '#c33';
    g.fillRect(0, 0, 2400, 1800);
    const blob = await new Promise((done) => canvas.toBlob(done, 'image/png'));
    return [...new Uint8Array(await blob.arrayBuffer())];
}).then((bytes) => ({ name: '现场.png', mimeType: 'image/png', buffer: Buffer.from(bytes) }));

/* The worker that keeps the form for days without network is at work, and has it. */
async function form_is_kept(page) {
    await page.evaluate(() => navigator.serviceWorker.ready);
    await page.waitForFunction(async () => (await (await caches.open('pages')).keys()).some((k) => k.url === location.href)); /* not an earlier one */
}

story('the start page leads to the form, whose fields bring the number keyboard', async () => {
    const { page } = rep;
    await rep.open('/');
    assert.match(await rep.text(), /今日日报[^]*未提交/);
    await go(page.getByRole('link', { name: '写日报' }).first());
    assert.equal(rep.path(), FORM);
    for (const code of ['new_customers', 'follow_ups', 'visits', 'calls', 'leads']) assert.equal(await input(page, code).getAttribute('inputmode'), 'numeric', code);
    assert.equal(await input(page, 'amount').getAttribute('inputmode'), 'decimal');
    const box = await page.getByRole('button', { name: '客户拜访量 +1' }).boundingBox();
    assert.ok(box.width >= 44 && box.height >= 44, 'a thumb hits it');
});

story('steppers count up and down and stop at nought', async () => {
    const { page } = rep;
    const plus = page.getByRole('button', { name: '客户拜访量 +1' }), minus = page.getByRole('button', { name: '客户拜访量 −1' });
    const count = (value) => comes(() => input(page, 'visits').inputValue(), value);
    for (let i = 0; i < 3; i++) await tap(plus);
    await count('3');
    for (let i = 0; i < 5; i++) await tap(minus);
    await count('0');
    await tap(plus);
    await tap(plus);
    await count('2');
});

story('talk points are asked for as soon as there are follow-ups, the contract number as soon as there is an amount', async () => {
    const { page } = rep;
    const points = page.getByLabel('沟通要点'), contract = page.getByLabel('合同编号');
    assert.equal(await points.isVisible(), false);
    assert.equal(await contract.isVisible(), false);
    await input(page, 'follow_ups').fill('2');
    await input(page, 'amount').fill('25000');
    assert.equal(await points.isVisible(), true);
    assert.equal(await contract.isVisible(), true);
    assert.equal(await page.locator('[data-counter]').innerText(), '0/2');
    await points.fill('苏州嘉禾：等报价\n太仓启航：下周演示');
    assert.equal(await page.locator('[data-counter]').innerText(), '2/2');
    await input(page, 'calls').focus();
    assert.equal(await input(page, 'amount').inputValue(), '25,000', 'money is grouped when one leaves the field');
});

story('what is missing is said beside its field, and nothing typed is lost', async () => {
    const { page } = rep;
    await submit(page);
    const message = page.locator('.error-text:visible');
    await message.waitFor();
    assert.match(await message.innerText(), /合同编号/);
    assert.equal(await page.locator('#contract_no').getAttribute('aria-invalid'), 'true');
    assert.equal(await page.evaluate(() => document.activeElement.id), 'contract_no', 'the cursor is in it');
    assert.equal(await input(page, 'follow_ups').inputValue(), '2');
    assert.equal((await stored()).length, 0);
});

story('a photo is made small, shown, and goes with the report; the start page then says that it is submitted', async () => {
    const { page } = rep;
    await page.getByLabel('合同编号').fill('HT-2026-001');
    await page.locator('input[type="file"]').setInputFiles(await photo(page));
    const thumb = page.locator('.thumb img');
    await thumb.waitFor();
    assert.equal(await thumb.evaluate(async (img) => (await img.decode(), img.naturalWidth)), 1600);
    await page.getByLabel('次日核心计划').fill('拜访太仓启航');
    await submit(page);
    await page.locator('#toasts').getByText('日报已提交').waitFor(); /* at once: it goes after some seconds */
    await page.waitForURL((url) => url.pathname === '/');
    assert.match(await rep.text(), /今日日报[^]*已提交[^]*等待主管审核/);
    const [row] = await stored();
    assert.equal(row.visits, 2);
    assert.equal(row.amount, 25000);
    assert.equal(row.contract_no, 'HT-2026-001');
    await rep.open(`/reports/daily/${row.id}`);
    const shown = page.locator('main .thumb img');
    await shown.scrollIntoViewIfNeeded();
    assert.equal(await shown.evaluate(async (img) => (await img.decode(), img.naturalWidth)), 1600);
});

story('a report filled in while the network is gone is kept, survives a reload and goes out once', async () => {
    const { page, context } = rep;
    await rep.open(on_day(-1));
    await form_is_kept(page);
    await context.setOffline(true);
    await input(page, 'visits').fill('4');
    await draft_is_kept(page);
    await page.reload();
    await banner(page).waitFor();
    assert.match(await banner(page).innerText(), /已恢复未提交的草稿/);
    assert.equal(await input(page, 'visits').inputValue(), '4');
    await page.locator('input[type="file"]').setInputFiles(await photo(page));
    await page.locator('.thumb').waitFor();
    await submit(page);
    await page.getByText('已离线保存，联网后自动提交').waitFor();
    await page.reload();
    await page.getByText('已离线保存，联网后自动提交').waitFor();
    assert.equal(await page.locator('.thumb').count(), 1, 'the photo is kept with it');
    assert.equal((await kept(page, 'queue')).length, 1);
    await context.setOffline(false);
    await page.waitForURL((url) => url.pathname === '/');
    assert.deepEqual(await kept(page, 'queue'), []);
    const [row, ...more] = await stored(-1);
    assert.equal(row.visits, 4);
    assert.equal(more.length, 0);
    const whole = ok(await client.get(`/reports/daily/${row.id}`)).json;
    assert.equal(whole.photos.length, 1);
    assert.equal(whole.version, 1, 'it was saved once');
});

story('two open tabs send a waiting report once', async () => {
    const { page, context } = rep;
    let posts = 0;
    const count = (r) => { if (r.method() === 'POST' && new URL(r.url()).pathname === '/reports/daily') posts++; };
    await rep.open(on_day(-2));
    await form_is_kept(page);
    const second = await rep.another();
    await second.goto(rep.url('/reports/daily'));
    await context.setOffline(true);
    await input(page, 'calls').fill('17');
    await submit(page);
    await page.getByText('已离线保存，联网后自动提交').waitFor();
    context.on('request', count);
    await context.setOffline(false);
    await page.waitForURL((url) => url.pathname === '/');
    await second.evaluate(() => navigator.locks.request('xiaoguan-queue', () => {})); /* the other has had its turn too */
    context.off('request', count);
    assert.equal(posts, 1);
    const rows = await stored(-2);
    assert.equal(rows.length, 1);
    assert.equal(ok(await client.get(`/reports/daily/${rows[0].id}`)).json.version, 1);
    await second.close();
});

story('if the answer is lost on the way, the report is sent again and still counts once', async () => {
    const { page } = rep;
    await rep.open(on_day(-3));
    /* In the page, since the service worker stands between it and what a test could intercept on the network. */
    await page.evaluate(() => {
        const real = window.fetch;
        window.lost = 0;
        window.is_back = false;
        window.fetch = async (url, options) => {
            if (options?.method !== 'POST' || window.is_back) return real(url, options);
            if (!window.lost++) await real(url, options); /* the server has it; the phone never hears of it */
            throw new TypeError('Failed to fetch');
        };
    });
    await input(page, 'visits').fill('6');
    await submit(page);
    await page.getByText('已离线保存，联网后自动提交').waitFor();
    assert.equal((await stored(-3)).length, 1, 'the server did take it');
    await page.evaluate(() => {
        window.is_back = true;
        dispatchEvent(new Event('online'));
    });
    await page.waitForURL((url) => url.pathname === '/');
    assert.deepEqual(await kept(page, 'queue'), []);
    const rows = await stored(-3);
    assert.equal(rows.length, 1);
    assert.equal(rows[0].visits, 6);
    assert.equal(ok(await client.get(`/reports/daily/${rows[0].id}`)).json.version, 1);
});

story('a queued report that the server refuses comes back with its message', async () => {
    const { page, context } = rep;
    await rep.open(on_day(-4));
    await form_is_kept(page);
    await context.setOffline(true);
    await input(page, 'follow_ups').fill('1');
    await submit(page);
    await page.getByText('已离线保存，联网后自动提交').waitFor();
    await context.setOffline(false);
    await page.locator('.error-text:visible').waitFor();
    assert.match(await page.locator('.error-text:visible').innerText(), /沟通要点/);
    assert.deepEqual(await kept(page, 'queue'), []);
    await page.getByLabel('沟通要点').fill('等报价');
    await submit(page);
    await page.waitForURL((url) => url.pathname === '/'); /* the form stands at another address */
    assert.equal((await stored(-4))[0].follow_ups, 1);
});

story('a submission after the session ended waits for the next log-in', async () => {
    const other = await browser.tab(app, await app.log_in('rep_a'), { phone: true, worker: true }), { page, context } = other;
    await other.open(FORM);
    await input(page, 'calls').fill('9');
    await context.clearCookies();
    await submit(page);
    await page.getByText('重新登录后自动提交').waitFor();
    await other.open('/login');
    await page.getByLabel('账号').fill('rep_a');
    await page.getByLabel('密码').fill('correct horse battery');
    await page.getByRole('button', { name: '登录' }).click();
    await page.locator('#toasts').getByText('的日报已提交').waitFor();
    assert.equal((await stored())[0].calls, 9);
    await other.close();
});

/* From the next page on the browser's store answers when a test says so: window.open_store(). */
const slow_store = (page) => page.addInitScript(() => {
    const open = IDBFactory.prototype.open;
    IDBFactory.prototype.open = function (...what) {
        const answer = {};
        window.open_store = () => {
            const real = open.apply(this, what);
            for (const name of ['onupgradeneeded', 'onsuccess', 'onerror']) real[name] = () => answer[name](Object.assign(answer, { result: real.result }));
        };
        return answer;
    };
});

story('a hand that is quicker than the store of the phone loses nothing', async () => {
    const who = await co.as('rep_a2'), other = await browser.tab(app, who, { phone: true, worker: true }), { page, context } = other;
    await other.open(on_day(-3));
    for (const [code, n] of [['visits', '5'], ['leads', '2']]) {
        await page.evaluate(() => { document.querySelector('[data-saved]').textContent = ''; });
        await input(page, code).fill(n);
        await draft_is_kept(page);
    }
    await slow_store(page);
    await page.reload();
    await input(page, 'visits').fill('7');
    await context.setOffline(true);
    await submit(page);
    await page.evaluate(() => window.open_store());
    await page.getByText('已离线保存，联网后自动提交').waitFor();
    assert.deepEqual([await input(page, 'visits').inputValue(), await input(page, 'leads').inputValue()], ['7', '2'], 'what was typed, and the rest of the draft');
    await context.setOffline(false);
    await page.waitForURL((url) => url.pathname === '/');
    const [row] = await stored(-3, who);
    assert.deepEqual([row.visits, row.leads], [7, 2]);
    await other.close();
});

story('a draft of somebody else on the same phone is not shown', async () => {
    const other = await browser.tab(app, await co.as('rep_a2'), { phone: true, worker: true }), { page, context } = other;
    await other.open(FORM);
    await input(page, 'visits').fill('8');
    await draft_is_kept(page);
    await context.clearCookies();
    const third = await co.as('rep_b');
    await context.addCookies(cookies_of(third));
    await other.open(FORM);
    await input(page, 'calls').fill('1');
    await draft_is_kept(page); /* by then the page has looked for drafts */
    assert.equal((await kept(page, 'draft')).length, 2, 'the other one is still there');
    assert.equal(await input(page, 'visits').inputValue(), '');
    assert.equal(await banner(page).count(), 0);
    await other.close();
});

story('saving a draft is no submission, and it can be gone on with elsewhere', async () => {
    const who = await co.as('rep_b'), phone = await browser.tab(app, who, { phone: true, worker: true });
    await phone.open(FORM);
    await input(phone.page, 'leads').fill('5');
    await phone.page.getByRole('button', { name: '存草稿' }).click();
    await phone.page.waitForURL(/\/reports\/daily\/\d+$/);
    assert.match(await phone.text(), /草稿/);
    const desk = await browser.tab(app, who);
    await desk.open(FORM);
    assert.equal(await input(desk.page, 'leads').inputValue(), '5');
    assert.equal((await stored(0, who))[0].state, 'draft');
    await phone.close();
    await desk.close();
});

story('without scripts the form is a plain form that works', async () => {
    const context = await browser.chrome.newContext({ javaScriptEnabled: false, locale: 'zh-CN' });
    const who = await app.log_in('rep_a2');
    await context.addCookies(cookies_of(who));
    const page = await context.newPage();
    await page.goto(rep.url(on_day(-1)));
    await page.locator('[name="visits"]').fill('3');
    await go(page.getByRole('button', { name: '提交' }));
    await page.getByText('日报已提交，辛苦了').waitFor();
    assert.equal((await stored(-1, who))[0].visits, 3);
    await context.close();
});

story('a lead who corrects a report changes that person\'s report, not an own one', async () => {
    const lead = await co.as('lead_a'), desk = await browser.tab(app, lead);
    const [row] = await stored(-2, await co.as('rep_a'));
    await desk.open(`/reports/daily/${row.id}/edit`);
    await input(desk.page, 'calls').fill('18');
    await submit(desk.page);
    await desk.page.waitForURL(`**/reports/daily/${row.id}`);
    assert.equal((await stored(-2))[0].calls, 18);
    const all = ok(await lead.get(`/reports/daily?day_from=${today(-2)}&day_to=${today(-2)}`)).json.rows;
    assert.deepEqual(all.map((r) => r.id), [row.id]);
    await desk.close();
});
