/* lead.test.mjs - a team lead's evening: who has not reported, the queue, the board. */
import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import { start_app } from '../support/app.mjs';
import { found_company, ok, today } from '../support/company.mjs';
import { comes, go, open_browser, story } from './browser.mjs';

let app, browser, co, lead;

before(async () => {
    app = await start_app();
    browser = await open_browser();
    co = await found_company(app);
    for (let i = -3; i <= 0; i++) await co.set_day(today(i), 'work');
    lead = await browser.tab(app, await co.as('lead_a'));
    const shan = await co.as('rep_a'), wang = await co.as('rep_a2');
    for (const [i, visits] of [[-3, 1], [-2, 2], [-1, 3]]) await co.report(shan, { day: today(i), visits, calls: 10 });
    await co.report(wang, { day: today(-1), visits: 7, follow_ups: 1, talk_points: '苏州嘉禾：等报价' });
});
after(async () => {
    await lead?.close();
    await browser?.close();
    await app?.stop();
});

const count = (label) => lead.page.locator('.kpi', { has: lead.page.getByText(label, { exact: true }) }).locator('.val').innerText();
const card = (name, day) => lead.page.locator('.queue-card', { hasText: name }).filter({ hasText: today(day) });
async function state_of(who, day) {
    return ok(await (await co.as(who)).get(`/reports/daily?day_from=${today(day)}&day_to=${today(day)}`)).json.rows[0];
}

story('the start page says how many reports wait and how many people have not reported', async () => {
    await lead.open('/');
    assert.match(await lead.text(), /待办[^]*待审报告\s*4/);
    assert.match(await lead.text(), /今日日报：已交 0\/3[^]*单雄信/);
    assert.equal((await lead.page.getByRole('navigation', { name: '主导航' }).getByRole('link', { name: '待审报告' }).locator('.count').innerText()).trim(), '4');
});

story('one report is approved', async () => {
    const { page } = lead;
    await go(page.getByRole('navigation', { name: '主导航' }).getByRole('link', { name: '待审报告' }));
    assert.match(await lead.text('h1'), /4 份待审/);
    await card('王梓涵', -1).getByText('苏州嘉禾：等报价').waitFor();
    await go(card('王梓涵', -1).getByRole('button', { name: '审核通过' }));
    await page.getByText('已审核').waitFor();
    assert.match(await lead.text('h1'), /3 份待审/, 'the lead is back in the queue');
    assert.equal((await state_of('rep_a2', -1)).state, 'approved');
});

story('one report is returned, for which a reason must be given; Esc closes the question and gives the focus back', async () => {
    const { page } = lead, dialog = page.getByRole('dialog');
    const button = card('单雄信', -1).getByRole('button', { name: '退回' });
    await button.click();
    assert.match(await dialog.innerText(), /退回给单雄信/);
    await comes(() => page.evaluate(() => document.activeElement.closest('dialog')?.id), 'reason');
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'hidden' });
    await comes(() => button.evaluate((b) => b === document.activeElement), true);
    await page.keyboard.press('Enter');
    await dialog.getByRole('button', { name: '确定' }).click();
    assert.equal(await dialog.isVisible(), true, 'not without a reason');
    await dialog.getByLabel('原因').fill('拜访写明客户');
    await go(dialog.getByRole('button', { name: '确定' }));
    await page.getByText('已退回给销售人员').waitFor();
    assert.match(await lead.text('h1'), /2 份待审/);
    const row = await state_of('rep_a', -1);
    assert.deepEqual([row.state, row.return_reason], ['returned', '拜访写明客户']);
});

story('the salesperson sees the reason on the phone, corrects the report, and it is back in the queue', async () => {
    const rep = await browser.tab(app, await co.as('rep_a'), { phone: true });
    await rep.open('/');
    assert.match(await rep.page.getByRole('link', { name: '待办' }).innerText(), /1/);
    await go(rep.page.getByRole('link', { name: /日报已退回：拜访写明客户/ }));
    await rep.page.getByText('主管已退回').waitFor();
    await rep.page.locator('[data-item="follow_ups"]').fill('1');
    await rep.page.getByLabel('沟通要点').fill('昆山博森：试用');
    await go(rep.page.getByRole('button', { name: '提交' }));
    await rep.close();
    await lead.open('/reports/daily/queue');
    await card('单雄信', -1).getByText('昆山博森：试用').waitFor();
});

story('several reports are approved at once', async () => {
    const { page } = lead;
    await page.getByLabel('全选').check();
    const bar = page.getByRole('group', { name: '已选行' });
    assert.match(await bar.innerText(), /已选\s*3/);
    await card('单雄信', -1).getByRole('checkbox').uncheck();
    assert.match(await bar.innerText(), /已选\s*2/);
    await go(bar.getByRole('button', { name: '批量审核通过' }));
    await page.getByText(/1 份待审/).waitFor();
    assert.equal((await state_of('rep_a', -2)).state, 'approved');
    assert.equal((await state_of('rep_a', -1)).state, 'late', 'a correction after the deadline is late');
    await go(card('单雄信', -1).getByRole('button', { name: '审核通过' }));
    await page.getByRole('heading', { name: '没有待审报告' }).waitFor();
    await go(page.getByRole('link', { name: '谁未交日报？' }));
    assert.equal(lead.path(), '/reports/daily/missing');
});

story('who has not reported is reminded, one by one or all at once', async () => {
    const { page } = lead;
    assert.deepEqual([await count('应交'), await count('已交'), await count('未交')], ['3', '0', '3']);
    await go(page.getByRole('listitem').filter({ hasText: '王梓涵' }).getByRole('button', { name: '提醒' }));
    await page.getByText('已提醒 1 人').waitFor();
    await page.getByRole('button', { name: '全部提醒' }).click();
    await page.getByRole('dialog').getByText('提醒全部 3 人？').waitFor();
    await go(page.getByRole('dialog').getByRole('button', { name: '确定' }));
    await page.getByText('已提醒 2 人').waitFor(); /* nobody is reminded twice within an hour */
    const rep = await browser.tab(app, await co.as('rep_a2'), { phone: true });
    await rep.open('/notices');
    assert.match(await rep.text(), new RegExp(`请填写 ${today()} 的日报`));
    await rep.close();
    await go(page.getByRole('link', { name: '前一天' }));
    assert.equal(new URL(page.url()).search, `?day=${today(-1)}`);
    assert.deepEqual([await count('已交'), await count('未交')], ['2', '1']);
    assert.match(await lead.text('.cards'), /欧阳雪/);
});

story('the board shows each person and the team, by week and by day', async () => {
    const { page } = lead;
    await co.report(await co.as('rep_a2'), { day: today(), visits: 2, amount: '12000', contract_no: 'HT-1' });
    await go(page.getByRole('navigation', { name: '主导航' }).getByRole('link', { name: '团队看板' }));
    await go(page.getByRole('link', { name: '按日' }));
    const cell = (row, column) => page.getByRole('row', { name: row }).locator(`[data-label="${column}"]`).innerText();
    assert.equal(await cell('王梓涵', '客户拜访量'), '2');
    assert.equal(await cell('团队合计', '成交金额'), '12,000.00');
    assert.match(await cell('单雄信', '今天'), /未提交/);
    await go(page.getByRole('link', { name: '上一周期' }));
    assert.equal(await cell('王梓涵', '客户拜访量'), '7');
    assert.equal(await cell('团队合计', '客户拜访量'), '10');
    await go(page.getByRole('link', { name: '按周' }));
    await go(page.getByRole('link', { name: '王梓涵' }));
    assert.equal(lead.path(), '/reports/daily');
    assert.match(await lead.text(), /王梓涵/);
    assert.doesNotMatch(await lead.text('#list'), /单雄信/);
});

story('on a phone the board needs no sideways scrolling and ranks the best first', async () => {
    const phone = await browser.tab(app, await co.as('lead_a'), { phone: true });
    await phone.open(`/reports/daily/board?day=${today()}`);
    const rows = phone.page.locator('.board tbody tr');
    assert.match(await rows.first().innerText(), /王梓涵/);
    assert.ok((await rows.first().boundingBox()).height < 170, 'a person takes little room');
    assert.equal(await phone.page.evaluate(() => document.documentElement.scrollWidth), 390);
    await phone.close();
});
