/* grid.js - the grid of targets as a spreadsheet; the page works without it as a form. */
import { Cells } from './cells.js';
import { Clipboard } from './clipboard.js';
import { start_saving } from './save.js';
import { Selection } from './select.js';

const choice = document.querySelector('[data-target-choice]');
if (choice) {
    choice.querySelector('[data-choice-button]').hidden = true;
    choice.addEventListener('change', () => choice.requestSubmit());
}
const form = document.querySelector('[data-target-grid]');
if (form && form.querySelector('input[data-place]')) {
    const cells = new Cells(form), clipboard = new Clipboard(cells);
    form.selection = new Selection(cells, clipboard);
    start_saving(cells);
    /* an adjustment begins late in the year: its months are brought into sight */
    const wrap = form.querySelector('.target-wrap'), at = form.querySelector('input[data-place]').closest('td');
    if (form.querySelector('[name="from_month"]')) wrap.scrollLeft = at.offsetLeft - wrap.clientWidth + at.offsetWidth * 4;
}
