/* trusted.js - the only Trusted Types policy. htmx parses our own server's pages through it; nothing may make script from text, and a
 * script may come from three addresses only. CHARTS and GRID are put in by build.mjs. */
const refuse = () => {
    throw new TypeError('no script from text');
};
const rules = {
    createHTML: (s) => s,
    createScript: refuse,
    createScriptURL: (s) => (s === '/sw.js' || s === CHARTS || s === GRID ? s : refuse()),
};
export const policy = window.trustedTypes ? window.trustedTypes.createPolicy('htmx', rules) : rules;
