/* browser.mjs - Chromium for the tests: people with a window of their own, and what every page must keep to.
 *
 *     const browser = await open_browser();
 *     const tab = await browser.tab(app, 'lead', { phone: true, dark: true, lang: 'en', worker: true });   // logged in; null: a visitor; with the service worker
 *     await tab.open('/reports/daily/queue');
 *     tab.page ...                                                                           // Playwright's page
 *     await tab.close();                                     // fails if the console or the content policy had anything to say
 *     await browser.close();
 *     story('a sentence', async () => { ... })               // a test with a time limit
 *     await go(page.getByRole('link', ...));                 // a click that leads to another page, and that page
 *     await comes(() => field.inputValue(), '3');            // what an event brings a moment later; a pattern is matched
 *
 * XIAOGUAN_CHROMIUM is another Chromium than Debian's. XIAOGUAN_SLOW=4 makes pages four times slower, which brings races out. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { chromium } from 'playwright-core';

const axe_source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const ARGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];
export const WIDE = { width: 1440, height: 900 }, PHONE = { width: 390, height: 844 };
const SLOW = Number(process.env.XIAOGUAN_SLOW ?? 1), WAIT_MS = 30000 * SLOW; /* what comes is not waited for longer by that */

/* A test that cannot hang: a page that never answers fails it. */
export const story = (name, tell) => test(name, { timeout: Number(process.env.STORY_MS ?? 600000 * SLOW) }, tell);

/* Waits until `read` gives that, or a text that the pattern fits. Playwright's clicks and taps do not wait for what they bring about: a value
 * read right after one may be the one before. */
export async function comes(read, expected, message) {
    const late = Date.now() + WAIT_MS, fits = (is) => (expected instanceof RegExp ? expected.test(is) : isDeepStrictEqual(is, expected));
    let is = await read();
    while (!fits(is) && Date.now() < late) {
        await new Promise((next) => setTimeout(next, 20));
        is = await read();
    }
    if (expected instanceof RegExp) assert.match(is, expected, message);
    else assert.deepEqual(is, expected, message);
}

/* A click on what leads to another page: a link, a form, a button of a script that goes on. Over when that page is there. */
export const go = (locator) => Promise.all([locator.page().waitForNavigation(), locator.click()]);

/* A short touch, of a place or of an element. Playwright's own waits for the page between the finger's coming and going: on a slow page that
 * is a long press, and no tap. */
export async function touch(page, { x, y }) {
    const tools = await page.context().newCDPSession(page), send = (type, touchPoints) => tools.send('Input.dispatchTouchEvent', { type, touchPoints });
    await Promise.all([send('touchStart', [{ x, y }]), send('touchEnd', [])]);
    await tools.detach();
}
export async function tap(locator) {
    await locator.tap({ trial: true }); /* in sight, at rest, covered by nothing */
    const { x, y, width, height } = await locator.boundingBox();
    await touch(locator.page(), { x: x + width / 2, y: y + height / 2 });
}

/* The cookies of a client, for a browser that goes on with its session: not the message its last post left, which a test would take for the
 * answer to what it does next. */
export const cookies_of = (client) => [...client.cookies].filter(([name]) => name !== 'flash')
    .map(([name, value]) => ({ name, value, url: `https://${client.app.host}/`, secure: name.startsWith('__Host-') }));

/* What a test may cause on purpose: no worker, a refused form, a server that cannot be reached. */
const EXPECTED = [/^Service Worker registration blocked by Playwright/, /status of (401|403|404|409|422) /, /net::ERR_(INTERNET_DISCONNECTED|FAILED|CONNECTION_)/];

async function new_page(context) {
    const page = await context.newPage();
    if (SLOW > 1) await (await context.newCDPSession(page)).send('Emulation.setCPUThrottlingRate', { rate: SLOW });
    return page;
}

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
        const page = await new_page(this.context);
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
                serviceWorkers: options.worker ? 'allow' : 'block', /* now and then page.route and waitForRequest do not see what passes one */
                locale: options.lang === 'en' ? 'en-US' : 'zh-CN', timezoneId: 'Asia/Shanghai', colorScheme: options.dark ? 'dark' : 'light',
                reducedMotion: 'reduce', /* axe must not see a colour half-way to another */
                ...(options.phone ? { viewport: PHONE, isMobile: true, hasTouch: true, deviceScaleFactor: options.scale ?? 2 } : { viewport: WIDE, deviceScaleFactor: options.scale ?? 1 }),
            });
            const client = typeof login === 'string' ? await app.log_in(login, options.password) : login;
            if (client) await context.addCookies(cookies_of(client));
            return new Tab(app, context, await new_page(context));
        },
    };
}

/* ---- what every page must keep to ---- */

/* Axe's serious and critical findings in what the selector names, one line each. */
export async function axe_findings(page, part = 'html') {
    if (!await page.evaluate('!!window.axe')) await page.evaluate(axe_source);
    return page.evaluate(async (within) => {
        const result = await window.axe.run(within, { resultTypes: ['violations'] });
        return result.violations.filter((v) => v.impact === 'serious' || v.impact === 'critical')
            .map((v) => `${v.id}: ${v.nodes.slice(0, 3).map((n) => `${n.html.slice(0, 160)} (${n.any[0]?.message ?? n.all[0]?.message ?? ''})`).join(' | ')}`);
    }, part);
}

/* A new size has reached the page and has been drawn: charts follow their boxes one frame later. */
export async function drawn_anew(page) {
    await page.waitForFunction((width) => matchMedia(`(width: ${width}px)`).matches, page.viewportSize().width);
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
}

/* What sticks out to the right of the window; nothing may, except inside a box that scrolls by itself. */
export const sticking_out = (page) => drawn_anew(page).then(() => page.evaluate(() => {
    const width = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= width && document.body.scrollWidth <= width) return [];
    const out = [...document.body.querySelectorAll('*')].filter((e) => e.getBoundingClientRect().right > width + 1 && e.checkVisibility());
    return [`${document.documentElement.scrollWidth} px instead of ${width}`, ...out.slice(0, 5).map((e) => e.outerHTML.slice(0, 120))];
}));

/* Icons that draw nothing, or whose drawing is not in the sprite. */
const sprites = new Map();
export async function blank_icons(page) {
    const uses = await page.evaluate(() => [...new Set([...document.querySelectorAll('use')].map((u) => new URL(u.getAttribute('href'), location.href).href))]);
    const undrawn = () => [...document.querySelectorAll('use')].filter((u) => u.checkVisibility() && !u.getBBox().width && !u.getBBox().height).map((u) => `draws nothing: ${u.outerHTML}`);
    /* an icon that a swap brings is drawn when its sprite has been looked up */
    const drawn = () => [...document.querySelectorAll('use')].every((u) => !u.checkVisibility() || u.getBBox().width || u.getBBox().height);
    await page.waitForFunction(drawn, null, { timeout: WAIT_MS / 10 }).catch(() => {});
    const blank = await page.evaluate(undrawn);
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
