/* texts.js - the few words scripts say; layout.html holds them translated, [1] is filled here. */
export function text(name, arg) {
    const t = document.getElementById('texts')?.dataset[name] || '';
    return arg === undefined ? t : t.replace('[1]', arg);
}

export function toast(message) {
    const box = document.getElementById('toasts');
    if (!box || !message) return;
    const el = document.createElement('div');
    el.className = 'toast';
    el.textContent = message;
    box.append(el);
    setTimeout(() => el.remove(), 5000);
}

/* What the next page says: this one is about to be left. */
export function say_next(message) {
    try {
        sessionStorage.setItem('say', message);
    } catch (e) {
        /* storage refused: the page shows the state anyway */
    }
}
try {
    toast(sessionStorage.getItem('say'));
    sessionStorage.removeItem('say');
} catch (e) {
    /* storage refused */
}

export const csrf = () => document.querySelector('meta[name="csrf"]')?.content || '';
