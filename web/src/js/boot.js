/* boot.js - runs before the first paint: the remembered theme, and a mark that scripts run. */
const root = document.documentElement;
const dark = matchMedia('(prefers-color-scheme: dark)');

function remembered() {
    try {
        return localStorage.getItem('theme');
    } catch (e) {
        return null; /* storage refused: follow the system */
    }
}
function apply() {
    root.dataset.theme = remembered() || (dark.matches ? 'dark' : 'light');
}
root.classList.add('js');
if (!('popover' in root)) root.classList.add('no-popover');
apply();
if (dark.addEventListener) dark.addEventListener('change', apply);

export {};
