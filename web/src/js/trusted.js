/* trusted.js - the only Trusted Types policy. htmx parses our own server's pages through it; nothing may make script. */
const refuse = () => {
    throw new TypeError('no script from text');
};
const rules = {
    createHTML: (s) => s,
    createScript: refuse,
    createScriptURL: (s) => (s === '/sw.js' ? s : refuse()),
};
export const policy = window.trustedTypes ? window.trustedTypes.createPolicy('htmx', rules) : rules;
