/* list.js - choosing rows for a bulk action, and filters that apply as they change. */
function update(list) {
    const boxes = [...list.querySelectorAll('[data-row]')];
    const chosen = boxes.filter((b) => b.checked).length;
    const all = list.querySelector('[data-all]');
    if (all) {
        all.checked = chosen > 0 && chosen === boxes.length;
        all.indeterminate = chosen > 0 && chosen < boxes.length;
    }
    list.querySelectorAll('[data-bulk]').forEach((b) => {
        b.hidden = chosen === 0;
    });
    list.querySelectorAll('[data-chosen]').forEach((n) => {
        n.textContent = String(chosen);
    });
}

document.addEventListener('change', (e) => {
    const list = e.target.closest?.('[data-select]');
    if (list && e.target.matches('[data-all]')) list.querySelectorAll('[data-row]').forEach((b) => (b.checked = e.target.checked));
    if (list && e.target.matches('[data-all], [data-row]')) update(list);
});
document.addEventListener('click', (e) => {
    const none = e.target.closest?.('[data-none]');
    if (!none) return;
    const list = none.closest('[data-select]');
    list.querySelectorAll('[data-row], [data-all]').forEach((b) => (b.checked = false));
    update(list);
});

/* Empty filters stay out of the address, so that a copied link is short; the order and the page size stay in it. */
document.addEventListener('formdata', (e) => {
    if (!e.target.matches?.('[data-filters]')) return;
    for (const [k, v] of [...e.formData.entries()]) if (v === '') e.formData.delete(k);
    const now = new URL(location.href).searchParams;
    for (const k of ['sort', 'per_page']) if (now.get(k)) e.formData.set(k, now.get(k));
});

/* Leaving a text field fires "change" once more: by then it has been searched for, and a click on a heading may be under way. */
document.addEventListener('change', (e) => {
    if (e.target.closest?.('[data-filters]') && e.target.matches('[type="search"], [role="combobox"]')) e.stopPropagation();
}, true);

export function init() {
    document.querySelectorAll('[data-select]').forEach(update);
}
document.addEventListener('htmx:after:swap', init);
init();
