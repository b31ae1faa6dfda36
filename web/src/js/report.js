/* report.js - the daily report form: steppers, fields that appear, autosaved draft, sending with and without network. */
import { all, entries_of, flush, get, owner, put, remove, send } from './queue.js';
import { attach as attach_photos } from './photos.js';
import { show_errors } from './form.js';
import { csrf, say_next, text, toast } from './texts.js';

const PATIENT_MS = 5000;
const number = (s) => Number(String(s).replace(/[,，\s]/g, '')) || 0;

function step(button) {
    const input = button.parentElement.querySelector('input');
    const by = Number(button.dataset.step);
    const max = input.dataset.max === '' ? Infinity : Number(input.dataset.max);
    const next = Math.min(Math.max(0, number(input.value) + by), max);
    input.value = String(Math.round(next * 100) / 100);
    input.dispatchEvent(new Event('input', { bubbles: true }));
}

/* Sections with data-when="item another_item" are there only while those numbers are above zero. */
function show_sections(form) {
    form.querySelectorAll('[data-when]').forEach((section) => {
        const inputs = section.dataset.when.split(' ').map((name) => name && form.querySelector(`input[data-item="${CSS.escape(name)}"]`));
        const n = inputs.reduce((sum, i) => sum + (i ? number(i.value) : 0), 0);
        const filled = section.querySelector('textarea, input')?.value.trim();
        section.hidden = n <= 0 && !filled;
        const counter = section.querySelector('[data-counter]');
        if (counter) {
            const lines = section.querySelector('textarea').value.split('\n').filter((l) => l.trim()).length;
            counter.textContent = `${lines}/${n}`;
            counter.classList.toggle('short', lines < n);
        }
    });
}

/* What was typed while the draft was being looked up stays as typed. */
function restore(form, entries, photos, typed) {
    const files = [];
    for (const [name, value] of entries) {
        if (value instanceof Blob) {
            files.push(value instanceof File ? value : new File([value], 'photo.jpg', { type: value.type }));
            continue;
        }
        if (typed.has(name)) continue;
        const input = form.querySelector(`[name="${CSS.escape(name)}"]:not([type="hidden"], button)`);
        if (input) input.value = value;
    }
    if (files.length && photos) photos.restore(files);
}

function banner(form, message, kind) {
    const el = form.querySelector('[data-banner]');
    el.hidden = !message;
    el.className = `notice notice-${kind || 'info'}`;
    el.querySelector('[data-banner-text]').textContent = message || '';
}

function start(form) {
    const hidden = form.querySelector('[name="client_key"]');
    /* whose report it is: a lead may correct two people's reports of one day */
    const day = form.dataset.day, person = form.dataset.person, version = form.querySelector('[name="version"]')?.value || '';
    let key = hidden.value;
    const url = form.getAttribute('action') || location.pathname;
    const saved = form.querySelector('[data-saved]');
    const typed = new Set();
    let timer = 0, recalled = false, plain = false;

    let recalling = null;
    const save_draft = async () => {
        await recalling; /* else what was typed first would take the place of the draft before anybody has read it */
        try {
            await put('draft', { key, owner: owner(), url, day, person, version, at: Date.now(), entries: entries_of(form) });
            if (saved) saved.textContent = text('draftSaved');
        } catch (e) {
            /* private window or full disk: the form still works while it is open */
        }
    };
    const changed = () => {
        show_sections(form);
        clearTimeout(timer);
        timer = setTimeout(save_draft, 400);
    };
    const box = form.querySelector('[data-photos]');
    const photos = box && attach_photos(box, changed);

    form.addEventListener('click', (e) => {
        const b = e.target.closest('[data-step]');
        if (b) step(b);
    });
    form.addEventListener('input', (e) => {
        typed.add(e.target.name);
        changed();
    });
    show_sections(form);

    const recall = async () => {
        /* the cached page of a day may carry another key than the page that was written on: the day decides */
        const same = (d) => d.owner === owner() && (d.key === key || (d.day === day && (d.person || '') === person));
        const queued = (await all('queue')).find(same);
        const draft = (await all('draft')).filter(same).sort((a, b) => b.at - a.at).find((d) => d.problem || d.version === version);
        const sent = await get('sent', key), mine = queued || draft;
        if (queued) hidden.value = form.dataset.waits = key = queued.key;
        if (queued) banner(form, text('queued'), 'warning');
        else if (sent && !form.dataset.edited) banner(form, text('alreadySent'), 'success');
        if (mine && !form.querySelector('[aria-invalid="true"]')) {
            restore(form, mine.entries, photos, typed);
            show_sections(form);
            if (mine.problem) report_problem(form, mine.problem);
            else if (!queued) banner(form, text('draftRestored'), 'info');
        }
    };
    recalling = recall().catch(() => {}).then(() => { /* no IndexedDB here: the page works without drafts */
        recalled = true;
    });

    form.addEventListener('submit', async (e) => {
        if (plain) return;
        e.preventDefault();
        const busy = form.querySelectorAll('button[type="submit"]');
        busy.forEach((b) => (b.disabled = true));
        /* a hand may be quicker than a slow phone's store and its pictures */
        await Promise.race([recalling, new Promise((done) => setTimeout(done, PATIENT_MS))]);
        await photos?.ready();
        if (!recalled) { /* a store that never answers (iOS 14): the browser posts the form, as it does without script */
            plain = true;
            busy.forEach((b) => (b.disabled = false));
            form.requestSubmit(e.submitter);
            return;
        }
        const only_draft = e.submitter?.value === 'draft';
        const item = { key, owner: owner(), url, at: Date.now(), day, person, version, entries: entries_of(form, e.submitter) };
        /* saving a draft must not use up the key of the submission */
        const result = await send(only_draft ? { ...item, key: `${key}-draft-${item.at}` } : item, csrf());
        busy.forEach((b) => (b.disabled = false));
        clearTimeout(timer);
        if (result.state === 'sent') {
            if (!only_draft) await put('sent', { key, at: Date.now() }).catch(() => {});
            await Promise.all([remove('queue', key), remove('draft', key)]).catch(() => {});
            say_next(text(only_draft ? 'saved' : 'submitted'));
            location.assign((only_draft || person) && result.body.id ? `/reports/daily/${result.body.id}` : form.dataset.next);
        } else if (only_draft && result.state === 'offline') {
            await save_draft();
            banner(form, text('draftSaved'), 'warning');
        } else if (result.state === 'offline' || result.state === 'login') {
            try {
                await put('queue', item);
                form.dataset.waits = key;
                banner(form, text(result.state === 'login' ? 'queuedLogin' : 'queued'), 'warning');
                form.querySelector('[data-banner]').scrollIntoView({ block: 'nearest' });
            } catch (err) {
                banner(form, text('failed'), 'danger');
            }
        } else {
            report_problem(form, result.body);
        }
    });
}

function report_problem(form, body) {
    const rest = show_errors(form, body.fields);
    banner(form, [body.message || body.detail || body.title || text('failed'), ...rest].join(' '), 'danger');
}

/* Another tab may have been quicker to send what this form waits with. */
async function settle() {
    const form = document.querySelector('[data-report][data-waits]');
    if (form && (await get('sent', form.dataset.waits))) location.assign(form.dataset.next);
}

async function flush_now() {
    if (!navigator.onLine || !owner()) return;
    try {
        await flush(csrf, (item, result) => {
            const day = item.day || '';
            if (result.state === 'sent') toast(text('queueSent', day));
            if (result.state === 'invalid' || result.state === 'conflict') toast(text('queueRefused', day));
            if (result.state === 'login') toast(text('queuedLogin'));
            const form = document.querySelector('[data-report]');
            if (form && form.querySelector('[name="client_key"]').value === item.key) {
                if (result.state === 'sent') location.assign(form.dataset.next);
                else if (result.body) report_problem(form, result.body);
            }
        });
        await settle();
        const waiting = (await all('queue')).filter((i) => i.owner === owner()).length;
        document.querySelectorAll('[data-waiting]').forEach((el) => {
            el.hidden = waiting === 0;
        });
    } catch (e) {
        /* no IndexedDB here */
    }
}

document.querySelectorAll('[data-report]').forEach(start);
window.addEventListener('online', flush_now);
setInterval(flush_now, 60000);
flush_now();
