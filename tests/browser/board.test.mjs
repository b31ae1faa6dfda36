/* board.test.mjs - a lead's board: pace, from a number to its entries, other months and orders, charts as tables, files, the wall, by itself. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before } from 'node:test';
import { start_app } from '../support/app.mjs';
import { day_after, found_company, ok, today } from '../support/company.mjs';
import { pdf_text } from '../support/pdf.mjs';
import { read_xlsx } from '../support/sheet.mjs';
import { axe_findings, open_browser, sticking_out, story } from './browser.mjs';

let app, browser, co, lead;
const month = today().slice(0, 7), first_of_last = `${day_after(`${month}-01`, -1).slice(0, 7)}-01`;

/* This month 85,000 of 100,000 and 40,000 of 100,000, last month 20,000 and 50,000: one has grown, the other has not. */
before(async () => {
    app = await start_app();
    browser = await open_browser();
    co = await found_company(app);
    const manager = await co.as('manager'), year = Number(month.slice(0, 4)), at = Number(month.slice(5));
    const cells = [['p', 'shan', 100000], ['p', 'wang', 100000], ['u', 'a', 200000]].map(([kind, key, value]) => ({ scope: `${kind}${(kind === 'u' ? co.unit : co.person)[key].id}`, month: at, value: String(value) }));
    ok(await co.admin.post('/targets/cells', { json: { metric: 'amount', year, cells } }));
    ok(await manager.post('/targets/publish', { json: { metric: 'amount', year, unit_id: co.unit.a.id } }));
    await co.set_day(today(), 'work');
    await co.report(co.admin, { employee_id: co.person.shan.id, day: today(), amount: 85000, contract_no: 'HT-1' });
    await co.report(co.admin, { employee_id: co.person.wang.id, day: today(), amount: 40000, contract_no: 'HT-2' });
    const feed = ok(await co.admin.post('/intake/feeds', { json: { name: '订单', person_column: 'who', day_column: 'day', key_columns: 'no', rules: 'amount = sum yuan', active: true } }), 201).json;
    const rows = [['单雄信', 20000], ['王梓涵', 50000]].map(([who, yuan], i) => ({ no: `A${i}`, who, day: first_of_last, yuan }));
    assert.equal(ok(await co.admin.post(`/intake/${feed.id}/rows`, { json: { rows } })).json.counts.new, 2);
    lead = await browser.tab(app, await co.as('lead_a'));
});
after(async () => {
    await lead?.close();
    await browser?.close();
    await app?.stop();
});

const board = () => `/board?unit_id=${co.unit.a.id}&metric=amount&unit=yuan`;
const kpi = (page, label) => page.locator('.kpi', { has: page.getByText(label, { exact: true }) }).locator('.val');
const people = (page) => page.locator('.board-wide', { has: page.locator('.seg') }).locator('.doc-table tbody tr');
const names = async (page) => (await people(page).locator('td:nth-child(2)').allInnerTexts()).filter((s) => /单雄信|王梓涵/.test(s)).map((s) => s.trim());
async function more(page, name) {
    await page.locator('details.menu', { hasText: '定时发送' }).locator('summary').click();
    return page.getByRole('link', { name });
}

story('the lead sees the pace at a glance, on the desktop and on the phone', async () => {
    const phone = await browser.tab(app, await co.as('lead_a'), { phone: true });
    for (const tab of [lead, phone]) {
        await tab.open(board());
        assert.match(await tab.text('.board-top'), /62\.50%/);
        assert.match(await kpi(tab.page, '实际完成').innerText(), /^125,000\.00\s*元/);
        assert.match(await kpi(tab.page, '目标').innerText(), /^200,000\.00/);
        assert.match(await kpi(tab.page, '缺口').innerText(), /^75,000\.00/);
        assert.match(await kpi(tab.page, '时间进度').innerText(), /%$/);
        await tab.page.locator('.chart-plot svg').first().waitFor();
        assert.deepEqual(await sticking_out(tab.page), []);
        assert.deepEqual(await axe_findings(tab.page), []);
    }
    await phone.close();
});

story('a number leads to the entries that make it up', async () => {
    const { page } = lead;
    await lead.open(board());
    await kpi(page, '实际完成').getByRole('link').click();
    await page.waitForURL('**/numbers/facts?**');
    const text = await lead.text();
    assert.match(text, /85,000\.00/);
    assert.match(text, /40,000\.00/);
    assert.doesNotMatch(text, /20,000\.00/, 'nothing of last month');
});

story('the month before is one click away', async () => {
    const { page } = lead;
    await lead.open(board());
    await page.getByRole('link', { name: '上一周期' }).click();
    await page.waitForURL(/[?&]at=/);
    assert.match(await kpi(page, '实际完成').innerText(), /^70,000\.00/);
    await page.getByRole('link', { name: '下一周期' }).click();
    await page.waitForURL((url) => url.searchParams.get('at') === `${month}-01`);
    assert.match(await kpi(page, '实际完成').innerText(), /^125,000\.00/);
});

story('people are ranked by what they reached, or by how much they have improved', async () => {
    const { page } = lead;
    await lead.open(`${board()}&rank=amount`);
    assert.deepEqual(await names(page), ['单雄信', '王梓涵']);
    await lead.open(`${board()}&at=${first_of_last}&rank=amount`);
    assert.deepEqual(await names(page), ['王梓涵', '单雄信']);
    await lead.open(board());
    await page.locator('.seg').getByRole('link', { name: '进步', exact: true }).click();
    await page.waitForURL(/[?&]rank=growth/);
    assert.deepEqual(await names(page), ['单雄信', '王梓涵']);
    assert.match(await people(page).filter({ hasText: '单雄信' }).innerText(), /▲ 325\.00%/);
});

story('what a chart draws stands below it as a table', async () => {
    const { page } = lead, figure = page.locator('figure.chart', { hasText: '单雄信' }).first();
    await lead.open(board());
    await figure.locator('.chart-plot svg').waitFor();
    assert.equal(await figure.getByRole('table').isVisible(), false);
    await figure.getByText('查看数据').click();
    await figure.getByRole('table').waitFor();
    assert.match(await figure.getByRole('table').innerText(), /单雄信[^]*85/);
});

async function download(page, name) {
    const link = await more(page, name);
    const [file] = await Promise.all([page.waitForEvent('download', { timeout: 60000 }), link.click()]);
    return readFile(await file.path());
}

story('the board goes into a spreadsheet and a PDF with the same numbers', async () => {
    const { page } = lead;
    await lead.open(board());
    const book = await download(page, /下载.*(XLSX|Excel|表格)/);
    assert.equal(book.subarray(0, 2).toString(), 'PK');
    const cells = read_xlsx(book).flat();
    assert.ok(cells.includes(85000) || cells.includes(8.5), JSON.stringify(cells));
    assert.ok(cells.includes('单雄信'));
    await lead.open(board());
    const pdf = await download(page, /下载.*PDF/);
    assert.equal(pdf.subarray(0, 5).toString(), '%PDF-');
    assert.match(pdf_text(pdf), /单雄信85\.00%[^]*单雄信85\.00%85,000\.00/);
});

story('the wall shows it large, and leads back', async () => {
    const { page } = lead;
    await lead.open(board());
    await (await more(page, '大屏')).click();
    await page.waitForURL('**/board/wall?**');
    await page.locator('.wall .chart-plot svg').first().waitFor();
    assert.match(await lead.text('.wall-top'), /62\.50%[^]*125,000\.00/);
    assert.deepEqual(await axe_findings(page), []);
    await page.getByRole('link', { name: '返回' }).click();
    await page.waitForURL(/\/board\?/);
});

story('the board is to come by itself each Monday', async () => {
    const { page } = lead;
    await lead.open(`${board()}&at=${first_of_last}`);
    await (await more(page, '定时发送')).click();
    await page.waitForURL('**/sheets/schedules/new?**');
    const href = await page.locator('#href').inputValue();
    assert.match(href, /^\/board\?/);
    await page.locator('#name').fill('周一看板');
    await page.locator('#format').selectOption({ label: 'PDF' });
    await page.locator('#every').selectOption({ label: '每周一' });
    await page.getByRole('button', { name: '保存' }).click();
    await page.waitForURL(/\/sheets\/schedules\/\d+$/);
    const text = await lead.text();
    assert.match(text, /周一看板/);
    assert.doesNotMatch(text, /at=/, 'each run chooses its own month');
    const phone = await browser.tab(app, await co.as('lead_a'), { phone: true });
    await phone.open(lead.path());
    assert.deepEqual(await sticking_out(phone.page), []);
    assert.deepEqual(await axe_findings(phone.page), []);
    await phone.close();
});
