/* form.js - what forms need besides HTML: messages beside fields, drop zone, leave warning. */
import { text } from './texts.js';

const css = (s) => (window.CSS && CSS.escape ? CSS.escape(s) : s);

/* Puts problem+json field messages beside their fields; returns those that have no field on the page. */
export function show_errors(form, fields) {
    clear_errors(form);
    const rest = [];
    for (const f of fields || []) {
        const input = form.querySelector(`[name="${css(f.name || f.field || '')}"]`);
        const message = f.message || f.text || '';
        if (!input) {
            rest.push(message);
            continue;
        }
        const id = `${input.id || input.name}-error`;
        let p = document.getElementById(id);
        if (!p) {
            p = document.createElement('p');
            p.id = id;
            p.className = 'error-text';
            (input.closest('.item, .field') || input.parentElement).append(p);
        }
        p.textContent = message;
        p.hidden = false;
        input.setAttribute('aria-invalid', 'true');
        input.setAttribute('aria-describedby', id);
        input.closest('.stepper')?.classList.add('invalid');
    }
    form.querySelector('[aria-invalid="true"]')?.focus();
    return rest;
}

export function clear_errors(form) {
    form.querySelectorAll('[aria-invalid="true"]').forEach((i) => {
        i.removeAttribute('aria-invalid');
        i.closest('.stepper')?.classList.remove('invalid');
    });
    form.querySelectorAll('.error-text, .field .error').forEach((p) => {
        p.hidden = true;
    });
}

/* First bad field gets the focus after the server sent the form back. */
document.querySelector('main [aria-invalid="true"]')?.focus();

document.addEventListener('dragover', (e) => {
    const zone = e.target.closest?.('.drop');
    if (zone) {
        e.preventDefault();
        zone.classList.add('over');
    }
});
document.addEventListener('dragleave', (e) => e.target.closest?.('.drop')?.classList.remove('over'));
document.addEventListener('drop', (e) => {
    const zone = e.target.closest?.('.drop');
    if (!zone) return;
    e.preventDefault();
    zone.classList.remove('over');
    const input = zone.querySelector('input[type="file"]');
    input.files = e.dataTransfer.files;
    input.dispatchEvent(new Event('change', { bubbles: true }));
});

/* Money is shown with separators and sent without them. */
document.addEventListener('focusin', (e) => {
    const i = e.target;
    if (!i.matches?.('[data-money]') || !/[,，\s]/.test(i.value)) return;
    i.value = i.value.replace(/[,，\s]/g, '');
    i.select(); /* the change undid the selection that Tab makes */
});
document.addEventListener('focusout', (e) => {
    const i = e.target;
    if (!i.matches?.('[data-money]') || !/^-?\d+(\.\d+)?$/.test(i.value)) return;
    const [whole, part] = i.value.split('.');
    i.value = whole.replace(/\B(?=(\d{3})+$)/g, ',') + (part === undefined ? '' : `.${part}`);
});

/* Unsaved changes: only forms that ask for it. */
let dirty = false;
document.addEventListener('input', (e) => {
    if (e.target.form?.matches('[data-guard]')) dirty = true;
});
document.addEventListener('submit', () => (dirty = false));
window.addEventListener('beforeunload', (e) => {
    if (dirty) {
        e.preventDefault();
        e.returnValue = text('unsaved');
    }
});
