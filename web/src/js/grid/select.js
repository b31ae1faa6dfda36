/* select.js - where one is in the grid and which rectangle is chosen; the keyboard as in a spreadsheet. */
const inputs_of = (td) => td?.querySelector('input:not([type="hidden"], [type="checkbox"])') || null;

export class Selection {
    constructor(cells, clipboard) {
        this.cells = cells;
        this.body = cells.form.querySelector('tbody');
        this.editing = ''; /* 'typed': arrows leave the cell; 'caret' (F2, a second click): they move in it */
        this.anchor = this.head = null; /* cells of the table: { r, c } */
        clipboard.selection = this;
        this.clipboard = clipboard;
        const on = (name, f) => this.body.addEventListener(name, f.bind(this));
        on('focusin', this.focused);
        on('focusout', this.left);
        on('keydown', this.key);
        on('input', (e) => e.isTrusted && this.edit(this.editing || 'typed'));
        on('pointerdown', this.pressed);
        on('pointerover', this.dragged);
    }

    at(td) { return td && { r: td.parentElement.sectionRowIndex, c: td.cellIndex }; }
    td(place) { return this.body.rows[place.r]?.cells[place.c]; }
    input(place) { return inputs_of(this.td(place)); }

    /* All cells of the rectangle, row by row. */
    range() {
        if (!this.anchor) return [];
        const [a, b] = [this.anchor, this.head], rows = [];
        for (let r = Math.min(a.r, b.r); r <= Math.max(a.r, b.r); r++) {
            rows.push([]);
            for (let c = Math.min(a.c, b.c); c <= Math.max(a.c, b.c); c++) rows[rows.length - 1].push(this.td({ r, c }));
        }
        return rows;
    }
    many() { return this.anchor && (this.anchor.r !== this.head.r || this.anchor.c !== this.head.c); }

    mark() {
        this.body.querySelectorAll('.chosen').forEach((td) => td.classList.remove('chosen'));
        if (this.many()) this.range().flat().forEach((td) => td.classList.add('chosen'));
    }
    edit(how) {
        this.editing = how;
        document.activeElement.closest?.('td')?.classList.toggle('moving', !how);
    }

    focused(e) {
        const td = e.target.closest('td');
        if (inputs_of(td) !== e.target) return;
        this.before = e.target.value;
        if (!this.extending) this.anchor = this.head = this.at(td);
        this.mark();
        this.edit('');
        e.target.select();
    }
    left(e) {
        e.target.closest('td')?.classList.remove('moving');
        if (inputs_of(e.target.closest('td')) === e.target && e.target.value !== this.before) this.cells.settle(e.target);
    }

    /* To the next cell in that direction that can be typed into. */
    move(dr, dc, extend) {
        let { r, c } = this.head;
        if (extend) {
            const place = { r: r + dr, c: c + dc };
            if (place.c > 0 && this.td(place)) this.head = place;
            return this.mark();
        }
        do {
            r += dr;
            c += dc;
            if (!this.td({ r, c })) return undefined;
        } while (!this.input({ r, c }));
        return this.go({ r, c });
    }
    go(place) {
        const input = this.input(place);
        input?.focus();
        input?.closest('td').scrollIntoView({ block: 'nearest', inline: 'nearest' });
    }

    key(e) {
        if (e.isComposing || inputs_of(e.target.closest('td')) !== e.target) return;
        const arrows = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }, arrow = arrows[e.key], ctrl = e.ctrlKey || e.metaKey;
        const done = (what) => {
            e.preventDefault();
            what();
        };
        if (e.key === 'Enter') done(() => this.enter(e.target, e.shiftKey ? -1 : 1));
        else if (e.key === 'F2') done(() => this.begin(e.target));
        else if (e.key === 'Escape') done(() => this.take_back(e.target));
        else if (arrow && (this.editing !== 'caret' || !arrow[1]) && !ctrl) done(() => this.move(...arrow, e.shiftKey && !this.editing));
        else if (ctrl && !this.editing && e.key.toLowerCase() === 'z' && this.clipboard.can_undo()) done(() => this.clipboard.undo());
        else if (ctrl && e.key.toLowerCase() === 'd') done(() => this.clipboard.fill('down'));
        else if (ctrl && e.key.toLowerCase() === 'r') done(() => this.clipboard.fill('right'));
        else if (!this.editing && (e.key === 'Delete' || e.key === 'Backspace')) done(() => this.clipboard.clear());
    }
    enter(input, step) {
        const r = this.head.r + step;
        if (this.input({ r, c: this.head.c })) return this.move(step, 0);
        input.blur(); /* the last row: what was typed is taken */
        return input.focus();
    }
    begin(input) {
        this.edit('caret');
        input.setSelectionRange(input.value.length, input.value.length);
    }
    take_back(input) {
        this.anchor = this.head;
        this.mark();
        if (this.editing) input.value = this.before;
        this.edit('');
        this.cells.recompute();
        input.select();
    }

    pressed(e) {
        const td = e.target.closest('td');
        if (!td || td.cellIndex === 0 || e.pointerType === 'touch') return;
        if (e.target === document.activeElement && e.target.matches('input')) this.edit('caret');
        if (e.shiftKey && this.anchor) {
            e.preventDefault();
            this.head = this.at(td);
            this.mark();
        } else if (!inputs_of(td)) this.anchor = this.head = this.at(td);
    }
    dragged(e) {
        const td = e.target.closest('td');
        if (!(e.buttons & 1) || !this.anchor || !td || td.cellIndex === 0 || e.pointerType === 'touch') return;
        this.head = this.at(td);
        this.mark();
    }
}
