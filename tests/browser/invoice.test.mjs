/* invoice.test.mjs - a salesperson on the phone sends an invoice reminder with one tap. Words are looked for where the page must have one. */
import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import { start_app } from '../support/app.mjs';
import { found_company, ok, today } from '../support/company.mjs';
import { open_browser, story } from './browser.mjs';

let app, browser, co, client, rep;

before(async () => {
    app = await start_app();
    browser = await open_browser();
    co = await found_company(app);
    client = await co.as('rep_a');
    for (const [back, number] of [[-8, 'HT-LATE'], [-6, 'HT-SOON'], [-1, 'HT-TIME']]) await co.report(client, { day: today(back), amount: 25000, contract_no: number });
    rep = await browser.tab(app, client, { phone: true });
});
after(async () => {
    await rep?.close();
    await browser?.close();
    await app?.stop();
});

const line = (number) => rep.page.locator('.invoices li', { hasText: number });
const stored = async (number) => ok(await client.get(`/key-actions/invoices?q=${number}`)).json.rows[0];

story('the start page counts what is overdue or due soon and leads to it, the most urgent first', async () => {
    const { page } = rep;
    await rep.open('/');
    const todo = page.locator('.todo a[href="/key-actions/mine"]');
    assert.equal(await todo.locator('.count').innerText(), '2');
    await todo.tap();
    await page.waitForURL('**/key-actions/mine');
    await line('HT-LATE').waitFor();
    assert.match((await page.locator('.invoices li').allInnerTexts()).join('\n'), /HT-LATE[^]*HT-SOON[^]*HT-TIME/);
    for (const [number, kind] of [['HT-LATE', 'danger'], ['HT-SOON', 'warning'], ['HT-TIME', 'info']]) assert.notEqual(await line(number).locator(`.badge-${kind}`).innerText(), '', `${number}: a colour with its word`);
    const box = await line('HT-LATE').getByRole('button').boundingBox();
    assert.ok(box.height >= 44, 'a thumb hits it');
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'nothing sticks out');
});

story('one tap sends it today; it leaves the list and stands as sent late', async () => {
    const { page } = rep;
    await line('HT-LATE').getByRole('button').tap();
    await line('HT-LATE').waitFor({ state: 'detached' });
    await line('HT-SOON').waitFor();
    assert.equal((await stored('HT-LATE')).state, 'sent_late');
    assert.equal((await stored('HT-LATE')).reminded_on, today());
    assert.equal(new URL(page.url()).pathname, '/key-actions/mine');
});

story('an earlier day can be chosen, and a second tap from another window changes nothing', async () => {
    const { page } = rep, second = await rep.another();
    await second.goto(rep.url('/key-actions/mine'));
    for (const p of [page, second]) {
        const row = p.locator('.invoices li', { hasText: 'HT-SOON' });
        await row.locator('input[type="date"]').fill(today(-1));
        await row.getByRole('button').tap();
        await row.waitFor({ state: 'detached' });
        await p.locator('.invoices li', { hasText: 'HT-TIME' }).waitFor();
    }
    const row = await stored('HT-SOON');
    assert.deepEqual([row.reminded_on, row.state, row.version], [today(-1), 'sent', 2]);
    await second.close();
});

story('the list shows them with their state, and the start page asks for nothing more', async () => {
    const { page } = rep;
    await rep.open('/key-actions/invoices');
    await page.locator('#list tbody tr', { hasText: 'HT-TIME' }).waitFor();
    assert.equal(await page.locator('#list tbody tr').count(), 3);
    await rep.open('/');
    assert.equal(await page.locator('.todo a[href="/key-actions/mine"]').count(), 0);
});
