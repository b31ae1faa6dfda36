/* target.test.mjs - the grid of targets as a spreadsheet: keyboard, blocks from Excel, filling, splitting, two people at once, a phone. */
import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import { start_app } from '../support/app.mjs';
import { found_company, ok, today } from '../support/company.mjs';
import { axe_findings, go, open_browser, sticking_out, story } from './browser.mjs';

const YEAR = Number(today().slice(0, 4)) + 1;
let app, browser, co, tab, page;

before(async () => {
    app = await start_app();
    browser = await open_browser();
    co = await found_company(app);
    tab = await browser.tab(app, await co.as('manager'));
    page = tab.page;
});
after(async () => {
    await tab?.close();
    await browser?.close();
    await app?.stop();
});

const path = (unit, more = '') => `/targets?metric=amount&year=${YEAR}&view=draft&unit_id=${co.unit[unit].id}${more}`;
const key = (who) => (co.unit[who] ? `u${co.unit[who].id}` : `p${co.person[who].id}`);
const row = (who) => page.locator(`tr[data-key="${key(who)}"]`);
const cell = (who, month) => row(who).locator(`input[data-place="${month - 1}"]`);
const part = (who, name) => row(who).locator(`input[data-part="${name}"]`);
const foot = (what, period) => page.locator(`tr[data-foot="${what}"] [data-period="${period}"]`).innerText();
const focused = () => page.evaluate(() => document.activeElement.getAttribute('name') ?? document.activeElement.dataset.part);
async function open(unit, more) {
    await tab.open(path(unit, more));
    await page.locator('input[data-part]').first().waitFor();
}
/* As Ctrl+V does after a copy elsewhere. */
const paste = (input, text) => input.evaluate((el, data) => {
    el.focus();
    const clipboard = new DataTransfer();
    clipboard.setData('text/plain', data);
    el.dispatchEvent(new ClipboardEvent('paste', { clipboardData: clipboard, bubbles: true, cancelable: true }));
}, text);
const copied = () => page.evaluate(() => {
    const clipboard = new DataTransfer();
    document.activeElement.dispatchEvent(new ClipboardEvent('copy', { clipboardData: clipboard, bubbles: true, cancelable: true }));
    return clipboard.getData('text/plain');
});
const months = (who, from, to) => Promise.all(Array.from({ length: to - from + 1 }, (_, i) => cell(who, from + i).inputValue()));

story('T1: 1,000,000 typed into a quarter becomes 333,333.34 + 333,333.33 + 333,333.33, and the sum is exact', async () => {
    await open('a');
    await part('shan', 'q3').fill('100万');
    await page.keyboard.press('Enter');
    assert.deepEqual(await months('shan', 7, 9), ['333,333.34', '333,333.33', '333,333.33']);
    assert.equal(await part('shan', 'q3').inputValue(), '1,000,000');
    assert.equal(await foot('sum', 'q3'), '1,000,000');
    assert.equal(await foot('rest', 'year'), '-1,000,000');
    assert.match(await page.locator('tr[data-foot="rest"] [data-period="q3"]').getAttribute('class'), /off/);
});

story('arrows, Enter, Tab, F2 and Esc move and edit as in a spreadsheet', async () => {
    await open('a');
    await cell('shan', 1).focus();
    await page.keyboard.type('500');
    await page.keyboard.press('ArrowRight');
    assert.equal(await focused(), `c.${key('shan')}.2`);
    assert.equal(await cell('shan', 1).inputValue(), '500');
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.type('7');
    assert.equal(await cell('shan', 1).inputValue(), '7', 'typing replaces');
    await page.keyboard.press('Escape');
    assert.equal(await cell('shan', 1).inputValue(), '500', 'Esc takes it back');
    await page.keyboard.press('F2');
    await page.keyboard.type('0');
    await page.keyboard.press('Tab');
    assert.equal(await cell('shan', 1).inputValue(), '5,000', 'F2 keeps what stands there');
    assert.equal(await focused(), `c.${key('shan')}.2`);
    const below = await row('shan').evaluate((tr) => tr.nextElementSibling.dataset.key);
    await page.keyboard.press('Enter');
    assert.equal(await focused(), `c.${below}.2`);
    await page.keyboard.press('ArrowUp');
    assert.equal(await focused(), `c.${key('shan')}.2`);
});

story('a block from Excel or WPS goes into the months: thousands, 万, full-width digits, empty cells; Ctrl+Z takes it back', async () => {
    await open('a');
    const names = await page.locator('tbody tr:not([data-own])').evaluateAll((rows) => rows.map((tr) => tr.dataset.key));
    const [first, second] = names.map((k) => Object.keys(co.person).find((who) => `p${co.person[who].id}` === k));
    await cell(second, 3).fill('77');
    await paste(cell(first, 1), '120,000.00\t1.5万\t１２，０００\t40000\n￥80,000\t\t\t8,000\n');
    await page.getByText(/已粘贴|8 cells pasted/).waitFor(); /* at once: it goes after some seconds */
    assert.deepEqual(await months(first, 1, 4), ['120,000', '15,000', '12,000', '40,000']);
    assert.deepEqual(await months(second, 1, 4), ['80,000', '', '', '8,000'], 'the quarter between March and April is passed over');
    assert.equal(await foot('sum', '1'), '200,000');
    await page.keyboard.press('Control+z');
    assert.deepEqual(await months(first, 1, 4), ['', '', '', '']);
    assert.equal(await cell(second, 3).inputValue(), '77');
});

story('Ctrl+D fills down, Ctrl+R to the right, and a rectangle is copied as text with tabs', async () => {
    await open('a');
    await cell('shan', 1).fill('3万');
    await cell('shan', 1).press('Enter');
    await cell('shan', 1).focus();
    await page.keyboard.press('Shift+ArrowRight');
    await page.keyboard.press('Shift+ArrowRight');
    await page.keyboard.press('Control+r');
    assert.deepEqual(await months('shan', 1, 3), ['30,000', '30,000', '30,000']);
    const below = await row('shan').evaluate((tr) => tr.nextElementSibling?.dataset.key);
    await page.keyboard.press('Shift+ArrowDown');
    await page.keyboard.press('Control+d');
    assert.equal(await page.locator(`input[name="c.${below}.3"]`).inputValue(), '30,000');
    assert.equal(await copied(), '30000\t30000\t30000\n30000\t30000\t30000');
});

story('what is not a target is said at its cell and not saved', async () => {
    await open('a');
    for (const [typed, says] of [['-5', /负数|negative/], ['1000000000000000', /过大|too large/], ['很多', /数字|number/]]) {
        await cell('shan', 1).fill(typed);
        await cell('shan', 1).press('Tab');
        assert.match(await row('shan').locator('.cell-error').innerText(), says);
    }
    await page.locator('[data-save]').click();
    assert.equal(await cell('shan', 1).getAttribute('aria-invalid'), 'true');
    await tab.open('/');
});

story('saved cells stand there after a reload; two people at one cell both learn of it', async () => {
    await open('a');
    await cell('shan', 5).fill('50万');
    await go(page.locator('[data-save]'));
    await page.locator('.notice-success').waitFor();
    assert.equal(await cell('shan', 5).inputValue(), '500,000');
    const admin = await co.as('admin'), scope = key('shan');
    ok(await admin.post('/targets/cells', { json: { metric: 'amount', year: YEAR, cells: [{ scope, month: 5, value: '450000', base: '500000' }] } }));
    await cell('shan', 5).fill('480000');
    await page.locator('[data-save]').click();
    await row('shan').locator('.cell-error').waitFor();
    assert.match(await row('shan').locator('.cell-error').innerText(), /450,000[^]*480,000/);
    await row('shan').locator('.cell-error button').click();
    assert.equal(await cell('shan', 5).inputValue(), '450,000');
});

story('a quarter keeps the shape of its months, and months that are typed add up', async () => {
    await open('a');
    for (const [i, n] of [[10, '100'], [11, '200'], [12, '300']]) await cell('wang', i).fill(n);
    await cell('wang', 12).press('Tab');
    assert.equal(await part('wang', 'q4').inputValue(), '600');
    await part('wang', 'q4').fill('1,200');
    await part('wang', 'q4').press('Enter');
    assert.deepEqual(await months('wang', 10, 12), ['200', '400', '600']);
});

story('a proposal fills the cells exactly, says that it is not saved, and leaves locked rows alone', async () => {
    const admin = await co.as('admin'), boss = await browser.tab(app, admin);
    ok(await admin.post('/targets/cells', { json: { metric: 'amount', year: YEAR, cells: [{ scope: key('east'), month: 1, value: '100' }, { scope: key('a'), month: 1, value: '60' }] } }));
    await boss.open(path('east'));
    const card = boss.page.locator('.target-split'), row = boss.page.locator(`tr[data-key="${key('a')}"] input[data-place="0"]`);
    await card.locator('summary').click();
    await card.getByLabel('平均', { exact: true }).fill('1');
    await go(card.getByRole('button', { name: '生成建议' }));
    await boss.page.getByText('以下为分解建议').waitFor();
    assert.equal(await row.inputValue(), '100', 'the one team takes it all');
    assert.match(await row.locator('xpath=..').getAttribute('class'), /changed/);
    assert.equal(await boss.page.locator('tr[data-foot="rest"] [data-period="1"]').innerText(), '0');
    assert.match(await boss.text(), /未保存|尚未保存/);
    await boss.open(path('east'));
    assert.equal(await row.inputValue(), '60');
    await card.locator('summary').click();
    await card.getByRole('checkbox', { name: '上海一部' }).check();
    await go(card.getByRole('button', { name: '生成建议' }));
    await boss.page.getByText('以下为分解建议').waitFor();
    assert.equal(await row.inputValue(), '60');
    await boss.close();
});

story('drafts are published, adjusted with a reason, and the adjustment is agreed to', async () => {
    const year = YEAR - 1, month = Number(today().slice(5, 7)), manager = await co.as('manager');
    ok(await manager.post('/targets/cells', { json: { metric: 'visits', year, cells: [...Array(12)].map((_, i) => ({ scope: key('shan'), month: i + 1, value: '10' })) } }));
    const grid = `/targets?metric=visits&year=${year}&unit_id=${co.unit.a.id}`, lead = await browser.tab(app, await co.as('lead_a'));
    await lead.open(grid);
    await go(lead.page.getByRole('link', { name: '发布…' }));
    await go(lead.page.getByRole('button', { name: '发布' }));
    await lead.page.getByText('1 个目标已生效').waitFor();
    await go(lead.page.getByRole('button', { name: '调整目标' }));
    const input = lead.page.locator(`tr[data-key="${key('shan')}"] input[data-place="${month - 1}"]`);
    assert.equal(await lead.page.locator(`tr[data-key="${key('shan')}"] input[data-place]`).count(), 13 - month, 'earlier months stay');
    await input.fill('15');
    await lead.page.getByRole('textbox', { name: /^原因/ }).fill('新增客户');
    await go(lead.page.getByRole('button', { name: '提交审批' }));
    await lead.page.getByText('已提交审批').waitFor();
    await lead.close();
    await tab.open('/targets/revisions');
    assert.equal((await page.getByRole('navigation', { name: '主导航' }).getByRole('link', { name: '目标调整' }).locator('.count').innerText()).trim(), '1');
    assert.match(await tab.text('article'), /单雄信[^]*10[^]*15[^]*\+5/);
    assert.deepEqual(await axe_findings(page), []);
    await go(page.getByRole('button', { name: '同意' }));
    await page.getByText('已同意，调整后的目标已生效').waitFor();
});

story('on a phone each row is a card with two columns, and cells can be typed into', async () => {
    const phone = await browser.tab(app, await co.as('manager'), { phone: true });
    await phone.open(path('a'));
    assert.deepEqual(await sticking_out(phone.page), []);
    const input = phone.page.locator(`input[name="c.${key('shan')}.1"]`), next = phone.page.locator(`input[name="c.${key('shan')}.2"]`);
    const [a, b] = [await input.boundingBox(), await next.boundingBox()];
    assert.ok(Math.abs(a.y - b.y) < 4 && b.x > a.x, 'two months stand side by side');
    assert.ok(a.height >= 44, `${a.height} px for a finger`);
    await input.fill('9,000');
    await input.blur();
    await go(phone.page.locator('[data-save]'));
    await phone.page.locator('.notice-success').waitFor();
    assert.equal(await input.inputValue(), '9,000');
    assert.deepEqual(await axe_findings(phone.page), []);
    await phone.close();
});

story('axe has nothing serious to say about the grid', async () => {
    await open('a');
    assert.deepEqual(await axe_findings(page), []);
    assert.deepEqual(await sticking_out(page), []);
});
