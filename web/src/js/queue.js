/* queue.js - what was written but could not be sent: drafts and a queue in IndexedDB, each report sent once by its client_key.
 *
 * draft: the newest state of an open form, by owner and key. queue: submitted without network. sent: keys the server has accepted, so
 * that an old cached page cannot send the same report again. */
const NAME = 'xiaoguan', VERSION = 1;

let opening = null;
function open() {
    opening = opening || new Promise((resolve, reject) => {
        const r = indexedDB.open(NAME, VERSION);
        r.onupgradeneeded = () => ['draft', 'queue', 'sent'].forEach((s) => r.result.createObjectStore(s, { keyPath: 'key' }));
        r.onsuccess = () => resolve(r.result);
        r.onerror = () => reject(r.error);
    });
    return opening;
}
async function run(store, mode, fn) {
    const db = await open();
    return new Promise((resolve, reject) => {
        const tx = db.transaction(store, mode);
        const r = fn(tx.objectStore(store));
        tx.oncomplete = () => resolve(r.result);
        tx.onabort = tx.onerror = () => reject(tx.error);
    });
}
export const put = (store, item) => run(store, 'readwrite', (s) => s.put(item));
export const get = (store, key) => run(store, 'readonly', (s) => s.get(key));
export const remove = (store, key) => run(store, 'readwrite', (s) => s.delete(key));
export const all = (store) => run(store, 'readonly', (s) => s.getAll());

export const owner = () => document.body.dataset.user || '';

/* The entries of a form as plain values and Blobs, which IndexedDB can keep. */
export function entries_of(form, submitter) {
    const data = new FormData(form);
    if (submitter?.name) data.set(submitter.name, submitter.value);
    const list = [];
    for (const [name, value] of data.entries()) {
        if (name === '_csrf') continue; /* the token of the moment of sending */
        if (value instanceof File && value.size === 0) continue;
        list.push([name, value]);
    }
    return list;
}

/* Sends one report. Returns { state: "sent" | "offline" | "login" | "invalid" | "conflict", body }. */
export async function send(item, csrf) {
    const data = new FormData();
    data.append('_csrf', csrf);
    for (const [name, value] of item.entries) {
        if (value instanceof Blob) data.append(name, value, value.name || `${name}.jpg`);
        else data.append(name, value);
    }
    let answer;
    try {
        answer = await fetch(item.url, {
            method: 'POST', body: data, credentials: 'same-origin', redirect: 'manual',
            headers: { Accept: 'application/json', 'X-CSRF-Token': csrf, 'Idempotency-Key': item.key },
        });
    } catch (e) {
        return { state: 'offline' };
    }
    if (answer.type === 'opaqueredirect') return { state: 'login' };
    const body = await answer.json().catch(() => ({}));
    if (answer.ok) return { state: 'sent', body };
    if (answer.status === 401 || answer.status === 403) return { state: 'login', body };
    if (answer.status === 409) return { state: 'conflict', body };
    if (answer.status >= 400 && answer.status < 500 && answer.status !== 408 && answer.status !== 429) return { state: 'invalid', body };
    return { state: 'offline', body }; /* the server is ill or busy: later */
}

let in_line = false; /* a turn that has not begun yet will find whatever comes to wait meanwhile */

/* Sends everything that waits; one tab at a time, each in its turn: who comes second finds what the first has sent. tell(item, result)
 * is called for each. */
export async function flush(csrf, tell) {
    const work = async () => {
        in_line = false;
        const items = (await all('queue')).filter((i) => i.owner === owner()).sort((a, b) => a.at - b.at);
        for (const item of items) {
            const result = await send(item, csrf());
            if (result.state === 'sent') {
                await put('sent', { key: item.key, at: Date.now() });
                await remove('queue', item.key);
                await remove('draft', item.key);
            } else if (result.state === 'invalid' || result.state === 'conflict') {
                await put('draft', { ...item, problem: result.body });
                await remove('queue', item.key);
            }
            tell(item, result);
            if (result.state === 'offline' || result.state === 'login') break;
        }
        const old = Date.now() - 30 * 86400000;
        for (const s of await all('sent')) if (s.at < old) await remove('sent', s.key);
    };
    if (in_line) return undefined;
    in_line = true;
    try {
        return await (navigator.locks ? navigator.locks.request('xiaoguan-queue', work) : work());
    } catch (e) {
        in_line = false;
        throw e;
    }
}
