/* ref.js - picker for people, units, customers: a text field that asks the server while typing (names, pinyin, numbers). */
let serial = 0;

function attach(box) {
    if (box.dataset.ready) return;
    box.dataset.ready = '1';
    const input = box.querySelector('[role="combobox"]');
    const hidden = box.querySelector('input[type="hidden"]');
    const list = document.createElement('ul');
    list.className = 'ref-list';
    list.id = `ref-${++serial}`;
    list.hidden = true;
    list.tabIndex = -1; /* a long list scrolls, and what scrolls would be a stop of Tab */
    list.setAttribute('role', 'listbox');
    list.setAttribute('aria-label', input.getAttribute('aria-label') || input.labels?.[0]?.textContent.trim() || '');
    box.append(list);
    input.setAttribute('aria-controls', list.id);

    let items = [], at = -1, timer = 0, asked = 0, chosen = input.value;
    let waiting = false, hurry = false; /* what is listed does not answer what is typed yet; Enter was pressed meanwhile */

    function close() {
        list.hidden = true;
        input.setAttribute('aria-expanded', 'false');
        input.removeAttribute('aria-activedescendant');
        at = -1;
    }
    function mark(i) {
        at = i;
        [...list.children].forEach((li, k) => {
            li.setAttribute('aria-selected', String(k === i));
            if (k === i) {
                input.setAttribute('aria-activedescendant', li.id);
                li.scrollIntoView({ block: 'nearest' });
            }
        });
    }
    /* An answer that is still under way would open the list again, or be taken for the one Enter waits for. */
    function forget() {
        clearTimeout(timer);
        asked++;
        waiting = hurry = false;
    }
    function choose(i) {
        const item = items[i];
        if (!item) return;
        forget();
        hidden.value = item.id;
        input.value = chosen = item.title;
        close();
        hidden.dispatchEvent(new Event('change', { bubbles: true }));
    }
    function show() {
        waiting = false;
        list.replaceChildren(...items.map((item, i) => {
            const li = document.createElement('li');
            li.id = `${list.id}-${i}`;
            li.setAttribute('role', 'option');
            li.setAttribute('aria-selected', 'false');
            li.textContent = item.title;
            li.addEventListener('mousedown', (e) => {
                e.preventDefault();
                choose(i);
            });
            return li;
        }));
        if (!items.length) {
            const li = document.createElement('li');
            li.className = 'none';
            li.setAttribute('role', 'option');
            li.setAttribute('aria-disabled', 'true');
            li.textContent = box.dataset.nothing || '';
            list.append(li);
        }
        list.hidden = false;
        input.setAttribute('aria-expanded', 'true');
        at = -1;
        if (hurry && items.length) choose(0);
        hurry = false;
    }
    async function ask() {
        const mine = ++asked;
        const url = new URL(box.dataset.search, location.href);
        url.searchParams.set('q', input.value === chosen ? '' : input.value.trim());
        try {
            const answer = await fetch(url, { headers: { Accept: 'application/json' } });
            const data = answer.ok ? await answer.json() : { items: [] };
            if (mine !== asked) return; /* a later question was asked */
            items = data.items || [];
            show();
        } catch (e) {
            waiting = hurry = false;
            close();
        }
    }
    input.addEventListener('input', () => {
        if (input.value === '' && hidden.value) {
            hidden.value = chosen = '';
            hidden.dispatchEvent(new Event('change', { bubbles: true }));
        }
        forget(); /* an answer to what was there before is none to what is typed now */
        waiting = true;
        timer = setTimeout(ask, 150);
    });
    input.addEventListener('focus', () => {
        input.select();
        ask();
    });
    input.addEventListener('keydown', (e) => {
        if (e.isComposing) return; /* the input method is at work */
        if (waiting && (e.key === 'ArrowDown' || e.key === 'Enter')) {
            e.preventDefault();
            hurry = e.key === 'Enter';
        } else if (e.key === 'ArrowDown' || e.key === 'ArrowUp') {
            e.preventDefault();
            if (list.hidden) ask();
            else if (items.length) mark((at + (e.key === 'ArrowDown' ? 1 : -1) + items.length) % items.length);
        } else if (e.key === 'Enter' && !list.hidden && items.length) {
            e.preventDefault();
            choose(Math.max(at, 0));
        } else if (e.key === 'Escape') {
            close();
        }
    });
    input.addEventListener('blur', () => {
        forget();
        close();
        if (input.value !== chosen) input.value = chosen; /* free text is no choice */
    });
}

export function init() {
    document.querySelectorAll('.ref[data-search]').forEach(attach);
}
document.addEventListener('htmx:after:swap', init);
init();
