/* worker.js - registers the service worker and tells it which page must open without network. */
import { policy } from './trusted.js';

async function start() {
    if (!('serviceWorker' in navigator) || !window.isSecureContext) return;
    await navigator.serviceWorker.register(policy.createScriptURL('/sw.js'), { scope: '/' });
    const sw = (await navigator.serviceWorker.ready).active;
    if (!document.body.dataset.user) sw.postMessage({ type: 'forget' }); /* signed out: keep nobody's pages */
    else if (document.querySelector('[data-report]')) sw.postMessage({ type: 'keep', url: location.href });
}
start().catch(() => {}); /* refused in some webviews: then there is no offline page, and all else works */
