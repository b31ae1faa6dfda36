/* worker.js - registers the service worker and tells it which page must open without network. */
import { policy } from './trusted.js';

function tell(sw) {
    if (!document.body.dataset.user) sw.postMessage({ type: 'forget' }); /* signed out: keep nobody's pages */
    else if (document.querySelector('[data-report]')) sw.postMessage({ type: 'keep', url: location.href });
}

async function start() {
    if (!('serviceWorker' in navigator) || !window.isSecureContext) return;
    const running = navigator.serviceWorker.controller;
    if (running) tell(running); /* registering again may take seconds, and the network may be gone by then */
    await navigator.serviceWorker.register(policy.createScriptURL('/sw.js'), { scope: '/' });
    if (!running) tell((await navigator.serviceWorker.ready).active);
}
start().catch(() => {}); /* refused in some webviews: then there is no offline page, and all else works */
