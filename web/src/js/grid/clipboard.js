/* clipboard.js - blocks of cells in and out (Excel, WPS: text with tabs), filling down and to the right, and taking the last of these back. */
import { toast } from '../texts.js';
import { MONTHS } from './cells.js';
import { plain, read } from './number.js';

/* "a\tb\nc" with quoted cells as spreadsheets write them. */
export function table_of(text) {
    const rows = [[]];
    const clean = text.replace(/\r\n?/g, '\n').replace(/\n$/, '');
    for (const [, quoted, bare, end] of `${clean}\n`.matchAll(/(?:"((?:[^"]|"")*)"|([^\t\n]*))([\t\n])/g)) {
        rows[rows.length - 1].push((quoted === undefined ? bare : quoted.replace(/""/g, '"')).trim());
        if (end === '\n') rows.push([]);
    }
    rows.pop();
    return rows;
}

const input_of = (td) => td?.querySelector('input[data-place], input[data-part]') || null;
const holds_value = (td) => !is_part(td) && (input_of(td) || td.querySelector('.val'));
const is_part = (td) => td.classList.contains('part');

export class Clipboard {
    constructor(cells) {
        this.cells = cells;
        this.done = []; /* the values before each paste, fill and clearing */
        const body = cells.form.querySelector('tbody');
        body.addEventListener('paste', (e) => this.paste(e));
        document.addEventListener('copy', (e) => this.copy(e));
        document.addEventListener('cut', (e) => this.copy(e) && this.clear());
    }

    /* ---- out ---- */

    text_at(td) {
        const input = input_of(td), text = input ? input.value : td.querySelector('.val')?.textContent ?? td.textContent;
        const r = read(text, this.cells.decimals);
        return r.error ? text.trim() : plain(r.value, this.cells.decimals);
    }
    copy(e) {
        const rows = this.selection.range();
        const here = document.activeElement.closest?.('[data-target-grid]') || this.selection.many();
        if (!rows.length || !here || (!this.selection.many() && this.selection.editing)) return false;
        const whole = rows[0].every(is_part), columns = rows.map((row) => row.filter((td) => whole || !is_part(td)));
        e.clipboardData.setData('text/plain', columns.map((row) => row.map((td) => this.text_at(td)).join('\t')).join('\n'));
        e.preventDefault();
        return true;
    }

    /* ---- in ---- */

    /* The columns that a block goes to: months only, unless it begins in a quarter or brings the quarters along. */
    columns_from(r, c, width) {
        const all = [...this.cells.form.querySelector('tbody').rows[r].cells].slice(c);
        const along = is_part(all[0]) || width > MONTHS + 1;
        const columns = all.map((td) => td.cellIndex).filter((i, k) => along || !is_part(all[k]));
        return { columns, skip: (td) => along && !is_part(all[0]) && is_part(td) };
    }
    paste(e) {
        const rows = table_of(e.clipboardData.getData('text/plain')), one = rows.length === 1 && rows[0].length === 1;
        if (!rows.length || (one && this.selection.editing) || !input_of(e.target.closest('td'))) return;
        e.preventDefault();
        if (one && this.selection.many()) {
            this.write(this.selection.range().flat().filter((td) => !is_part(td)).map((td) => [td, rows[0][0]]));
            return;
        }
        const range = this.selection.range(), { r, c } = this.selection.at(range[0][0]), { columns, skip } = this.columns_from(r, c, rows[0].length), writes = [];
        rows.forEach((row, i) => row.forEach((text, k) => {
            const td = columns[k] === undefined ? null : this.selection.td({ r: r + i, c: columns[k] });
            if (td && !skip(td)) writes.push([td, text]);
        }));
        const n = this.write(writes);
        toast(this.cells.form.dataset.pasted.replace('[1]', n));
    }

    /* Ctrl+D: the first row of the range into the others; a single cell takes what stands above it. Ctrl+R likewise from the left. */
    fill(way) {
        let range = this.selection.range();
        if (!range.length) return;
        const { r, c } = this.selection.at(range[0][0]);
        if (way === 'down' && range.length === 1) {
            if (!r) return;
            range = [range[0].map((td) => this.selection.td({ r: r - 1, c: td.cellIndex })), ...range];
        } else if (way === 'right' && range[0].length === 1) {
            let from = c - 1;
            while (from > 0 && !holds_value(this.selection.td({ r, c: from }))) from--;
            if (from < 1) return;
            range = range.map((row) => [this.selection.td({ r: row[0].parentElement.sectionRowIndex, c: from }), ...row]);
        }
        const writes = [];
        range.forEach((row, i) => row.forEach((td, k) => {
            if ((way === 'down' ? i : k) > 0 && !is_part(td)) writes.push([td, this.text_at(way === 'down' ? range[0][k] : row[0])]);
        }));
        this.write(writes);
    }

    clear() { this.write(this.selection.range().flat().filter((td) => !is_part(td)).map((td) => [td, ''])); }

    /* ---- writing, and taking it back ---- */

    write(pairs) {
        const before = this.cells.rows.flatMap((row) => row.inputs.filter(Boolean).map((input) => [input, input.value]));
        let n = 0;
        for (const [td, text] of pairs) {
            const input = input_of(td);
            if (!input) continue;
            this.put(input, text);
            n++;
        }
        if (n) this.done.push(before);
        return n;
    }
    put(input, text) {
        input.value = text;
        input.dispatchEvent(new Event('input', { bubbles: true }));
        this.cells.settle(input);
        if (input === document.activeElement) {
            this.selection.before = input.value;
            input.select();
        }
    }
    can_undo() { return this.done.length > 0; }
    undo() {
        for (const [input, text] of this.done.pop()) if (input.value !== text) this.put(input, text);
        this.selection.mark();
    }
}
