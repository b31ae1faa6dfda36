/* intake.test.mjs - a file of deals, mapped once: filter, preview, unknown names, taken in, again without doubling, from a number back to its row. */
import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import { start_app } from '../support/app.mjs';
import { found_company, ok } from '../support/company.mjs';
import { csv } from '../support/sheet.mjs';
import { axe_findings, comes, open_browser, sticking_out, story } from './browser.mjs';

let app, browser, co, desk;

before(async () => {
    app = await start_app({ env: { XIAOGUAN_JOBS: '1' } });
    browser = await open_browser();
    co = await found_company(app);
    desk = await browser.tab(app, await co.as('finance'));
});
after(async () => {
    await desk?.close();
    await browser?.close();
    await app?.stop();
});

/* Two are won, one of them by somebody the program does not know, one of a product it does not know; one is lost. */
const deals = (wang = '2000') => csv([
    ['商机号', '业务员', '货品', '阶段', '关闭日', '合同额'],
    ['OP-1', '单雄信', '', '赢单', '2026-03-04', '1000'],
    ['OP-2', '王梓涵', '', '赢单', '2026-03-05', wang],
    ['OP-3', '老单', '', '赢单', '2026-03-06', '3000'],
    ['OP-4', '单雄信', '会议终端', '赢单', '2026-03-09', '4000'],
    ['OP-5', '王梓涵', '', '输单', '2026-03-10', '9000'],
]);
const amount_of = async (key) => Number(ok(await co.admin.get(`/numbers/series?employee_id=${co.person[key].id}&metric=amount&from=2026-03&months=1`)).json.series[0].value ?? 0);
const whole_on_a_phone = async (path) => {
    const phone = await browser.tab(app, await co.as('finance'), { phone: true });
    await phone.open(path);
    assert.deepEqual(await sticking_out(phone.page), [], path);
    assert.deepEqual(await axe_findings(phone.page), [], path);
    await phone.close();
};
const kpi = (label) => desk.page.locator('.kpis-top .kpi', { has: desk.page.getByText(label, { exact: true }) }).locator('.val');
const counts = async () => Object.fromEntries(await Promise.all(['新增', '修改', '未变', '未计入', '等待', '有错误'].map(async (k) => [k, Number(await kpi(k).innerText())])));
async function upload(name, data, feed) {
    const { page } = desk;
    await desk.open('/intake/upload');
    if (feed) await page.locator('#feed').selectOption({ label: feed });
    await page.locator('#file').setInputFiles({ name, mimeType: 'text/csv', buffer: data });
    await page.getByRole('button', { name: '检查文件' }).click();
    await page.waitForURL(/\/intake\/runs\/\d+$/);
}
/* The run's page, once the run has ended: its links to the entries stand there only then. */
async function finished() {
    await desk.page.getByRole('link', { name: '查看生成的明细' }).waitFor({ timeout: 30000 });
}

story('a new file says what it holds, and its columns are given their meaning', async () => {
    const { page } = desk;
    await upload('商机3月.csv', deals());
    await page.getByText('商机3月.csv · 5 行').waitFor();
    for (const [field, heading] of [['person_column', '业务员'], ['day_column', '关闭日'], ['key_1', '商机号'], ['product_column', '货品']]) await page.locator(`#${field}`).selectOption({ label: heading });
    await page.locator('#name').fill('CRM 商机');
    for (let i = 1; i <= 4; i++) await page.locator(`[name=metric_${i}]`).selectOption('');
    await page.locator('[name=metric_1]').selectOption({ label: '成交金额' });
    await page.locator('[name=column_1]').selectOption({ label: '合计 合同额' });
    await page.locator('[name=filter_1]').selectOption({ label: '阶段' });
    await page.locator('[name=values_1]').fill('赢单');
    await page.getByRole('button', { name: '统计行数' }).click();
    await page.waitForURL('**/preview');
    assert.match(await page.locator('tr', { has: page.locator('[name=metric_1]') }).innerText(), /4 行/);
    assert.equal(await page.locator('[name=values_1]').inputValue(), '赢单', 'what was chosen stays');
    assert.match(await desk.text(), /赢单, 输单/);
    assert.equal(ok(await co.admin.get('/intake/feeds')).json.rows.length, 0, 'nothing is saved yet');
    await page.getByRole('button', { name: '保存并检查' }).click();
    await page.getByRole('button', { name: '接入', exact: true }).waitFor();
    assert.deepEqual(await counts(), { 新增: 2, 修改: 0, 未变: 0, 未计入: 1, 等待: 2, 有错误: 0 });
    assert.match(await desk.text(), /老单[^]*会议终端/);
    assert.equal(await amount_of('shan'), 0, 'nothing is counted before it is confirmed');
    await whole_on_a_phone(desk.path());
});

story('the rows come in; what is unknown waits, is told once, and comes in too', async () => {
    const { page } = desk;
    await page.getByRole('button', { name: '接入', exact: true }).click();
    await finished();
    assert.deepEqual(await counts(), { 新增: 2, 修改: 0, 未变: 0, 未计入: 1, 等待: 2, 有错误: 0 });
    assert.deepEqual([await amount_of('shan'), await amount_of('wang')], [1000, 2000]);
    await whole_on_a_phone(desk.path());
    await page.getByRole('combobox', { name: /老单/ }).fill('sxx');
    await comes(() => page.locator('.ref-list:visible [role="option"]').allInnerTexts(), ['单雄信'], 'not the list for nothing typed');
    await page.getByRole('option', { name: '单雄信' }).click();
    await page.getByLabel(/会议终端/).selectOption({ label: '新建条目“会议终端”' });
    await page.getByRole('button', { name: '保存并接入等待的行' }).click();
    await page.getByRole('button', { name: '保存并接入等待的行' }).waitFor({ state: 'detached', timeout: 30000 });
    await finished();
    assert.deepEqual(await counts(), { 新增: 4, 修改: 0, 未变: 0, 未计入: 1, 等待: 0, 有错误: 0 });
    assert.deepEqual([await amount_of('shan'), await amount_of('wang')], [8000, 2000]);
});

story('the same file again doubles nothing, a corrected row replaces the old one, and no name is asked for again', async () => {
    const { page } = desk;
    for (const [name, data, expected] of [['again.csv', deals(), { 新增: 0, 修改: 0, 未变: 4 }], ['corrected.csv', deals('2500'), { 新增: 0, 修改: 1, 未变: 3 }]]) {
        await upload(name, data, 'CRM 商机');
        await page.getByRole('button', { name: '接入', exact: true }).click();
        await finished();
        assert.deepEqual(await counts(), { ...expected, 未计入: 1, 等待: 0, 有错误: 0 }, name);
    }
    assert.deepEqual([await amount_of('shan'), await amount_of('wang')], [8000, 2500]);
});

story('from a number back to its file and row', async () => {
    const { page } = desk;
    await desk.open(`/numbers/facts?employee_id=${co.person.wang.id}`);
    await page.getByRole('row').filter({ hasText: '2026-03-05' }).filter({ hasText: '2,500.00' }).getByRole('link').first().click();
    await page.waitForURL(/\/numbers\/facts\/\d+$/);
    await page.getByRole('link', { name: '来源文件与行' }).click();
    await page.waitForURL(/\/intake\/runs\/\d+\?row=3$/);
    assert.match(await desk.text(), /corrected\.csv[^]*文件第 3 行[^]*商机号\s*OP-2[^]*合同额\s*2500/);
    await whole_on_a_phone(`${desk.path()}?row=3`);
    await whole_on_a_phone('/intake');
});
