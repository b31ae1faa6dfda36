/* periodic.test.mjs - weekly and monthly reports on a phone: the rep writes, the lead looks through, returns, approves; the summary fits. */
import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import { start_app } from '../support/app.mjs';
import { day_after, found_company, ok, today } from '../support/company.mjs';
import { axe_findings, go, open_browser, sticking_out, story } from './browser.mjs';

let app, browser, co, rep, lead, row;
const this_monday = day_after(today(), -((new Date(`${today()}T00:00:00Z`).getUTCDay() + 6) % 7)), first = day_after(this_monday, -7);
const sheet = () => `/reports/weekly/sheet?week=${first}`;

before(async () => {
    app = await start_app();
    browser = await open_browser();
    co = await found_company(app);
    await co.set_day(day_after(first, 4), 'work');
    await co.report(co.admin, { employee_id: co.person.shan.id, day: day_after(first, 4), amount: 85000, contract_no: 'HT-1' });
    rep = await browser.tab(app, await co.as('rep_a'), { phone: true });
    lead = await browser.tab(app, await co.as('lead_a'), { phone: true });
});
after(async () => {
    await rep?.close();
    await lead?.close();
    await browser?.close();
    await app?.stop();
});

const whole = async (tab, what) => {
    assert.deepEqual(await sticking_out(tab.page), [], what);
    assert.deepEqual(await axe_findings(tab.page), [], what);
};

story('the salesperson finds the numbers there, writes two sentences and submits', async () => {
    const { page } = rep;
    await rep.open(sheet());
    await go(page.getByRole('link', { name: '填写我的报告' }));
    assert.equal(rep.path(), '/reports/weekly/new');
    assert.match(await rep.text(), /实际完成\s+85,000\.00/);
    assert.equal(await page.locator('input:visible').count(), 0, 'no number is to be typed');
    await whole(rep, 'form');
    await page.getByLabel('主要问题').fill('大客户成交周期较长');
    await page.getByLabel('下周重点目标').fill('推进D客户签约，目标30,000元');
    await go(page.getByRole('button', { name: '提交' }));
    assert.match(rep.path(), /\/reports\/weekly\/\d+$/);
    assert.match(await rep.text(), /大客户成交周期较长/);
    await whole(rep, 'report');
    [row] = ok(await (await co.as('rep_a')).get(`/reports/weekly?week_from=${first}&week_to=${first}`)).json.rows;
    assert.ok(['submitted', 'late'].includes(row.state));
});

story('the number leads to the entries behind it', async () => {
    const { page } = rep;
    await rep.open(`/reports/weekly/${row.id}`);
    await go(page.getByRole('link', { name: '来自数据明细' }));
    assert.equal(rep.path(), '/numbers/facts');
    assert.match(await rep.text(), /85,000\.00/);
});

story('the lead goes from the daily queue to the weekly one and returns the report with a reason', async () => {
    const { page } = lead;
    await lead.open('/reports/daily/queue');
    await go(page.getByRole('link', { name: /^周报/ }));
    assert.equal(lead.path(), '/reports/weekly/queue');
    await whole(lead, 'queue');
    const card = page.locator('.queue-card', { hasText: '单雄信' });
    assert.match(await card.innerText(), /请于 .* 10:00 前审核/);
    await card.getByRole('button', { name: '退回' }).click();
    await page.locator('#reason-text').fill('请写明客户');
    await go(page.locator('#reason').getByRole('button', { name: '确定' }));
    assert.equal(lead.path(), '/reports/weekly/queue');
    assert.equal(ok(await co.admin.get(`/reports/weekly/${row.id}`)).json.state, 'returned');
});

story('the salesperson sees why, corrects it, and the lead approves it among the selected', async () => {
    const { page } = rep;
    await rep.open(`/reports/weekly/${row.id}/edit`);
    assert.match(await rep.text(), /请写明客户/);
    await page.getByLabel('主要问题').fill('D客户法务审核需三周');
    await go(page.getByRole('button', { name: '提交' }));
    assert.match(rep.path(), /\/reports\/weekly\/\d+$/);
    await lead.open('/reports/weekly/queue');
    await lead.page.locator('.queue-card', { hasText: '单雄信' }).locator('input[type=checkbox]').check();
    await go(lead.page.locator('[data-bulk] button[value=approve]'));
    await lead.page.locator('.empty').waitFor();
    assert.equal(ok(await co.admin.get(`/reports/weekly/${row.id}`)).json.state, 'approved');
});

story("the lead types a target for the team's month, and the summary shows its rate", async () => {
    const { page } = lead, month = `${day_after(first, 4).slice(0, 8)}01`;
    await lead.open(`/reports/monthly/new?month=${month}&unit_id=${co.unit.a.id}`);
    await whole(lead, 'month');
    await page.getByLabel('目标', { exact: true }).fill('100,000');
    await page.getByLabel('业绩亮点').fill('大客户A签约');
    await go(page.getByRole('button', { name: '提交' }));
    assert.match(lead.path(), /\/reports\/monthly\/\d+$/);
    await lead.open(`/reports/monthly/sheet?month=${month}`);
    assert.match(await lead.text('tfoot'), /上海一部（团队）[^]*100,000\.00[^]*85,000\.00[^]*85\.00%/);
    await whole(lead, 'summary');
});
