/* save.js - sends the changed cells, each with what it was based on; messages come back beside their cells. */
import { csrf, text, toast } from '../texts.js';
import { plain, read } from './number.js';

const PLACE = 'target-cell';

async function send(form, cells) {
    const { metric, year, tier } = form.dataset;
    const answer = await fetch('/targets/cells', {
        method: 'POST', headers: { 'Content-Type': 'application/json', Accept: 'application/json', 'X-CSRF-Token': csrf() },
        body: JSON.stringify({ metric, year, tier, cells }),
    });
    return { ok: answer.ok, body: await answer.json().catch(() => ({})) };
}

/* What stands there now is what the next save is based on; saving again means the own value. */
function rebase(cells, change, stored) {
    const values = change.row.base.value.split(',');
    values[change.i] = stored;
    change.row.base.value = values.join(',');
    const take = document.createElement('button');
    take.type = 'button';
    take.textContent = cells.form.dataset.take;
    take.addEventListener('click', () => {
        change.input.value = stored;
        cells.settle(change.input);
        change.input.focus();
    });
    change.input.closest('td').querySelector('.cell-error')?.append(' ', take);
}

function show_problem(cells, changes, body) {
    for (const f of body.fields || []) {
        const i = Number(f.field.match(/^cells\[(\d+)\]$/)?.[1] ?? -1);
        if (!changes[i]) continue;
        cells.complain(changes[i].input, f.message);
        const conflict = (body.conflicts || []).find((x) => x.field === f.field);
        if (conflict) rebase(cells, changes[i], conflict.stored_text);
    }
    toast(body.message || text('failed'));
    cells.form.querySelector('[aria-invalid="true"]')?.focus();
}

export function start_saving(cells) {
    const { form } = cells, button = form.querySelector('[data-save]'), state = form.querySelector('[data-target-state]');
    try {
        const at = JSON.parse(sessionStorage.getItem(PLACE) || 'null');
        sessionStorage.removeItem(PLACE);
        if (at && at.path === location.href) form.querySelector(`input[name="${CSS.escape(at.name)}"]`)?.focus();
    } catch (e) {
        /* storage refused: one begins at the top */
    }
    const tell = () => {
        if (state) state.textContent = cells.changes().length ? text('unsaved') : '';
    };
    form.addEventListener('input', tell);
    form.addEventListener('focusout', tell);
    tell();
    form.addEventListener('submit', async (e) => {
        if (!button || (e.submitter && e.submitter !== button)) return;
        e.preventDefault();
        const last = document.activeElement.name || '';
        if (form.contains(document.activeElement)) document.activeElement.blur();
        const changes = cells.changes(), bad = changes.find((x) => read(x.input.value, cells.decimals).error);
        if (bad) {
            cells.settle(bad.input);
            bad.input.focus();
            return;
        }
        button.disabled = true;
        try {
            const value = (s) => plain(read(s, cells.decimals).value, cells.decimals);
            const { ok, body } = await send(form, changes.map(({ row, i, input }) => ({ scope: row.key, month: i === 12 ? 'floor' : i + 1, value: value(input.value), base: value(row.base.value.split(',')[i]) })));
            if (!ok) return show_problem(cells, changes, body);
            try {
                sessionStorage.setItem(PLACE, JSON.stringify({ path: location.href, name: last }));
            } catch (err) {
                /* storage refused */
            }
            location.replace(form.querySelector('[name="back"]').value);
        } catch (err) {
            toast(text(navigator.onLine ? 'failed' : 'offline'));
        } finally {
            button.disabled = false;
        }
        return undefined;
    });
}
