/* browser.mjs - Chromium for the tests: people with a window of their own, and what every page must keep to.
 *
 *     const browser = await open_browser();
 *     const tab = await browser.tab(app, 'lead', { phone: true, dark: true, lang: 'en' });   // logged in; null instead of a login: a visitor
 *     await tab.open('/reports/daily/queue');
 *     tab.page ...                                                                           // Playwright's page
 *     await tab.close();                                     // fails if the console or the content policy had anything to say
 *     await browser.close();
 *     story('a sentence', async () => { ... })               // a test with a time limit
 *
 * XIAOGUAN_CHROMIUM is another Chromium than Debian's. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { chromium } from 'playwright-core';

const axe_source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const ARGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];
export const WIDE = { width: 1440, height: 900 }, PHONE = { width: 390, height: 844 };
const WAIT_MS = 30000; /* as long as a busy machine may need; what is there is not waited for */

/* A test that cannot hang: a page that never answers fails it. */
export const story = (name, tell) => test(name, { timeout: Number(process.env.STORY_MS ?? 120000) }, tell);

/* What a test may cause on purpose: a refused form, a server that cannot be reached. */
const EXPECTED = [/status of (401|403|404|409|422) /, /net::ERR_(INTERNET_DISCONNECTED|FAILED|CONNECTION_)/];

class Tab {
    constructor(app, context, page) {
        Object.assign(this, { app, context, page, complaints: [] });
        this.listen(page);
    }

    listen(page) {
        page.setDefaultTimeout(WAIT_MS);
        const add = (text) => this.complaints.push(`${new URL(page.url(), 'http://x').pathname}: ${text}`);
        page.on('console', (m) => {
            if ((m.type() === 'error' || m.type() === 'warning') && !EXPECTED.some((e) => e.test(m.text()))) add(m.text());
        });
        page.on('pageerror', (e) => add(String(e.stack ?? e)));
        page.on('crash', () => add('the page crashed'));
    }

    url(path) { return `http://${this.app.host}:${this.app.port}${path}`; }
    path() { return new URL(this.page.url()).pathname; }

    /* Another tab of the same window. */
    async another() {
        const page = await this.context.newPage();
        this.listen(page);
        return page;
    }

    async open(path, status = 200) {
        const answer = await this.page.goto(this.url(path), { waitUntil: 'load' });
        assert.equal(answer?.status(), status, `GET ${path}`);
    }

    /* The text of the page, without what is hidden. */
    text(selector = 'main') { return this.page.locator(selector).first().innerText(); }

    async close() {
        await this.context.close();
        assert.deepEqual(this.complaints, []);
    }
}

export async function open_browser() {
    const chrome = await chromium.launch({ executablePath: process.env.XIAOGUAN_CHROMIUM ?? '/usr/bin/chromium', args: ARGS });
    return {
        chrome,
        close: () => chrome.close(),
        async tab(app, login = null, options = {}) {
            const context = await chrome.newContext({
                locale: options.lang === 'en' ? 'en-US' : 'zh-CN', timezoneId: 'Asia/Shanghai', colorScheme: options.dark ? 'dark' : 'light',
                reducedMotion: 'reduce', /* axe must not see a colour half-way to another */
                ...(options.phone ? { viewport: PHONE, isMobile: true, hasTouch: true, deviceScaleFactor: options.scale ?? 2 } : { viewport: WIDE, deviceScaleFactor: options.scale ?? 1 }),
            });
            const client = typeof login === 'string' ? await app.log_in(login, options.password) : login;
            /* not the message its last post left: a test would take it for the answer to what it does next */
            if (client) await context.addCookies([...client.cookies].filter(([name]) => name !== 'flash').map(([name, value]) => ({ name, value, url: `https://${app.host}/`, secure: name.startsWith('__Host-') })));
            return new Tab(app, context, await context.newPage());
        },
    };
}

/* ---- what every page must keep to ---- */

/* Axe's serious and critical findings, one line each. */
export async function axe_findings(page) {
    if (!await page.evaluate('!!window.axe')) await page.evaluate(axe_source);
    return page.evaluate(async () => {
        const result = await window.axe.run(document, { resultTypes: ['violations'] });
        return result.violations.filter((v) => v.impact === 'serious' || v.impact === 'critical')
            .map((v) => `${v.id}: ${v.nodes.slice(0, 3).map((n) => `${n.html.slice(0, 160)} (${n.any[0]?.message ?? n.all[0]?.message ?? ''})`).join(' | ')}`);
    });
}

/* What sticks out to the right of the window; nothing may, except inside a box that scrolls by itself. */
export const sticking_out = (page) => page.evaluate(() => {
    const width = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= width && document.body.scrollWidth <= width) return [];
    const out = [...document.body.querySelectorAll('*')].filter((e) => e.getBoundingClientRect().right > width + 1 && e.checkVisibility());
    return [`${document.documentElement.scrollWidth} px instead of ${width}`, ...out.slice(0, 5).map((e) => e.outerHTML.slice(0, 120))];
});

/* Icons that draw nothing, or whose drawing is not in the sprite. */
const sprites = new Map();
export async function blank_icons(page) {
    const uses = await page.evaluate(() => [...new Set([...document.querySelectorAll('use')].map((u) => new URL(u.getAttribute('href'), location.href).href))]);
    const blank = await page.evaluate(() => [...document.querySelectorAll('use')].filter((u) => u.checkVisibility() && !u.getBBox().width && !u.getBBox().height).map((u) => `draws nothing: ${u.outerHTML}`));
    for (const use of uses) {
        const [sheet, id] = use.split('#');
        if (!sprites.has(sheet)) {
            const answer = await page.request.get(sheet);
            sprites.set(sheet, new Set([...(await answer.text()).matchAll(/<symbol[^>]*\bid="([^"]+)"/g)].map((m) => m[1])));
        }
        if (!sprites.get(sheet).has(id)) blank.push(use);
    }
    return blank;
}
