/* desk.test.mjs - the desk of an administrator: lists, transfer, calendar, settings, language, theme, keyboard. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before } from 'node:test';
import { start_app } from '../support/app.mjs';
import { found_company, ok, today } from '../support/company.mjs';
import { read_xlsx } from '../support/sheet.mjs';
import { blank_icons, comes, go, open_browser, story, tap } from './browser.mjs';

let app, browser, co, desk;

before(async () => {
    app = await start_app();
    browser = await open_browser();
    co = await found_company(app);
    desk = await browser.tab(app, await app.as('admin'));
});
after(async () => {
    await desk?.close();
    await browser?.close();
    await app?.stop();
});

/* The first cells of the list's rows, as shown. */
const column = (label) => desk.page.locator(`#list tbody [data-label="${label}"]`).allInnerTexts();
const nav = (name) => go(desk.page.getByRole('navigation', { name: '主导航' }).getByRole('link', { name, exact: true }));

story('the search field filters as one types, by name and by pinyin, and the address can be sent on', async () => {
    const { page } = desk;
    await desk.open('/people');
    await page.keyboard.press('/');
    await page.keyboard.type('oyx'); /* 欧阳雪 */
    await page.waitForURL('**/people?*q=oyx*');
    await page.getByText('已筛选，共 1 条').waitFor();
    assert.deepEqual(await column('姓名'), ['欧阳雪']);
    await desk.open(`/people${new URL(page.url()).search}`);
    assert.deepEqual(await column('姓名'), ['欧阳雪']);
    await page.getByLabel('搜索').fill('没有这个人');
    await page.getByRole('heading', { name: '没有符合条件的记录' }).waitFor();
    await page.getByRole('link', { name: '清除条件' }).click();
    await page.getByRole('link', { name: '单雄信' }).waitFor();
});

story('a search that is typed on while the server thinks ends with what was typed last', async () => {
    const { page } = desk, asks = (q) => (r) => new URL(r.url()).pathname === '/people' && new URL(r.url()).searchParams.get('q') === q;
    let let_go;
    const held = new Promise((done) => { let_go = done; }), slow = (url) => url.searchParams.get('q') === 'o';
    await desk.open('/people');
    await page.locator('form[data-filters][data-htmx-powered]').waitFor(); /* else nobody listens yet */
    await page.route(slow, (route) => held.then(() => route.continue()).catch(() => {}));
    await Promise.all([page.waitForRequest(asks('o')), page.getByLabel('搜索').fill('o')]);
    await Promise.all([page.waitForRequest(asks('oyx')), page.getByLabel('搜索').fill('oyx')]);
    let_go();
    await page.getByText('已筛选，共 1 条').waitFor();
    await comes(() => column('姓名'), ['欧阳雪']);
    await page.waitForURL('**/people?*q=oyx*');
    await page.unroute(slow);
});

story('a filter by team, sorting and page size work without loading the page anew, and Back goes back', async () => {
    const { page } = desk;
    await desk.open('/people');
    await page.evaluate(() => { window.same_page = true; });
    const team = page.getByRole('combobox', { name: '团队' });
    await team.click();
    await team.fill('shyb');
    await page.keyboard.press('Enter'); /* faster than the answer: the best match of what was typed, not of what was listed */
    await page.waitForURL('**/people?*unit_id=*');
    await page.getByText('已筛选，共 4 条').waitFor();
    await page.getByRole('columnheader', { name: '工号' }).getByRole('link').click();
    await page.waitForFunction(() => document.querySelector('th[aria-sort] a')?.textContent.includes('工号'));
    const up = await column('工号');
    assert.deepEqual(up, [...up].sort());
    await page.getByRole('columnheader', { name: '工号' }).getByRole('link').click();
    await page.locator('th[aria-sort="descending"]').waitFor();
    assert.deepEqual(await column('工号'), [...up].reverse());
    assert.equal(await page.evaluate(() => window.same_page), true);
    const before_last = await page.evaluate(() => new URL(location).searchParams.get('sort'));
    await page.goBack();
    await page.waitForFunction((sort) => new URL(location).searchParams.get('sort') !== sort, before_last);
    await page.locator('th[aria-sort="ascending"]').waitFor();
    assert.equal((await column('姓名')).length, 4);
});

story('a picker takes what answers the typed word, though the list it opened with comes later', async () => {
    const { page } = desk, opening = (url) => url.pathname === '/units/search' && url.searchParams.get('q') === '';
    let let_go;
    const held = new Promise((done) => { let_go = done; });
    await desk.open('/people');
    await page.route(opening, (route) => held.then(() => route.continue()).catch(() => {}));
    const team = page.getByRole('combobox', { name: '团队' });
    await Promise.all([page.waitForRequest((r) => opening(new URL(r.url()))), team.click()]);
    await team.pressSequentially('shyb');
    await page.keyboard.press('Enter');
    let_go();
    await page.getByText('已筛选，共 4 条').waitFor();
    assert.equal(await team.inputValue(), '上海一部');
    await page.unroute(opening);
});

story('what htmx puts into the page has its icons and its forms\' tokens', async () => {
    const { page } = desk;
    await co.as('rep_b');
    await desk.open('/accounts');
    await page.getByLabel('搜索').fill('rep_b');
    await page.getByText(/已筛选，共 \d 条/).waitFor();
    assert.deepEqual(await blank_icons(page), []);
    await page.getByRole('checkbox', { name: '选择行' }).first().check();
    await page.getByRole('group', { name: '已选行' }).getByRole('button', { name: '停用' }).click();
    await go(page.getByRole('dialog').getByRole('button', { name: '确定' }));
    await page.getByRole('status').getByText('已停用').waitFor();
});

story('long lists are paged', async () => {
    const { page } = desk, admin = await app.as('admin');
    for (let i = 1; i <= 25; i++) ok(await admin.post('/positions', { json: { name: `岗位${String(i).padStart(2, '0')}`, code: `P${i}` } }), 201);
    await desk.open('/positions?per_page=20');
    await page.getByText('第 1–20 条，共 25 条').waitFor();
    await page.getByRole('link', { name: '下一页' }).click();
    await page.getByText('第 21–25 条，共 25 条').waitFor();
    assert.equal(await page.locator('#list tbody tr').count(), 5);
});

story('which columns show is each person\'s choice and stays', async () => {
    const { page } = desk;
    await desk.open('/people');
    assert.equal(await page.getByRole('columnheader', { name: '手机号' }).count(), 0);
    await page.locator('summary', { hasText: '列' }).click();
    await page.getByRole('checkbox', { name: '手机号' }).check();
    await page.getByRole('checkbox', { name: '职级' }).uncheck();
    await go(page.getByRole('button', { name: '保存列设置' }));
    await page.getByRole('columnheader', { name: '手机号' }).waitFor();
    await desk.open('/people');
    assert.equal(await page.getByRole('columnheader', { name: '手机号' }).count(), 1);
    assert.equal(await page.getByRole('columnheader', { name: '职级' }).count(), 0);
});

story('the export holds what the filter shows', async () => {
    const { page } = desk;
    await desk.open('/people?q=ouyang');
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: '导出' }).click()]);
    assert.match(download.suggestedFilename(), /\.xlsx$/);
    const rows = read_xlsx(readFileSync(await download.path()));
    assert.equal(rows.length, 2);
    assert.ok(rows[1].includes('欧阳雪'));
});

story('a person is transferred from today, and the page shows both posts', async () => {
    const { page } = desk;
    await desk.open(`/people/${co.person.ouyang.id}`);
    await go(page.getByRole('link', { name: '调动' }));
    await page.getByRole('combobox', { name: '新团队' }).fill('深圳');
    await comes(() => page.locator('.ref-list:visible [role="option"]').allInnerTexts(), ['深圳部']);
    await page.getByRole('option', { name: '深圳部' }).click();
    await go(page.getByRole('button', { name: '调动' }));
    assert.equal(desk.path(), `/people/${co.person.ouyang.id}`);
    await page.getByRole('status').getByText('已调动').waitFor();
    const posts = page.locator('section', { has: page.getByRole('heading', { name: '任职' }) });
    assert.match(await posts.innerText(), new RegExp(`深圳部[^]*${today()}[^]*上海一部[^]*2024-01-02 – ${today(-1)}`));
});

story('a form that was changed asks before it is left', async () => {
    const { page } = desk;
    await desk.open(`/people/${co.person.wang.id}/edit`);
    await page.getByLabel('手机号').fill('13800000000');
    const asked = page.waitForEvent('dialog');
    const leaving = page.getByRole('link', { name: '取消' }).click();
    const dialog = await asked;
    assert.equal(dialog.type(), 'beforeunload');
    await dialog.dismiss();
    await leaving.catch(() => {});
    assert.equal(desk.path(), `/people/${co.person.wang.id}/edit`);
    await go(page.getByRole('button', { name: '保存' }));
    await page.getByText('已保存').waitFor();
    assert.match(await desk.text(), /变更记录[^]*手机号: (空 → )?13800000000/);
});

story('a day of the calendar becomes a day off', async () => {
    const { page } = desk, day = `${today().slice(0, 4)}-03-11`;
    await nav('工作日历');
    const button = page.getByRole('button', { name: day });
    await button.click();
    const dialog = page.getByRole('dialog');
    assert.equal(await dialog.getByRole('heading').innerText(), day);
    await page.keyboard.press('Escape');
    await comes(() => button.evaluate((b) => b === document.activeElement), true);
    await button.click();
    await dialog.getByLabel('这一天是').selectOption('rest');
    await dialog.getByLabel('姓名').or(dialog.getByLabel('名称')).fill('厂庆');
    await go(dialog.getByRole('button', { name: '保存' }));
    await page.getByText('已保存').waitFor();
    assert.match(await button.innerText(), /厂庆/);
    assert.match(await button.getAttribute('class'), /day-holiday/);
});

story('next year\'s calendar file is uploaded by the administrator, and a wrong file is refused in words', async () => {
    const { page } = desk, year = Number(today().slice(0, 4)) + 3;
    const send = async (name, text) => {
        await desk.open('/calendar');
        await page.locator('#calendar-file').setInputFiles({ name, mimeType: 'application/json', buffer: Buffer.from(text) });
        await go(page.getByRole('button', { name: '上传' }));
    };
    await send('x.json', '{"a": 1}');
    await page.getByRole('heading', { name: '不是日历文件' }).waitFor();
    await send('y.json', JSON.stringify({ holidays: { [`${year}-05-01`]: 'Labour Day,劳动节,1' }, workdays: {} }));
    await page.getByText(/已采用 \d+ 天/).waitFor();
    await desk.open(`/calendar?year=${year}`);
    assert.match(await page.getByRole('button', { name: `${year}-05-01` }).getAttribute('class'), /day-holiday/);
    const rep = await browser.tab(app, await co.as('rep_a'));
    await rep.open('/calendar');
    assert.equal(await rep.page.locator('#calendar-file').count(), 0, 'others have no such form');
    assert.equal(await rep.page.locator('main button').count(), 0);
    await rep.close();
});

story('settings are changed, and what makes no sense is said beside the field', async () => {
    const { page } = desk;
    await desk.open('/settings');
    await page.getByLabel('日报可补交天数').fill('0x');
    await go(page.getByRole('button', { name: '保存' }));
    await page.locator('.field .error:visible').waitFor();
    await page.getByLabel('日报可补交天数').fill('45');
    await page.getByLabel('日报截止时间').fill('20:30');
    await go(page.getByRole('button', { name: '保存' }));
    await page.getByText('已保存').waitFor();
    assert.equal(await page.getByLabel('日报可补交天数').inputValue(), '45');
    assert.equal(await page.getByLabel('日报截止时间').inputValue(), '20:30');
    const rep = await browser.tab(app, await co.as('rep_a'), { phone: true });
    await rep.open('/reports/daily/new');
    assert.match(await rep.text(), /20:30/);
    await rep.close();
});

story('English is one click away, and Chinese is one click back', async () => {
    const { page } = desk;
    await desk.open('/people');
    await page.locator('.user-btn').click();
    await go(page.getByRole('button', { name: 'English' }));
    await page.getByRole('heading', { level: 1, name: 'People' }).waitFor();
    assert.equal(await page.locator('html').getAttribute('lang'), 'en');
    assert.doesNotMatch(await page.locator('nav.side').innerText(), /员工|日报/);
    await page.locator('.user-btn').click();
    await go(page.getByRole('button', { name: '中文' }));
    await page.getByRole('heading', { level: 1, name: '员工' }).waitFor();
    assert.equal(await page.locator('html').getAttribute('lang'), 'zh-CN');
});

story('dark is chosen by hand, stays, and follows the system where nothing was chosen', async () => {
    const { page } = desk, background = (p) => p.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const light = await background(page);
    await page.getByRole('button', { name: '浅色/深色' }).first().click();
    await comes(() => background(page).then((colour) => colour !== light), true);
    await desk.open('/');
    assert.equal(await page.locator('html').getAttribute('data-theme'), 'dark');
    await page.getByRole('button', { name: '浅色/深色' }).first().click();
    await comes(() => background(page), light);
    const night = await browser.tab(app, await app.as('admin'), { dark: true });
    await night.open('/');
    assert.equal(await night.page.locator('html').getAttribute('data-theme'), 'dark');
    await night.close();
});

story('with the keyboard alone one skips the navigation, opens and closes menus, and reaches every control', async () => {
    const { page } = desk;
    await desk.open('/people');
    await page.keyboard.press('Tab');
    assert.equal(await page.evaluate(() => document.activeElement.className), 'skip');
    await page.keyboard.press('Enter');
    await comes(() => page.evaluate(() => document.activeElement.id), 'main');
    await page.getByRole('combobox', { name: '岗位' }).focus();
    await page.getByRole('option').nth(15).waitFor();
    await page.keyboard.press('Tab');
    assert.equal(await page.evaluate(() => document.activeElement.name), 'grade', 'a long list of suggestions is no stop');
    await page.locator('#main').focus();
    const reached = await walk(page);
    const all = await page.evaluate(() => [...document.querySelectorAll('main a[href], main button, main input, main select, main summary')]
        .filter((e) => e.checkVisibility() && !e.disabled && e.type !== 'hidden' && e.tabIndex >= 0 && !e.closest('details:not([open]) > :not(summary)')).length);
    assert.equal(reached, all);
    await page.locator('.user-btn').focus();
    await page.keyboard.press('Enter');
    await page.locator('.menu-panel', { hasText: '退出登录' }).waitFor();
    await page.keyboard.press('Escape');
    await page.locator('.menu-panel', { hasText: '退出登录' }).waitFor({ state: 'hidden' });
    assert.equal(await page.evaluate(() => document.activeElement.matches('.user-btn')), true);
});

/* Presses Tab through <main>; every stop must show where it is. Returns how many controls were met. */
async function walk(page) {
    const met = new Set();
    for (let i = 0; i < 400; i++) {
        await page.keyboard.press('Tab');
        const at = await page.evaluate(() => {
            const e = document.activeElement;
            if (!e.closest('main')) return null;
            const s = getComputedStyle(e), n = (window.numbers ??= new Map());
            if (!n.has(e)) n.set(e, n.size);
            return { n: n.get(e), control: e.matches('a, button, input, select, summary'), seen: s.outlineStyle !== 'none' || s.boxShadow !== 'none' || !!e.closest(':focus-within:is(.search, .filter)'), what: e.outerHTML.slice(0, 120) };
        });
        if (!at) break;
        assert.ok(at.seen, `no focus mark on ${at.what}`);
        if (at.control) met.add(at.n);
    }
    return met.size;
}

story('the menu button of a phone opens the navigation, and Esc closes it', async () => {
    const phone = await browser.tab(app, await app.as('admin'), { phone: true }), { page } = phone;
    await phone.open('/');
    const menu = page.getByRole('button', { name: '菜单' });
    await tap(menu);
    await comes(() => menu.getAttribute('aria-expanded'), 'true');
    await page.getByRole('navigation', { name: '主导航' }).getByRole('link', { name: '账号' }).waitFor();
    await page.keyboard.press('Escape');
    await page.waitForFunction(() => document.activeElement?.matches('[data-drawer]'));
    await comes(() => menu.getAttribute('aria-expanded'), 'false');
    await phone.open('/people');
    await tap(page.getByRole('button', { name: '筛选' }));
    await page.getByRole('heading', { name: '筛选' }).waitFor();
    await page.locator('#filters').getByLabel('状态').selectOption({ label: '离职' });
    await tap(page.getByRole('button', { name: '应用' }));
    await page.getByRole('heading', { name: '没有符合条件的记录' }).waitFor();
    await phone.close();
});

story('logging out ends the session, also in another tab', async () => {
    const { page } = desk, other = await desk.another();
    await other.goto(desk.url('/people'));
    await page.locator('.user-btn').click();
    await go(page.getByRole('button', { name: '退出登录' }));
    await page.getByRole('button', { name: '登录' }).waitFor();
    await other.reload();
    assert.equal(new URL(other.url()).pathname, '/login');
    await other.close();
});
