/* shell.js - the frame: theme toggle, drawer, menus that close, "/" for search, popovers for old webviews. */
import { text, toast } from './texts.js';

const on = (type, selector, fn) =>
    document.addEventListener(type, (e) => {
        const el = e.target.closest?.(selector);
        if (el) fn(e, el);
    });

on('click', '[data-theme-toggle]', () => {
    const root = document.documentElement;
    const next = root.dataset.theme === 'dark' ? 'light' : 'dark';
    const system = matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
    root.dataset.theme = next;
    try {
        if (next === system) localStorage.removeItem('theme');
        else localStorage.setItem('theme', next);
    } catch (e) {
        /* storage refused: the choice lasts as long as the page */
    }
});

function drawer(open) {
    const nav = document.getElementById('nav');
    if (!nav) return;
    nav.classList.toggle('open', open);
    document.querySelectorAll('[data-drawer]').forEach((b) => b.setAttribute('aria-expanded', String(open)));
    if (open) nav.querySelector('a')?.focus();
    else if (nav.contains(document.activeElement)) document.querySelector('[data-drawer]')?.focus();
}
on('click', '[data-drawer]', (e) => {
    e.preventDefault();
    drawer(!document.getElementById('nav').classList.contains('open'));
});
on('click', '[data-drawer-close]', (e) => {
    e.preventDefault();
    drawer(false);
});

document.addEventListener('click', (e) => {
    document.querySelectorAll('details.menu[open]').forEach((d) => {
        if (!d.contains(e.target)) d.open = false;
    });
});
document.addEventListener('keydown', (e) => {
    if (e.key === 'Escape') {
        drawer(false);
        const menu = e.target.closest?.('details.menu[open]') || document.querySelector('details.menu[open]');
        if (menu) {
            menu.open = false;
            menu.querySelector('summary').focus();
        }
    }
    const typing = e.target.closest?.('input, textarea, select, [contenteditable]');
    if (e.key === '/' && !typing && !e.ctrlKey && !e.metaKey && !e.altKey) {
        const search = document.querySelector('input[type="search"]');
        if (search && search.offsetParent) {
            e.preventDefault();
            search.focus();
            search.select();
        }
    }
});

if (document.documentElement.classList.contains('no-popover')) {
    on('click', '[popovertarget]', (e, b) => {
        e.preventDefault();
        document.getElementById(b.getAttribute('popovertarget'))?.classList.toggle('open');
    });
}

/* Exact value behind a shortened one (12.35万): a click copies it. */
on('click', '[data-copy]', (e, el) => {
    navigator.clipboard?.writeText(el.dataset.copy).then(() => toast(text('copied')), () => {});
});

on('click', '[data-print]', () => window.print());
on('change', '[data-autosubmit]', (e, el) => el.form.requestSubmit());
on('click', '[data-hide]', (e, el) => el.closest('.notice')?.remove());
