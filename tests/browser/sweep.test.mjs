/* sweep.test.mjs - every page as every role with the demonstration company: accessible, whole, quiet.
 *
 * Whatever `xiaoguan routes` lists as a page is asked for as every role, and its markup looked at. The browser opens each address once, and
 * again whatever is of a new kind (two pages of the same markup with other words are one kind): sizes are tried then, and axe looks at it wide
 * in light; on a phone in dark if some element has not been seen before; and at the start page, whose frame is everybody's, the other way
 * round too. */
import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import { Client, ROLES, start_app } from '../support/app.mjs';
import { axe_findings, blank_icons, go, open_browser, PHONE, sticking_out, story, WIDE } from './browser.mjs';

const PASSWORD = 'xiaoguan-demo';
const NO_PAGE = /\.(xlsx|csv|json|webmanifest|ico|txt|js)$|^\/(assets|healthz|metrics|setup|invite)\b|\/search$|\/photos\/|\/import\/\{id\}|^\/report$|\/runs\/\{id\}\/file$/;
let app, browser, paths, admin, icons;
const kinds = new Set(), shapes = new Set(), opened = new Set();

before(async () => {
    app = await start_app({ demo: true });
    browser = await open_browser();
    const { out } = await app.run('routes');
    paths = [...out.matchAll(/^GET +(\S+)/gm)].map((m) => m[1]).filter((p) => !NO_PAGE.test(p));
    admin = await app.log_in('admin', PASSWORD);
    const [, sprite] = (await admin.get('/', { html: true })).text.match(/<use href="([^"#]+)#/);
    icons = new Set([...(await admin.get(sprite)).text.matchAll(/<symbol[^>]*\bid="([^"]+)"/g)].map((m) => m[1]));
});
after(async () => {
    await browser?.close();
    await app?.stop();
});

/* The addresses of a role: {id} becomes the first entry that the role sees. */
async function addresses(client) {
    const list = [], firsts = new Map();
    for (const path of paths) {
        if (!path.includes('{id}')) {
            list.push(paths.includes(`${path}/{id}`) ? `${path}?per_page=10` : path);
            continue;
        }
        const of = path.split('/{id}')[0];
        if (!firsts.has(of)) firsts.set(of, (await client.get(of)).json?.rows?.[0]?.id);
        if (firsts.get(of)) list.push(path.replace('{id}', firsts.get(of)));
    }
    return list;
}

const set_theme = (page, theme) => page.evaluate((t) => { document.documentElement.dataset.theme = t; }, theme);
const set_text = (page, percent) => page.evaluate((p) => { document.documentElement.style.fontSize = p; }, percent);
/* What a page is made of: its elements without their words, each once. The frame around it counts on the start page. */
function shapes_of(html, path) {
    const [part] = path === '/' ? [html] : html.match(/<main[\s\S]*<\/main>/) ?? [html];
    const tags = [...part.matchAll(/<([a-z][\w-]*)([^>]*)>/g)].map(([, tag, rest]) => tag + [...rest.matchAll(/\s(?:class|role|type)="[^"]*"/g)].map((m) => m[0]).sort());
    return [...new Set(tags)].sort();
}

/* What can be said of a page's markup without drawing it. */
function misprints(html) {
    const heads = html.match(/<h1[\s>]/g)?.length ?? 0, undrawn = [...html.matchAll(/<use href="[^"]*#([^"]*)"/g)].map((m) => m[1]).filter((id) => !icons.has(id));
    return [...(heads === 1 ? [] : [`${heads} headings h1`]), ...new Set(undrawn.map((id) => `icon ${id} is not in the sprite`))];
}

/* The page as it is drawn, in sizes, and what axe says of it if its kind or an element is new. */
async function inspect(page, what, bad, { new_kind = true, new_shape = true } = {}) {
    const note = (kind, list) => list.forEach((line) => bad.push(`${what} ${kind}: ${line}`));
    const is_start = ['/', '/login'].includes(new URL(page.url()).pathname);
    const part = is_start ? 'html' : 'main';
    if (await page.locator('h1:visible').count() !== 1) note('headings', ['there must be one h1']);
    note('icons', await blank_icons(page));
    await set_text(page, '200%');
    note('wide, text 200 %', await sticking_out(page));
    await set_text(page, '');
    if (new_kind) note('axe, wide, light', await axe_findings(page, part));
    await set_theme(page, 'dark');
    if (is_start) note('axe, wide, dark', await axe_findings(page));
    await page.setViewportSize(PHONE);
    if (new_shape) note('axe, phone, dark', await axe_findings(page, part));
    await set_theme(page, 'light');
    if (is_start) note('axe, phone, light', await axe_findings(page));
    await set_text(page, '200%');
    note('phone, text 200 %', await sticking_out(page));
    await set_text(page, '');
    await page.setViewportSize({ width: 360, height: 740 });
    note('360 px', await sticking_out(page));
    await page.setViewportSize(WIDE);
}

async function sweep(login, list) {
    const client = login ? await app.log_in(login, PASSWORD) : new Client(app, { lang: 'zh-CN' }), tab = await browser.tab(app, login && client), bad = [];
    let seen = 0;
    for (const path of list) {
        const { status, text } = await client.get(path, { html: true, follow: true });
        if (![200, 403, 404, 409].includes(status)) bad.push(`${login} ${path}: ${status}`);
        seen += status === 200;
        bad.push(...misprints(text).map((line) => `${login} ${path}: ${line}`));
        const made_of = shapes_of(text, path), kind = made_of.join('\n'), address = path.replace(/\d+/g, '0');
        const new_kind = !kinds.has(kind), new_shape = made_of.some((shape) => !shapes.has(shape));
        if (!new_kind && opened.has(address)) continue;
        kinds.add(kind);
        opened.add(address);
        made_of.forEach((shape) => shapes.add(shape));
        await tab.open(path, status);
        await inspect(tab.page, `${login} ${path}`, bad, { new_kind, new_shape });
    }
    await tab.close();
    assert.deepEqual(bad, []);
    return seen;
}

for (const role of ROLES) {
    story(`every page is accessible and whole for the role ${role}`, async () => {
        const list = await addresses(await app.log_in(role, PASSWORD)), half = list.length >> 1;
        const [a, b] = await Promise.all([sweep(role, list.slice(0, half)), sweep(role, list.slice(half))]);
        assert.ok(a + b > 20, `${a + b} pages seen`);
    });
}

story('pages for visitors are accessible and whole', async () => {
    const { json } = await admin.get('/accounts');
    const link = (await admin.post(`/accounts/${json.rows[0].id}/invite`, { json: {} })).json;
    await sweep(null, ['/login', link.path, '/invite/no-such-token-no-such-token-no-such']);
});

story('the pages of an import are accessible and whole', async () => {
    const tab = await browser.tab(app, await app.log_in('trainer', PASSWORD)), bad = [], { page } = tab;
    const sheet = (rows) => ({ name: '员工.csv', mimeType: 'text/csv', buffer: Buffer.from(`工号,姓名,团队,入职日期,鞋码\n${rows}`) });
    for (const rows of ['9001,新人甲,上海一部,2026-01-05,41\n', '9002,新人乙,没有此部,2026-01-05,41\n9003,,上海一部,01.05.,38\n']) {
        await tab.open('/people/import');
        await page.locator('#file').setInputFiles(sheet(rows));
        await go(page.getByRole('button', { name: '检查文件' }));
        await page.getByRole('heading', { name: '前几行' }).waitFor();
        await inspect(page, 'import preview', bad);
    }
    await page.getByLabel('跳过错误行').check();
    await go(page.getByRole('button', { name: '导入', exact: true }));
    await page.getByRole('link', { name: '返回列表' }).waitFor();
    await inspect(page, 'import result', bad);
    await tab.close();
    assert.deepEqual(bad, []);
});

story('dialogs, menus and refused forms are accessible too', async () => {
    const tab = await browser.tab(app, await app.log_in('lead', PASSWORD)), desk = await browser.tab(app, admin), bad = [], { page } = tab;
    const look = async (p, what) => bad.push(...(await axe_findings(p)).map((line) => `${what}: ${line}`));
    await tab.open('/reports/daily/queue');
    await page.locator('.queue-card').first().getByRole('button', { name: '退回' }).click();
    await look(page, 'reason dialog');
    await page.keyboard.press('Escape');
    await page.locator('[data-row]').first().check();
    await look(page, 'bulk bar');
    await page.locator('.user-btn').click();
    await look(page, 'account menu');
    await desk.open('/people/new');
    await go(desk.page.getByRole('button', { name: '保存' }));
    await desk.page.locator('.field .error').first().waitFor();
    await inspect(desk.page, 'refused form', bad);
    await desk.page.getByRole('combobox').first().click();
    await desk.page.getByRole('option').first().waitFor();
    await look(desk.page, 'picker');
    await desk.open('/calendar');
    await desk.page.locator('button.d').nth(70).click();
    await look(desk.page, 'calendar dialog');
    await tab.close();
    await desk.close();
    assert.deepEqual(bad, []);
});

story('the English pages fit as well', async () => {
    for (const login of ['rep', 'admin']) {
        const client = await app.log_in(login, PASSWORD), bad = [];
        await client.post('/account/language', { json: { lang: 'en' } });
        const tab = await browser.tab(app, client, { lang: 'en' });
        for (const path of ['/', '/reports/daily', '/reports/daily/new', '/reports/daily/board', '/people', '/account', '/calendar', '/org', ...(login === 'admin' ? ['/settings', '/accounts', '/people/import', '/reports/daily/queue'] : [])]) {
            await tab.page.goto(tab.url(path));
            assert.equal(await tab.page.locator('html').getAttribute('lang'), 'en');
            await inspect(tab.page, `${login} ${path} in English`, bad, { new_kind: false, new_shape: false });
        }
        await client.post('/account/language', { json: { lang: 'zh_CN' } });
        await tab.close();
        assert.deepEqual(bad, []);
    }
});
