/* start.test.mjs - from the set-up link to a salesperson who has chosen a password. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before } from 'node:test';
import { start_app } from '../support/app.mjs';
import { csv, day_cell, read_xlsx, xlsx } from '../support/sheet.mjs';
import { comes, go, open_browser, story } from './browser.mjs';

let app, browser, admin, dir;
const PASSWORD = '长江后浪推前浪 2026';

before(async () => {
    dir = mkdtempSync(join(tmpdir(), 'xiaoguan-sheets-'));
    app = await start_app({ setup: false });
    browser = await open_browser();
    admin = await browser.tab(app);
});
after(async () => {
    await admin?.close();
    await browser?.close();
    await app?.stop();
    rmSync(dir, { recursive: true, force: true });
});

function file(name, bytes) {
    const path = join(dir, name);
    writeFileSync(path, bytes);
    return path;
}

/* The import pages up to the check. */
async function check(path) {
    const { page } = admin;
    await admin.open('/people');
    await go(page.getByRole('link', { name: '导入' }).first());
    await page.getByLabel('把 XLSX 或 CSV 文件拖到这里').setInputFiles(path);
    await go(page.getByRole('button', { name: '检查文件' }));
    await page.getByRole('heading', { name: '前几行' }).waitFor();
}
const count = async (label) => (await admin.page.locator('.kpi', { has: admin.page.getByText(label, { exact: true }) }).locator('.val').innerText()).trim();

story('a visitor of a new system is told to open the set-up link', async () => {
    await admin.open('/');
    assert.equal(admin.path(), '/login');
    assert.match(await admin.text(), /系统尚未初始化/);
});

story('the set-up link makes the company and its administrator, says mistakes beside the fields, and works once', async () => {
    const { page } = admin;
    await admin.open(app.setup_path);
    await page.getByLabel('公司').fill('江南电气有限公司');
    await page.getByLabel('姓名').fill('顾清');
    await page.getByLabel('账号').fill('guqing');
    await page.getByLabel('密码', { exact: false }).first().fill('short');
    await page.getByLabel('确认密码').fill('short');
    await go(page.getByRole('button', { name: '完成' }));
    assert.match(await page.locator('#password-error').innerText(), /至少 8 个字符/);
    assert.equal(await page.getByLabel('公司').inputValue(), '江南电气有限公司');
    await page.locator('#password').fill(PASSWORD);
    await page.locator('#password2').fill(PASSWORD);
    await go(page.getByRole('button', { name: '完成' }));
    if (admin.path() === '/login') await log_in(admin, 'guqing', PASSWORD);
    assert.equal(admin.path(), '/');
    assert.match(await admin.text('h1'), /^顾清，(上午|下午|晚上)好/);
    const again = await page.request.get(admin.url(app.setup_path));
    assert.notEqual(again.status(), 200);
});

async function log_in(tab, login, password) {
    await tab.page.getByLabel('账号').fill(login);
    await tab.page.getByLabel('密码').fill(password);
    await go(tab.page.getByRole('button', { name: '登录' }));
    await tab.page.getByRole('heading', { level: 1, name: '好' }).waitFor();
}

story('an empty list of people says what to do next', async () => {
    await admin.open('/people');
    assert.match(await admin.text(), /暂无员工/);
    assert.match(await admin.text(), /从表格导入员工，或先录入第一位/);
});

story('a roster of one flat sheet becomes offices, teams, leaders and people', async () => {
    const { page } = admin;
    await check(file('花名册.xlsx', xlsx([
        ['工号', '姓名', '主管', '办事处', '入职日期', '鞋码'],
        ['1002', '单雄信', '沈佳怡', '苏州办', day_cell('2024-07-08'), 42],
        ['1003', '欧阳雪', '沈佳怡', '苏州办', day_cell('2025-01-06'), 38],
        ['1008', '覃海', '马振华', '苏州办', day_cell('2025-05-06'), 41],
    ])));
    assert.equal(await count('总行数'), '3');
    assert.equal(await count('正确'), '3');
    const shoes = page.getByLabel('鞋码');
    assert.equal(await shoes.inputValue(), '', 'a column that the system does not know is passed over');
    assert.equal(await page.getByLabel('工号').inputValue(), 'no');
    await go(page.getByRole('button', { name: '导入', exact: true }));
    await go(page.getByRole('link', { name: '返回列表' }));
    await page.getByRole('link', { name: '单雄信' }).waitFor();
    await admin.open('/org');
    assert.match(await admin.text(), /江南电气有限公司[^]*苏州办[^]*沈佳怡团队[^]*2 人/);
});

story('rows with errors are shown beside their cells, the others are taken, and the failed ones come back as a file', async () => {
    const { page } = admin;
    await check(file('补充.csv', csv([
        ['工号', '姓名', '团队', '入职日期'], ['1004', '覃小曼', '沈佳怡团队', '2026-02-30'], ['1005', '王梓涵', '沈佳怡团队', '2026-02-03'], ['1006', '', '沈佳怡团队', '2026-02-03'],
    ])));
    assert.equal(await count('正确'), '1');
    assert.equal(await count('有错误'), '2');
    const row = page.getByRole('region', { name: '前几行' }).getByRole('row', { name: '覃小曼' });
    assert.match(await row.getByRole('cell', { name: '2026-02-30' }).innerText(), /2026-02-30\s*\S+/, 'the message stands in the cell');
    await go(page.getByRole('button', { name: '导入', exact: true }));
    await page.getByText('3 行中有 2 行错误，未导入任何数据').first().waitFor();
    await check(join(dir, '补充.csv'));
    await page.getByLabel('跳过错误行，导入其余').check();
    await go(page.getByRole('button', { name: '导入', exact: true }));
    const failed = page.getByRole('link', { name: '下载失败行' });
    await failed.waitFor();
    const [download] = await Promise.all([page.waitForEvent('download'), failed.click()]);
    const rows = read_xlsx(readFileSync(await download.path()));
    assert.deepEqual(rows.slice(1).map((r) => r[0]).map(String), ['1004', '1006']);
    await go(page.getByRole('link', { name: '返回列表' }));
    await page.getByRole('link', { name: '王梓涵' }).waitFor();
    assert.equal(await page.getByRole('link', { name: '覃小曼' }).count(), 0);
});

story('a column that was not recognised can be chosen, and the check is repeated', async () => {
    const { page } = admin;
    await check(file('外部.csv', csv([['编码', '大名', '所在'], ['1007', '曾国强', '沈佳怡团队']])));
    await page.getByLabel('编码').selectOption('no');
    await page.getByLabel('大名').selectOption('name');
    await page.getByLabel('所在').selectOption({ label: '团队' });
    await go(page.getByRole('button', { name: '重新检查' }));
    assert.equal(await count('正确'), '1');
    await go(page.getByRole('link', { name: '取消' }));
    assert.equal(await page.getByRole('link', { name: '曾国强' }).count(), 0);
});

story('an invited salesperson chooses a password on the phone and starts at the report', async () => {
    const { page } = admin;
    await admin.open('/accounts');
    await go(page.getByRole('link', { name: '新增' })); /* the list has fields of the same names */
    await page.getByLabel('账号').fill('shanxx');
    await page.getByLabel('姓名').fill('单雄信');
    await page.getByRole('combobox', { name: '员工' }).fill('sxx'); /* by pinyin: 单 is shàn in a name */
    await comes(() => page.locator('.ref-list:visible [role="option"]').allInnerTexts(), ['单雄信'], 'not the list of before');
    await page.getByRole('option', { name: '单雄信' }).click();
    await page.getByLabel('销售人员').check();
    await go(page.getByRole('button', { name: '保存' }));
    await page.getByText('账号已创建').waitFor();
    await go(page.getByRole('button', { name: /链接/ }));
    const link = await page.locator('.copy-line code').innerText();
    assert.match(link, /\/invite\//);
    const rep = await browser.tab(app, null, { phone: true });
    await rep.open(new URL(link).pathname);
    assert.match(await rep.text(), /单雄信，账号是“shanxx”/);
    await rep.page.locator('#password').fill('黄河远上白云间 2026');
    await rep.page.locator('#password2').fill('黄河远上白云间 2025');
    await go(rep.page.getByRole('button', { name: '保存' }));
    assert.match(await rep.text(), /两次输入的密码不一致/);
    await rep.page.locator('#password').fill('黄河远上白云间 2026');
    await rep.page.locator('#password2').fill('黄河远上白云间 2026');
    await go(rep.page.getByRole('button', { name: '保存' }));
    if (rep.path() === '/login') await log_in(rep, 'shanxx', '黄河远上白云间 2026');
    await go(rep.page.getByRole('navigation', { name: '快捷入口' }).getByRole('link', { name: '写日报' }));
    await rep.page.getByRole('button', { name: '提交' }).waitFor();
    await rep.close();
});
