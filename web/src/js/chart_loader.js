/* chart_loader.js - fetches charts.js once a page holds a chart; its tables are readable before and without it.
 * CHARTS is put in by build.mjs: the address with its hash. */
import { policy } from './trusted.js';

let asked = false;

function look() {
    if (asked || !document.querySelector('[data-chart]')) return;
    asked = true;
    const script = document.createElement('script');
    script.nonce = document.querySelector('script[nonce]').nonce;
    script.src = policy.createScriptURL(CHARTS);
    script.onerror = () => {
        asked = false; /* no network just now: the next swap asks again */
    };
    document.head.append(script);
}
document.addEventListener('htmx:after:swap', look);
look();
