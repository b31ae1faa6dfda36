/* dialogs.js - "are you sure" and "why": a form with data-confirm, a button with data-dialog. Without script both still post. */
let pending = null;

document.addEventListener('click', (e) => {
    const opener = e.target.closest?.('[data-dialog]');
    if (opener) {
        e.preventDefault();
        const dialog = document.getElementById(opener.dataset.dialog);
        if (!dialog) return;
        /* one dialog serves many buttons: the form goes where the opener says */
        const form = dialog.querySelector('form');
        if (opener.dataset.action) form.action = opener.dataset.action;
        Object.entries(opener.dataset).forEach(([k, v]) => {
            if (k.startsWith('fill')) dialog.querySelectorAll(`[data-slot="${k.slice(4).toLowerCase()}"]`).forEach((s) => fill(s, v));
        });
        dialog.showModal();
        return;
    }
    const closer = e.target.closest?.('[data-close]');
    if (closer) {
        e.preventDefault();
        closer.closest('dialog').close();
        return;
    }
    if (e.target.nodeName === 'DIALOG' && e.target.open) e.target.close(); /* the backdrop */
});

function fill(slot, value) {
    if ('value' in slot && slot.nodeName !== 'LI') slot.value = value;
    else slot.textContent = value;
}

document.addEventListener('submit', (e) => {
    const form = e.target;
    const question = e.submitter?.dataset.confirm || form.dataset.confirm;
    if (!question || form.dataset.confirmed) {
        delete form.dataset.confirmed;
        return;
    }
    const dialog = document.getElementById('confirm');
    if (!dialog) return;
    e.preventDefault();
    e.stopPropagation();
    pending = { form, submitter: e.submitter };
    dialog.querySelector('[data-question]').textContent = question;
    dialog.returnValue = '';
    dialog.showModal();
}, true);

document.getElementById('confirm')?.addEventListener('close', (e) => {
    if (e.target.returnValue === 'yes' && pending) {
        pending.form.dataset.confirmed = '1';
        pending.form.requestSubmit(pending.submitter || undefined);
    }
    pending = null;
});

/* A second click on a slow button must not post twice. */
document.addEventListener('submit', (e) => {
    if (e.defaultPrevented || e.target.method !== 'post') return;
    if (e.target.dataset.sent) {
        e.preventDefault();
        return;
    }
    e.target.dataset.sent = '1';
    e.submitter?.setAttribute('aria-busy', 'true');
});
window.addEventListener('pageshow', () => {
    document.querySelectorAll('form[data-sent]').forEach((f) => delete f.dataset.sent);
    document.querySelectorAll('[aria-busy="true"]').forEach((b) => b.removeAttribute('aria-busy'));
});
