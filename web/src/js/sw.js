/* sw.js - service worker: assets from the cache, pages from the network; without network the daily report form still opens.
 * SHELL and VERSION are put in by build.mjs. Reports themselves are queued by the page (queue.js), which holds the CSRF token. */
const ASSETS = `assets-${VERSION}`, PAGES = 'pages';

self.addEventListener('install', (e) => {
    e.waitUntil(caches.open(ASSETS).then((c) => c.addAll(SHELL)).then(() => self.skipWaiting()));
});
self.addEventListener('activate', (e) => {
    e.waitUntil((async () => {
        for (const k of await caches.keys()) if (k.startsWith('assets-') && k !== ASSETS) await caches.delete(k);
        await self.clients.claim();
    })());
});
/* One message after the other: a late "forget" must not take what a later "keep" puts. */
let chain = Promise.resolve();
self.addEventListener('message', (e) => {
    const work = e.data?.type === 'forget' ? () => forget() : e.data?.type === 'keep' ? () => keep(e.data.url) : null;
    if (!work) return;
    chain = chain.then(work).catch(() => {});
    e.waitUntil(chain);
});

async function forget(but) {
    const pages = await caches.open(PAGES);
    for (const k of await pages.keys()) if (k.url !== but) await pages.delete(k);
}
async function keep(url) {
    const answer = await fetch(url, { credentials: 'same-origin', headers: { Accept: 'text/html' } });
    if (!answer.ok || answer.redirected) return;
    const pages = await caches.open(PAGES);
    await pages.put(url, answer);
    await forget(url); /* one form: the newest */
}

async function page(request) {
    try {
        return await fetch(request);
    } catch (e) {
        const pages = await caches.open(PAGES);
        const same = await pages.match(request, { ignoreVary: true });
        if (same) return same;
        const [kept] = await pages.keys();
        const here = new URL(request.url).pathname;
        /* the start page without network means: the report */
        if (kept && (here === '/' || here === new URL(kept.url).pathname)) return pages.match(kept, { ignoreVary: true });
        return new Response(offline(kept && kept.url), {
            status: 503,
            headers: { 'Content-Type': 'text/html; charset=utf-8', 'Content-Security-Policy': "default-src 'none'; style-src 'self'" },
        });
    }
}
const escape = (s) => s.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);
function offline(kept) {
    const css = SHELL.find((f) => /\/app\.[^/]*css$/.test(f));
    const link = kept ? `<p><a class="btn btn-primary" href="${escape(kept)}">填写日报</a></p>` : '';
    return `<!doctype html><html lang="zh-CN"><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>没有网络 · 销冠</title><link rel="stylesheet" href="${css}"><body class="visitor"><main><h1>没有网络</h1>
<p class="lead">联网后刷新本页。未提交的内容已保存在本机。</p>${link}</main></body></html>`;
}

self.addEventListener('fetch', (e) => {
    const { request } = e, url = new URL(request.url);
    if (request.method !== 'GET' || url.origin !== location.origin) return;
    if (request.mode === 'navigate') e.respondWith(page(request));
    else if (url.pathname.startsWith('/assets/')) {
        e.respondWith(caches.match(request, { ignoreVary: true }).then((hit) => hit || fetch(request)));
    }
});
