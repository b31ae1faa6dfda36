/* cells.js - the table as rows of numbers: what stands in each cell, what was changed, and quarters, the year, sum and rest, which follow. */
import { grouped, read, split } from './number.js';

export const MONTHS = 12, FLOOR = 12;

export class Cells {
    constructor(form) {
        this.form = form;
        this.decimals = Number(form.dataset.decimals);
        this.summed = form.dataset.summed === 'true';
        this.rows = [...form.querySelectorAll('tbody tr')].map((tr) => this.row_of(tr));
        this.feet = Object.fromEntries([...form.querySelectorAll('tfoot tr')].map((tr) => [tr.dataset.foot, this.periods_of(tr)]));
        this.rows.forEach((row) => this.add_parts(row));
        this.recompute();
    }

    periods_of(tr) { return Object.fromEntries([...tr.querySelectorAll('[data-period]')].map((td) => [td.dataset.period, td])); }

    row_of(tr) {
        const base = tr.querySelector('input[name^="base."]');
        const row = { tr, key: tr.dataset.key, own: 'own' in tr.dataset, inherited: tr.classList.contains('inherited'), periods: this.periods_of(tr), base, inputs: [], fixed: [] };
        for (let i = 0; i <= MONTHS; i++) row.inputs.push(tr.querySelector(`input[data-place="${i}"]`));
        for (let i = 0; i < MONTHS; i++) row.fixed.push(row.inputs[i] || row.inherited ? null : this.shown(row.periods[i + 1]));
        return row;
    }
    shown(td) { return read(td.querySelector('.val')?.textContent || '', this.decimals).value ?? null; }

    /* Quarters and the year of rows that can be changed are typed into as well; they have no name, so they are not sent. */
    add_parts(row) {
        row.parts = {};
        if (!row.inputs.slice(0, MONTHS).some(Boolean)) return;
        for (const name of ['q1', 'q2', 'q3', 'q4', 'year']) {
            const td = row.periods[name], input = document.createElement('input');
            if (!this.months_of(name).some((i) => row.inputs[i])) continue;
            Object.assign(input, { type: 'text', inputMode: 'decimal', autocomplete: 'off' });
            input.dataset.part = name;
            input.setAttribute('aria-label', `${row.inputs.find(Boolean).getAttribute('aria-label').replace(/ [^ ]*$/, '')} ${td.dataset.label}`);
            td.querySelector('.val').replaceWith(input);
            row.parts[name] = input;
        }
    }
    months_of(name) { return name === 'year' ? [...Array(MONTHS).keys()] : [0, 1, 2].map((i) => (Number(name[1]) - 1) * 3 + i); }

    row_at(input) { return this.rows.find((row) => row.tr.contains(input)); }
    value(row, i) { return row.inputs[i] ? read(row.inputs[i].value, this.decimals).value ?? null : row.fixed[i] ?? null; }
    base(row, i) { return read(row.base?.value.split(',')[i] || '', this.decimals).value ?? null; }

    /* ---- what follows ---- */

    over(list) {
        const known = list.filter((n) => n !== null);
        if (!known.length) return null;
        return this.summed ? known.reduce((a, b) => a + b, 0n) : known[known.length - 1];
    }
    show(td, n) {
        const input = td.querySelector('input[data-part]'), text = grouped(n, this.decimals);
        if (!input) (td.querySelector('.val') || td).textContent = text;
        else if (input !== document.activeElement) input.value = text;
    }
    show_parts(periods, months) {
        for (const name of ['q1', 'q2', 'q3', 'q4', 'year']) {
            const n = this.over(this.months_of(name).map((i) => months[i]));
            this.show(periods[name], n);
            periods[name].classList.toggle('off', periods === this.feet.rest && n !== null && n !== 0n);
        }
    }
    recompute() {
        for (const row of this.rows) {
            if (row.inputs.some(Boolean)) this.show_parts(row.periods, Array.from({ length: MONTHS }, (_, i) => this.value(row, i)));
            row.inputs.forEach((input, i) => input?.closest('td').classList.toggle('changed', this.is_changed(row, i)));
        }
        if (!this.feet.sum) return;
        const sums = [], rests = [], own = this.rows.find((row) => row.own);
        for (let i = 0; i < MONTHS; i++) {
            sums[i] = this.over(this.rows.filter((row) => !row.own).map((row) => this.value(row, i)));
            const of = this.value(own, i);
            rests[i] = of === null && sums[i] === null ? null : (of ?? 0n) - (sums[i] ?? 0n);
            this.feet.sum[i + 1].textContent = grouped(sums[i], this.decimals);
            this.feet.rest[i + 1].textContent = grouped(rests[i], this.decimals);
            this.feet.rest[i + 1].classList.toggle('off', rests[i] !== null && rests[i] !== 0n);
        }
        this.show_parts(this.feet.sum, sums);
        this.show_parts(this.feet.rest, rests);
    }

    /* ---- what was changed ---- */

    is_changed(row, i) {
        const input = row.inputs[i];
        if (!input) return false;
        const r = read(input.value, this.decimals);
        return !!r.error || r.value !== this.base(row, i);
    }
    changes() {
        const list = [];
        for (const row of this.rows) row.inputs.forEach((input, i) => this.is_changed(row, i) && list.push({ row, i, input }));
        return list;
    }

    /* Reads what stands in the input: written anew if it is a number, else with a message beside it. A quarter or year goes to its months. */
    settle(input) {
        const r = read(input.value, this.decimals);
        this.complain(input, r.error && this.form.dataset[r.error]);
        if (!r.error && input.dataset.part) this.spread(input, r.value);
        else if (!r.error) input.value = grouped(r.value, this.decimals);
        this.recompute();
    }
    complain(input, message) {
        const td = input.closest('td');
        td.querySelector('.cell-error')?.remove();
        input.removeAttribute('title');
        input.toggleAttribute('aria-invalid', false);
        if (!message) return null;
        const p = document.createElement('span');
        p.className = 'cell-error';
        p.textContent = message;
        input.after(p);
        input.title = message;
        input.setAttribute('aria-invalid', 'true');
        return p;
    }

    /* The months that can be changed take what the others leave: as they stood to each other, equally if nothing stood there. */
    spread(input, total) {
        const row = this.row_at(input), months = this.months_of(input.dataset.part), before = this.over(months.map((i) => this.value(row, i)));
        if (total === before) return;
        const open = months.filter((i) => row.inputs[i]), kept = months.filter((i) => !row.inputs[i]).map((i) => this.value(row, i) ?? 0n).reduce((a, b) => a + b, 0n);
        const put = (i, n) => {
            this.complain(row.inputs[i], null);
            row.inputs[i].value = grouped(n, this.decimals);
            row.inputs[i].dispatchEvent(new Event('input', { bubbles: true }));
        };
        if (total === null || !this.summed) return open.forEach((i) => put(i, total));
        if (total < kept) return this.complain(input, this.form.dataset.negative);
        const parts = split(total - kept, open.map((i) => this.value(row, i) ?? 0n));
        open.forEach((i, k) => put(i, parts[k]));
    }
}
