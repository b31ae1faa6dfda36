/* okr.test.mjs - objectives from the region to the salesperson, checked in on and scored; key actions and tracking, which judge themselves. */
import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import { start_app } from '../support/app.mjs';
import { day_after, found_company, ok, run_job, today } from '../support/company.mjs';
import { axe_findings, open_browser, sticking_out, story } from './browser.mjs';

let app, browser, co, visits, own;
const href = {};
const last_monday = day_after(today(), -((new Date(`${today()}T00:00:00Z`).getUTCDay() + 6) % 7) - 7);

before(async () => {
    app = await start_app();
    browser = await open_browser();
    co = await found_company(app);
    await co.set_day(today(), 'work');
    for (let i = 0; i < 5; i++) await co.set_day(day_after(last_monday, i), 'work');
    visits = ok(await co.admin.get('/numbers/metrics?per_page=200')).json.rows.find((m) => m.code === 'visits').id;
    await visit('shan', today(), 3);
});
after(async () => {
    await browser?.close();
    await app?.stop();
});

const visit = (key, day, n) => co.report(co.admin, { employee_id: co.person[key].id, day, visits: n });
const whole = async (tab, what) => {
    assert.deepEqual(await sticking_out(tab.page), [], what);
    assert.deepEqual(await axe_findings(tab.page), [], what);
};
const card = (page, title) => page.locator('.okr-card', { hasText: title });
const result = (page, title) => page.locator('.krs-wide > li', { hasText: title });

async function pick(page, name, typed, option) {
    await page.getByRole('combobox', { name }).fill(typed);
    await page.getByRole('option', { name: option, exact: true }).click();
}

/* A key result on customer visits, from the objective's page, and begins. */
async function measure_and_begin(page, title, target) {
    const objective = new URL(page.url()).pathname;
    await page.getByRole('link', { name: '添加关键成果' }).click();
    await page.waitForURL('**/results/new');
    await page.locator('#title').fill(title);
    await pick(page, '指标', '拜访', '客户拜访量');
    await page.locator('#target_value').fill(target);
    await page.getByRole('button', { name: '保存' }).click();
    await page.waitForURL((url) => !url.pathname.endsWith('/new'));
    await page.goto(new URL(objective, page.url()).href);
    await result(page, title).waitFor();
    await page.getByRole('button', { name: '开始', exact: true }).click();
    await page.getByText('已开始，相关人员可以看到').waitFor();
    return objective;
}

story('the manager writes an objective for the region, measured by a metric, and begins it', async () => {
    const tab = await browser.tab(app, await co.as('manager')), { page } = tab;
    await tab.open('/okr');
    await page.getByRole('link', { name: '新建目标' }).click();
    await page.waitForURL('**/okr/objectives/new');
    await page.locator('#title').fill('华东跑遍重点客户');
    await page.locator('#level').selectOption({ label: '部门' });
    await pick(page, '部门', '华东', '华东大区');
    await page.getByRole('button', { name: '保存' }).click();
    await page.waitForURL(/\/okr\/objectives\/\d+$/);
    href.region = await measure_and_begin(page, '大区拜访40次', '40');
    assert.match(await result(page, '大区拜访40次').innerText(), /7\.5%[^]*0 次 → 3 次 → 40 次/);
    await tab.close();
});

story("the team lead aligns the team's objective with it", async () => {
    const tab = await browser.tab(app, await co.as('lead_a')), { page } = tab;
    await tab.open('/okr');
    await card(page, '华东跑遍重点客户').getByRole('link', { name: '华东跑遍重点客户' }).click();
    await page.waitForURL(`**${href.region}`);
    await page.getByRole('link', { name: '新建对齐目标' }).click();
    await page.waitForURL('**/aligned/new');
    assert.equal(await page.getByRole('combobox', { name: '对齐的目标' }).inputValue(), '华东跑遍重点客户');
    await page.locator('#title').fill('一部每人每周三访');
    await page.locator('#level').selectOption({ label: '部门' });
    await pick(page, '部门', '上海', '上海一部');
    await page.getByRole('button', { name: '保存' }).click();
    await page.waitForURL(/\/okr\/objectives\/\d+$/);
    href.team = await measure_and_begin(page, '团队拜访20次', '20');
    assert.match(await page.locator('.okr-above').innerText(), /华东跑遍重点客户[^]*华东大区/);
    await tab.close();
});

story('the salesperson checks in on a phone: confidence and a comment are typed, progress comes from the metric', async () => {
    const rep = await co.as('rep_a');
    const make = async (path, json) => ok(await rep.post(path, { json }), 201).json.id;
    own = await make('/okr/objectives', { title: '我的十次拜访', parent_id: Number(href.team.split('/').pop()) });
    await make('/okr/results', { objective_id: own, title: '拜访10次', metric_id: visits, target_value: 10 });
    ok(await rep.post(`/okr/objectives/${own}/start`, { json: {} }));

    const tab = await browser.tab(app, rep, { phone: true }), { page } = tab;
    await tab.open('/okr');
    await whole(tab, 'okr');
    await card(page, '我的十次拜访').getByRole('link', { name: '我的十次拜访' }).click();
    await page.waitForURL(`**/okr/objectives/${own}`);
    const kr = result(page, '拜访10次');
    assert.match(await kr.innerText(), /30\.0%[^]*3 次[^]*本周待更新/);
    await kr.getByText('更新进展', { exact: true }).first().click();
    await kr.getByLabel('信心指数（0–10）').fill('8');
    assert.equal(await kr.getByLabel('当前值').count(), 0, 'the value is not typed');
    await kr.getByLabel('说明').fill('下周约好两家');
    await whole(tab, 'objective');
    await kr.getByRole('button', { name: '更新进展' }).click();
    await page.getByText('进展已更新').waitFor();
    await kr.getByText('进展记录').click();
    await kr.getByText('下周约好两家').waitFor();
    assert.match(await kr.locator('.timeline').innerText(), /有把握 8[^]*30\.0%/);
    ok(await co.admin.call('PATCH', `/reports/daily/${await report_of('shan')}`, { json: { visits: 6 } }));
    await tab.open(`/okr/objectives/${own}`);
    assert.match(await kr.innerText(), /60\.0%[^]*6 次/);
    await tab.close();
});

async function report_of(key) {
    return ok(await co.admin.get(`/reports/daily?employee_id=${co.person[key].id}&day_from=${today()}&day_to=${today()}`)).json.rows[0].id;
}

story('the manager sees from the region down how far everybody is', async () => {
    const tab = await browser.tab(app, await co.as('manager'));
    await tab.open(href.region);
    const tree = await tab.text('.okr-tree');
    assert.match(tree, /一部每人每周三访[^]*30\.0%[^]*我的十次拜访[^]*单雄信[^]*60\.0%/);
    assert.deepEqual(await axe_findings(tab.page), []);
    await tab.close();
});

story('at the close the numbers propose a score, and another one needs its reason', async () => {
    const tab = await browser.tab(app, await co.as('rep_a'), { phone: true }), { page } = tab;
    await tab.open(`/okr/objectives/${own}`);
    await page.getByRole('link', { name: '评分并关闭' }).click();
    await page.waitForURL('**/close');
    const score = page.getByLabel('拜访10次');
    assert.equal(await score.inputValue(), '0.60');
    await whole(tab, 'close');
    await score.fill('0.7');
    await page.getByRole('button', { name: '关闭', exact: true }).click();
    await page.getByText('评分与建议值不同，请说明原因').first().waitFor();
    await page.getByLabel('评分说明').fill('第七家改期到下周');
    await page.getByRole('button', { name: '关闭', exact: true }).click();
    await page.getByText('已关闭；评分不计入薪酬').waitFor();
    assert.match(await tab.text(), /评分 0\.7[^]*第七家改期到下周/);
    await tab.close();
});

story('the lead sees who has met a key action of last week, and who is tracked daily since', async () => {
    const lead = await co.as('lead_a');
    const fields = { unit_id: co.unit.a.id, first_day: last_monday, active: true };
    ok(await lead.post('/key-actions', { json: { ...fields, name: '每周拜访重点客户', metric_id: visits, compare: 'at_least', amount: 3, window_kind: 'week', applies: 'unit' } }), 201);
    ok(await lead.post('/tracking/plans', { json: { ...fields, name: '一部周跟踪', owner_id: co.person.lin.id, cycle: 'week', metric1_id: visits, under: 80, under_periods: 1, good: 90, good_periods: 1 } }), 201);
    const year = Number(last_monday.slice(0, 4)), months = [...Array(12)].map((_, i) => i + 1);
    const manager = await co.as('manager'), cells = ['shan', 'wang'].flatMap((key) => months.map((month) => ({ scope: `p${co.person[key].id}`, month, value: '12' })));
    ok(await manager.post('/targets/cells', { json: { metric: 'visits', year, cells } }));
    ok(await manager.post('/targets/publish', { json: { metric: 'visits', year, unit_id: co.unit.a.id } }));
    await visit('shan', last_monday, 4);
    await visit('wang', last_monday, 1);
    await run_job(app, 'tracking.judge');

    const tab = await browser.tab(app, lead, { phone: true }), { page } = tab;
    await tab.open(`/key-actions/team?day=${last_monday}`);
    const row = (name) => page.getByRole('row', { name }).innerText();
    assert.match(await row('单雄信'), /✓ 已达成 4\/3/);
    assert.match(await row('王梓涵'), /✗ 未达成 1\/3[^]*2/);
    await whole(tab, 'team');
    await tab.open('/tracking');
    const daily = page.getByRole('region', { name: '每日跟踪' });
    assert.match(await daily.innerText(), /王梓涵[^]*客户拜访量/);
    assert.doesNotMatch(await daily.innerText(), /单雄信/);
    await whole(tab, 'tracking');
    await tab.close();

    const rep = await browser.tab(app, await co.as('rep_a'), { phone: true });
    await rep.open('/key-actions/mine');
    assert.match(await rep.text(), /每周拜访重点客户[^]*客户拜访量 ≥ 3 次 \/ 周/);
    await whole(rep, 'mine');
    await rep.close();
});
