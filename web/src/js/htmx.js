/* htmx.js - htmx with our rules: no evaluated attributes, errors are said instead of swapped, the CSRF token on every post. */
import htmx from 'htmx.org';
import { policy } from './trusted.js';
import { csrf, text, toast } from './texts.js';

const refuse = function () {
    return { call: () => undefined };
};
htmx.registerExtension('xiaoguan', {
    init: (api) => api.initSecurity(policy, refuse, refuse),
    htmx_config_request: (elt, detail) => {
        const request = detail.ctx.request;
        if (request.method && request.method.toUpperCase() !== 'GET') request.headers['X-CSRF-Token'] = csrf();
    },
});
htmx.config.noSwap = [204, 304, '4xx', '5xx'];
htmx.config.history = 'reload'; /* Back loads the page: a swapped body would lose the listeners of its parts */
htmx.config.defaultSettleDelay = 0; /* settling copies style attributes, which the CSP refuses */

document.addEventListener('htmx:response:error', () => toast(text('failed')));
document.addEventListener('htmx:error', () => toast(text(navigator.onLine ? 'failed' : 'offline')));

htmx.process(document.body); /* htmx begins a moment after the page is there; what is typed before would be searched for by nobody */
