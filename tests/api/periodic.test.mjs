/* periodic.test.mjs - weekly and monthly reports: 周业绩汇总表 and 月度业绩复盘表 in and out, live and approved numbers, deadlines, who may what. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { start_app } from '../support/app.mjs';
import { day_after, field_of, found_company, ok, run_job, today } from '../support/company.mjs';
import { csv, read_xlsx, xlsx } from '../support/sheet.mjs';

const WEEK = '/reports/weekly', MONTH = '/reports/monthly';
const WEEK_HEADINGS = ['周次', '销售人员', '周目标(元)', '实际完成(元)', '达成率(%)', '环比增长(%)', '主要问题', '下周重点目标'];
const WEEK_TRADITIONAL = ['周次', '銷售人員', '周目標(元)', '實際完成(元)', '達成率(%)', '環比增長(%)', '主要問題', '下周重點目標'];
const MONTH_HEADINGS = ['月份', '销售人员/团队', '月度目标(元)', '实际完成(元)', '达成率(%)', '关键指标完成情况', '业绩亮点', '存在问题', '改进措施', '下月目标(元)'];
const MONTH_TRADITIONAL = ['月份', '銷售人員/團隊', '月度目標(元)', '實際完成(元)', '達成率(%)', '關鍵指標完成情況', '業績亮點', '存在問題', '改進措施', '下月目標(元)'];
const A = ['张三', '80,000', '85,000', '106.25', '+12.5', '大客户成交周期较长', '推进D客户签约,目标30,000元'];
const B = ['李四', '60,000', '48,000', '80.00', '-5.0', '新客户开发量不足', '新增2个意向客户,目标65,000元'];
const TEAM_MONTH = ['2024-07', '上海一部（团队）', '300,000', '285,000', '95.00', '新签客户6个(目标8个),客单价4.75万(目标6万)', '大客户A签约50,000元', '新客户开发未达标,客单价偏低', '加强新客户开拓培训,优化产品组合推荐', '320,000'];
const PERSON_MONTH = ['2024-07', '张三', '200,000', '220,000', '110.00', '意向客户转化率25%(目标20%)', '连续3周超额完成周目标', '重点客户跟进频次不足', '制定重点客户日跟进计划,增加客户拜访深度', '220,000'];
const send = async (client, path, rows, type = 'csv') => ok(await client.post(`${path}/import?mode=all`, { files: { file: { name: `表.${type}`, data: type === 'csv' ? csv(rows) : xlsx(rows) } } })).json;
const plain = (s) => String(s).replaceAll('（', '(').replaceAll('）', ')').replaceAll(' ', '');
const monday = (iso) => day_after(iso, -((new Date(`${iso}T00:00:00Z`).getUTCDay() + 6) % 7));
const last_monday = () => day_after(monday(today()), -7);
const shown = (row) => [row.target, row.actual, row.rate_text, row.growth_text];
const by_name = (sheet) => Object.fromEntries(sheet.rows.map((r) => [r.subject_title, r]));

async function company() {
    const app = await start_app(), admin = await app.as('admin'), co = await found_company(app);
    await co.add_person('zhang', '张三', 'a', { hired_on: '2024-01-02' });
    await co.add_person('li', '李四', 'a', { hired_on: '2024-01-02' });
    return { app, admin, co };
}

/* The administrator's answers in Chinese, as the sheets are. */
async function chinese(app) {
    const zh = app.visitor({ lang: 'zh-CN' });
    ok(await zh.login('admin'));
    ok(await zh.post('/account/language', { json: { lang: 'zh_CN' } }));
    return zh;
}

describe('周业绩汇总表 of 2024-W28', () => {
    let app, admin, co;
    const sheet = async (client = admin) => ok(await client.get(`${WEEK}/sheet?week=2024-07-08&unit_id=${co.unit.a.id}`)).json;
    before(async () => {
        ({ app, admin, co } = await company());
        await send(admin, WEEK, [WEEK_HEADINGS, ['2024-W27', '张三', '', '75,556', '', '', '', ''], ['2024-W27', '李四', '', '50,526', '', '', '', '']]);
        const sent = await send(admin, WEEK, [WEEK_HEADINGS, ['2024年第28周', ...A], ['2024-W28', ...B]]);
        assert.deepEqual([sent.counts.new, sent.counts.bad], [2, 0]);
    });
    after(() => app.stop());

    it('shows A 80,000 85,000 106.25 % +12.50 % and B 60,000 48,000 80.00 % -5.00 %', async () => {
        const rows = by_name(await sheet());
        assert.deepEqual(shown(rows['张三']), [80000, 85000, '106.25%', '+12.50%']);
        assert.deepEqual(shown(rows['李四']), [60000, 48000, '80.00%', '-5.00%']);
        assert.deepEqual([rows['张三'].problem, rows['张三'].next_focus], A.slice(5));
        assert.deepEqual([rows['李四'].problem, rows['李四'].next_focus], B.slice(5));
        assert.match(rows['张三'].period_title, /28.*07-08–07-14/);
    });

    it("shows the team's rate as the sums' rate: 140,000 133,000 95.00 % +5.49 %", async () => {
        assert.deepEqual(shown((await sheet()).team), [140000, 133000, '95.00%', '+5.49%']);
        const page = ok(await admin.get(`${WEEK}/sheet?week=2024-W28&unit_id=${co.unit.a.id}`, { html: true })).text;
        assert.match(page, /<tfoot>[^]*133,000\.00[^]*95\.00%[^]*\+5\.49%/);
    });

    it('takes the amount aimed at from the words', async () => {
        const rows = by_name(await sheet());
        const one = async (r) => ok(await admin.get(`${WEEK}/${r.id}`)).json.next_target;
        assert.equal(await one(rows['张三']), 30000);
        assert.equal(await one(rows['李四']), 65000);
    });

    it('has entered the actual as a fact, said so, and the sums verify', async () => {
        const row = by_name(await sheet())['张三'];
        assert.equal(row.actual_source, 'Entered from the weekly sheet');
        const facts = ok(await admin.get(row.facts_href)).json.rows;
        assert.deepEqual(facts.map((f) => [f.day, f.amount, f.source, f.source_id]), [['2024-07-12', 85000, 'program', row.id]]);
        const ran = await app.run('metrics', 'verify');
        assert.equal(ran.code, 0, ran.err + ran.out);
    });

    it('goes out under the headings of the source and comes in again without a change, from either script', async () => {
        const zh = await chinese(app);
        const book = ok(await zh.get(`${WEEK}/sheet.xlsx?week=2024-07-08&unit_id=${co.unit.a.id}`)), cells = read_xlsx(book.data);
        assert.deepEqual(cells[0].map(plain), WEEK_HEADINGS);
        const a = cells.find((r) => r[1] === '张三'), team = cells.at(-1);
        assert.deepEqual([plain(a[0]), ...a.slice(1)], ['2024年第28周(07-08–07-14)', '张三', 80000, 85000, 106.25, 12.5, ...A.slice(5)]);
        assert.deepEqual([team[1], ...team.slice(2, 6)], ['上海一部（团队）', 140000, 133000, 95, 5.49]);
        const before_it = (await sheet()).rows.map((r) => [r.id, r.subject_title, ...shown(r)]);
        const again = ok(await zh.post(`${WEEK}/import?mode=all`, { files: { file: { name: '再来.xlsx', data: book.data } } })).json.counts;
        assert.deepEqual([again.new, again.update, again.bad, again.unchanged], [0, 0, 0, cells.length - 1]);
        const old = await send(zh, WEEK, [WEEK_TRADITIONAL, ['2024-W28', ...A]]);
        assert.deepEqual([old.counts.new, old.counts.update, old.counts.unchanged], [0, 0, 1]);
        assert.deepEqual((await sheet()).rows.map((r) => [r.id, r.subject_title, ...shown(r)]), before_it);
        ok(await zh.post('/account/language', { json: { lang: 'en' } }));
    });

    it('keeps growth as the sheet said it where the week before is not known', async () => {
        await send(admin, WEEK, [WEEK_HEADINGS, ['2024-W10', ...A]]);
        const rows = by_name(ok(await admin.get(`${WEEK}/sheet?week=2024-W10&unit_id=${co.unit.a.id}`)).json);
        assert.deepEqual([rows['张三'].growth_text, rows['张三'].growth_stated], ['+12.50%', true]);
        assert.equal(rows['李四'].growth_text, '—', 'nothing is not 0 %');
    });

    it('refuses what is no week and nobody, telling where', async () => {
        const r = await admin.post(`${WEEK}/import?mode=all`, { files: { file: { name: '错.csv', data: csv([WEEK_HEADINGS, ['第60周', ...A], ['2024-W28', '无此人', ...A.slice(1)], ['', ...A]]) } } });
        assert.equal(r.status, 422);
        assert.deepEqual(r.json.rows.map((e) => [e.row, e.column]), [[2, '周次'], [3, '销售人员'], [4, '周次']]);
        assert.equal(ok(await admin.get(`${WEEK}?week_from=2024-12-23&week_to=2024-12-29`)).json.total, 0);
    });

    it('takes hostile cells as text and gives them back as text', async () => {
        const nasty = ['=HYPERLINK("http://x")', '<script>alert(1)</script>"\'&{{problem}}'];
        await send(admin, WEEK, [WEEK_HEADINGS, ['2024-W20', '李四', '1', '2', '', '', ...nasty]]);
        const path = `week=2024-W20&unit_id=${co.unit.a.id}`, page = ok(await admin.get(`${WEEK}/sheet?${path}`, { html: true })).text;
        assert.doesNotMatch(page, /<script>alert/);
        assert.ok(page.includes('&lt;script&gt;'));
        const row = read_xlsx(ok(await admin.get(`${WEEK}/sheet.xlsx?${path}`)).data).find((r) => r[1] === '李四');
        assert.deepEqual(row.slice(6, 8), nasty);
    });
});

describe('月度业绩复盘表 of 2024-07', () => {
    let app, admin, co;
    const sheet = async () => ok(await admin.get(`${MONTH}/sheet?month=2024-07&unit_id=${co.unit.a.id}`)).json;
    before(async () => {
        ({ app, admin, co } = await company());
        const sent = await send(admin, MONTH, [MONTH_HEADINGS, TEAM_MONTH, PERSON_MONTH], 'xlsx');
        assert.deepEqual([sent.counts.new, sent.counts.bad], [2, 0], JSON.stringify(sent));
    });
    after(() => app.stop());

    it('shows the team: 300,000 285,000 95.00 %, 新签 6/8 = 75.00 %, 客单价 47,500/60,000 = 79.17 %, next 320,000 (+6.67 %)', async () => {
        const { team } = await sheet();
        assert.deepEqual([team.target, team.actual, team.rate_text, team.next_target, team.next_growth_text], [300000, 285000, '95.00%', 320000, '+6.67%']);
        assert.deepEqual(team.keys.map((k) => [k.metric, k.actual, k.target, k.rate_text]), [['customers_signed', 6, 8, '75.00%'], ['average_price', 47500, 60000, '79.17%']]);
        assert.deepEqual([team.highlights, team.problem, team.measures], TEAM_MONTH.slice(6, 9));
    });

    it('shows the person: 200,000 220,000 110.00 %, 转化率 25 %/20 % = 125.00 %, +5.00 points, next 220,000 (+10.00 %)', async () => {
        const row = by_name(await sheet())['张三'];
        assert.deepEqual([row.target, row.actual, row.rate_text, row.next_target, row.next_growth_text], [200000, 220000, '110.00%', 220000, '+10.00%']);
        assert.deepEqual(row.keys.map((k) => [k.metric, k.actual, k.target, k.rate_text, k.points]), [['conversion', 25, 20, '125.00%', 5]]);
        assert.match(row.keys[0].points_text, /^\+5\.00 percentage points$/);
        assert.deepEqual([row.highlights, row.problem, row.measures], PERSON_MONTH.slice(6, 9));
    });

    it('goes out under the headings of the source and comes in again without a change, from either script', async () => {
        const zh = await chinese(app);
        const book = ok(await zh.get(`${MONTH}/sheet.xlsx?month=2024-07&unit_id=${co.unit.a.id}`)), cells = read_xlsx(book.data);
        assert.deepEqual(cells[0].map(plain), MONTH_HEADINGS);
        assert.deepEqual(cells.at(-1).slice(0, 5), ['2024-07', '上海一部（团队）', 300000, 285000, 95]);
        assert.equal(plain(cells.at(-1)[5]), '新签客户数6个(目标8个)，客单价47,500.00元(目标60,000.00元)');
        const again = ok(await zh.post(`${MONTH}/import?mode=all`, { files: { file: { name: '再来.xlsx', data: book.data } } })).json.counts;
        assert.deepEqual([again.new, again.update, again.bad, again.unchanged], [0, 0, 0, cells.length - 1]);
        const old = await send(zh, MONTH, [MONTH_TRADITIONAL, TEAM_MONTH, PERSON_MONTH]);
        assert.deepEqual([old.counts.new, old.counts.update, old.counts.unchanged], [0, 0, 2]);
        ok(await zh.post('/account/language', { json: { lang: 'en' } }));
    });

    it("keeps the month's total when weeks come after it, as their remainder", async () => {
        await send(admin, WEEK, [WEEK_HEADINGS, ['2024-W28', ...A]]);
        const row = by_name(await sheet())['张三'];
        assert.equal(row.actual, 220000);
        const facts = ok(await admin.get(row.facts_href)).json, sum = facts.rows.reduce((n, f) => n + f.amount, 0);
        assert.equal(sum, 220000);
        const week = by_name(ok(await admin.get(`${WEEK}/sheet?week=2024-W28&unit_id=${co.unit.a.id}`)).json)['张三'];
        assert.equal(week.actual, 85000);
        assert.equal((await app.run('metrics', 'verify')).code, 0);
        const again = await send(admin, MONTH, [MONTH_HEADINGS, TEAM_MONTH, PERSON_MONTH]);
        assert.equal(again.counts.unchanged, 2);
    });
});

describe('a week that is being reported', () => {
    let app, admin, co, rep, lead, manager, row;
    const first = last_monday(), friday = day_after(first, 4);
    const write = (client, fields, status = 201) => client.post(WEEK, { json: { week: first, ...fields } }).then((r) => ok(r, status).json);
    before(async () => {
        ({ app, admin, co } = await company());
        [rep, lead, manager] = await Promise.all(['rep_a', 'lead_a', 'manager'].map((l) => co.as(l)));
        await co.set_day(friday, 'work');
        await co.report(admin, { employee_id: co.person.shan.id, day: friday, amount: 50000, contract_no: 'HT-1' });
        await co.report(admin, { employee_id: co.person.wang.id, day: friday, amount: 30000, contract_no: 'HT-2' });
        await co.report(admin, { employee_id: co.person.shan.id, day: day_after(friday, -7), amount: 40000, contract_no: 'HT-3' });
    });
    after(() => app.stop());

    it('opens for the salesperson with the numbers in it, and only words to type', async () => {
        const page = ok(await rep.get(`${WEEK}/new?week=${first}`, { html: true })).text;
        assert.match(page, /50,000\.00/);
        assert.match(page, /\+25\.00%/);
        assert.match(page, /name="problem"/);
        assert.match(page, /href="\/numbers\/facts\?employee_id=/);
        assert.doesNotMatch(page, /name="target"/);
        const model = ok(await rep.get(`${WEEK}/new?week=${first}`)).json;
        assert.deepEqual([model.actual, model.growth, model.target, model.rate], [50000, 25, null, null]);
    });

    it('is saved as a draft that nobody else sees, then submitted; saying it twice changes nothing', async () => {
        const draft = await write(rep, { problem: '客户拖延', state: 'draft' });
        assert.equal(draft.state, 'draft');
        assert.equal((await lead.get(`${WEEK}/${draft.id}`)).status, 404);
        row = await write(rep, { problem: '客户拖延', next_focus: '签下乙公司，目标6万元' }, 200);
        assert.deepEqual([row.state === 'late' || row.state === 'submitted', row.next_target], [true, 60000]);
        assert.equal((await write(rep, { problem: '客户拖延', next_focus: '签下乙公司，目标6万元' }, 200)).version, row.version);
        assert.equal(row.id, draft.id);
    });

    it('keeps its one row when it comes twice at once', async () => {
        const both = await Promise.all([1, 2].map(() => (co.as('rep_a2')).then((c) => c.post(WEEK, { json: { week: first, problem: '同时' } }))));
        for (const r of both) assert.ok([200, 201, 409].includes(r.status), r.text);
        assert.equal(ok(await lead.get(`${WEEK}?employee_id=${co.person.wang.id}&week_from=${first}&week_to=${first}`)).json.total, 1);
    });

    it('takes neither a target nor an actual from a salesperson', async () => {
        const same = await write(rep, { target: 1, stated_actual: 9999999 }, 200);
        assert.deepEqual([same.target, same.actual], [null, 50000]);
        await send(rep, WEEK, [WEEK_HEADINGS, [first, '个人', '1', '9,999,999', '', '+99', '客户拖延', '签下乙公司，目标6万元']]);
        const after_it = ok(await rep.get(`${WEEK}/${row.id}`)).json;
        assert.deepEqual([after_it.target, after_it.actual, after_it.growth], [null, 50000, 25]);
    });

    it('takes a target of 80,000 that the lead types, and passes over a sheet\'s actual where daily reports speak', async () => {
        const typed = ok(await lead.call('PATCH', `${WEEK}/${row.id}`, { json: { target: 80000 } })).json;
        assert.deepEqual([typed.target, typed.rate], [80000, 62.5]);
        await send(lead, WEEK, [WEEK_HEADINGS.slice(0, 4), [first, '单雄信', '80,000', '85,000']]);
        assert.equal(ok(await lead.get(`${WEEK}/${row.id}`)).json.actual, 50000);
    });

    it('has the team as the sum, with the typed target in it', async () => {
        const sheet = ok(await lead.get(`${WEEK}/sheet?week=${first}`)).json;
        assert.equal(sheet.unit_name, '上海一部');
        assert.deepEqual([sheet.team.target, sheet.team.actual, sheet.team.rate], [80000, 80000, 100]);
        const team = ok(await lead.post(WEEK, { json: { week: first, unit_id: co.unit.a.id, problem: '新人多', support_need: '3个大客户预算未审批' } }), 201).json;
        assert.deepEqual([team.employee_id, team.unit_id, team.actual, team.support_need], [null, co.unit.a.id, 80000, '3个大客户预算未审批']);
        const above = ok(await manager.get(`${WEEK}/sheet?week=${first}&unit_id=${co.unit.east.id}`)).json;
        assert.deepEqual(above.rows.map((r) => [r.subject_title, r.actual]), [['上海一部 (team)', 80000]]);
    });

    it('waits in the queue with a time to review it by; the team\'s own report is not for its writer', async () => {
        const mine = ok(await lead.get(`${WEEK}/queue`)).json, page = ok(await lead.get(`${WEEK}/queue`, { html: true })).text;
        assert.deepEqual(mine.reports.map((r) => r.name).sort(), ['单雄信', '王梓涵'].sort());
        assert.match(mine.reports[0].review_text, /^Review by \d{4}-\d\d-\d\d 10:00$/);
        assert.match(page, /客户拖延/);
        assert.match(page, /href="\/reports\/daily\/queue"/);
        assert.deepEqual(ok(await manager.get(`${WEEK}/queue`)).json.reports.map((r) => r.name).filter((n) => /team/.test(n)), ['上海一部 (team)']);
        assert.equal((await rep.get(`${WEEK}/queue`)).status, 403);
        const own = mine.tabs.find((t) => t.active);
        assert.equal(own.waiting, 2);
    });

    it('is returned with a reason, corrected and approved, and nobody approves their own', async () => {
        assert.equal((await rep.post(`${WEEK}/${row.id}/approve`, { json: {} })).status, 403);
        assert.equal((await lead.post(`${WEEK}/${row.id}/return`, { json: {} })).status, 422);
        ok(await lead.post(`${WEEK}/${row.id}/return`, { json: { reason: '原因太笼统' } }));
        assert.equal(ok(await rep.get(`${WEEK}/${row.id}`)).json.return_reason, '原因太笼统');
        assert.match(ok(await rep.get('/notices')).text, /原因太笼统/);
        await write(rep, { problem: '乙公司内部审批需三周' }, 200);
        const approved = await lead.post(`${WEEK}/bulk`, { json: { action: 'approve', ids: [row.id] } });
        ok(approved);
        assert.equal(ok(await rep.get(`${WEEK}/${row.id}`)).json.state, 'approved');
        assert.equal((await write(rep, { problem: '改了' }, 409)).status, 409);
    });

    it('stays as approved when the entries change later, and says what they say now', async () => {
        await co.report(admin, { employee_id: co.person.shan.id, day: day_after(first, 3), amount: 20000, contract_no: 'HT-9' });
        const now = ok(await rep.get(`${WEEK}/${row.id}`)).json;
        assert.deepEqual([now.actual, now.target, now.rate, now.growth, now.frozen, now.differs, now.now], [50000, 80000, 62.5, 25, true, true, 70000]);
        assert.match(ok(await rep.get(`${WEEK}/${row.id}`, { html: true })).text, /50,000\.00[^]*70,000\.00/);
        const { team } = ok(await lead.get(`${WEEK}/sheet?week=${first}`)).json;
        assert.equal(team.actual, 100000, 'the team is live until its own report is approved');
    });

    it('comes out of the sheet and in again without a change, approved rows too', async () => {
        const book = ok(await lead.get(`${WEEK}/sheet.xlsx?week=${first}`)), rows = read_xlsx(book.data).length - 1;
        const again = ok(await lead.post(`${WEEK}/import?mode=all`, { files: { file: { name: '再来.xlsx', data: book.data } } })).json.counts;
        assert.deepEqual([again.new, again.update, again.bad, again.unchanged], [0, 0, 0, rows]);
        const list = ok(await lead.get(`${WEEK}/export.xlsx?week_from=${first}&week_to=${first}`));
        const counts = ok(await lead.post(`${WEEK}/import?mode=all`, { files: { file: { name: '列表.xlsx', data: list.data } } })).json.counts;
        assert.deepEqual([counts.new, counts.update, counts.bad], [0, 0, 0]);
    });

    it('is nothing for other teams', async () => {
        const stranger = await co.as('lead_b'), other = await co.as('rep_b');
        for (const client of [stranger, other]) {
            assert.equal((await client.get(`${WEEK}/${row.id}`)).status, 404);
            assert.equal((await client.get(`${WEEK}/sheet?week=${first}&unit_id=${co.unit.a.id}`)).status, 404);
            assert.equal((await client.get(`${WEEK}/sheet.xlsx?week=${first}&unit_id=${co.unit.a.id}`)).status, 404);
            assert.ok([403, 404].includes((await client.get(`${WEEK}/new?week=${first}&unit_id=${co.unit.a.id}`)).status));
            assert.ok([403, 404].includes((await client.get(`${WEEK}/new?week=${first}&employee_id=${co.person.shan.id}`)).status));
        }
        for (const fields of [{ employee_id: co.person.shan.id }, { employee_id: co.person.ouyang.id }, { unit_id: co.unit.a.id }]) {
            assert.equal((await stranger.post(WEEK, { json: { week: first, problem: '外人', ...fields } })).status, 403);
            assert.equal((await other.post(WEEK, { json: { week: first, problem: '外人', ...fields } })).status, 403);
        }
        assert.equal((await other.post(WEEK, { json: { week: first, unit_id: co.unit.b.id } })).status, 403, 'a team is for its lead');
        for (const guess of ['40,000', '12,345']) { /* right or wrong, the answer is the same */
            const r = await other.post(`${WEEK}/import?mode=all`, { files: { file: { name: '猜.csv', data: csv([WEEK_HEADINGS.slice(0, 4), [day_after(first, -7), '单雄信', '', guess], [first, '欧阳雪', '', '']]) } } });
            assert.equal(r.status, 422);
            assert.deepEqual(r.json.counts, { rows: 2, good: 0, bad: 2, new: 0, update: 0, unchanged: 0 });
        }
        const sheet = ok(await other.get(`${WEEK}/sheet?week=${first}`)).json;
        assert.deepEqual([sheet.rows.map((r) => r.subject_title), sheet.team], [['曾国强'], null]);
        for (const login of ['trainer', 'finance']) {
            const reader = await co.as(login);
            ok(await reader.get(`${WEEK}/${row.id}`));
            assert.equal((await reader.post(WEEK, { json: { week: first, employee_id: co.person.ouyang.id, problem: '代写' } })).status, 403);
        }
    });

    it('is refused before its time, and long after to all but those who lead', async () => {
        assert.equal((await rep.post(WEEK, { json: { week: day_after(monday(today()), 7) } })).status, 422);
        assert.match(field_of(await rep.post(WEEK, { json: { week: '2024-07-08', problem: '旧' } }), 'week'), /31 days/);
        assert.equal((await lead.post(WEEK, { json: { week: '2024-07-10', employee_id: co.person.shan.id, problem: '旧', target: 80000, stated_actual: 85000 } })).status, 201);
        const old = ok(await lead.get(`${WEEK}/sheet?week=2024-W28`)).json.rows.find((r) => r.subject_title === '单雄信');
        assert.deepEqual(shown(old), [80000, 85000, '106.25%', '—']);
    });

    it('is owed by people and by leads for their teams, who are reminded once', async () => {
        const page = ok(await lead.get(`${WEEK}/missing?week=${first}`)).json;
        assert.deepEqual(page.teams[0].people.map((p) => p.name).sort(), ['欧阳雪', '张三', '李四'].sort());
        assert.deepEqual([page.expected, page.reported], [6, 3]);
        const b = ok(await (await co.as('lead_b')).get(`${WEEK}/missing?week=${first}`)).json;
        assert.deepEqual([b.teams[0].people[0].name, b.teams[0].people[0].note, b.teams[0].people.length], ['梁俊杰', "The team's report", 3]);
        const lead_b = await co.as('lead_b'), rep_b = await co.as('rep_b');
        for (let i = 0; i < 2; i++) ok(await lead_b.post(`${WEEK}/missing/remind`, { json: { week: first } }));
        const notices = ok(await rep_b.get('/notices')).text;
        assert.equal(notices.split(`/reports/weekly/new?week=${first}`).length - 1, 1);
        assert.equal((await rep_b.post(`${WEEK}/missing/remind`, { json: { week: first } })).status, 403);
    });
});

describe('a month that is being reported', () => {
    let app, admin, co, lead;
    const first = `${day_after(`${today().slice(0, 8)}01`, -1).slice(0, 8)}01`;
    before(async () => {
        ({ app, admin, co } = await company());
        lead = await co.as('lead_a');
        await co.report(admin, { employee_id: co.person.shan.id, day: day_after(first, 9), amount: 220000, contract_no: 'HT-1' });
    });
    after(() => app.stop());

    it('keeps actual, target and key metrics as they were approved', async () => {
        const manager = await co.as('manager');
        const made = ok(await lead.post(MONTH, { json: { month: first, unit_id: co.unit.a.id, target: 200000, next_target: 220000, highlights: '连续3周超额', key_metrics: [{ metric: 'conversion', target: 20 }] } }), 201).json;
        assert.deepEqual([made.actual, made.rate, made.next_growth], [220000, 110, 10]);
        assert.deepEqual(made.keys.map((k) => [k.metric, k.actual, k.target]), [['conversion', null, 20]]);
        ok(await manager.post(`${MONTH}/${made.id}/approve`, { json: {} }));
        await co.report(admin, { employee_id: co.person.wang.id, day: day_after(first, 9), amount: 1000, contract_no: 'HT-2' });
        const now = ok(await lead.get(`${MONTH}/${made.id}`)).json;
        assert.deepEqual([now.actual, now.differs, now.now, now.keys.length], [220000, true, 221000, 1]);
    });

    it('is owed until it is there, and opens as a page for every role that may', async () => {
        const missing = ok(await lead.get(`${MONTH}/missing`)).json;
        assert.ok(missing.expected >= missing.missing && missing.missing > 0);
        for (const path of [`${MONTH}/sheet`, MONTH, `${MONTH}/queue`, `${MONTH}/missing`, `${WEEK}/new?unit_id=${co.unit.a.id}`, `${WEEK}/sheet`, WEEK, `${WEEK}/import`])
            ok(await lead.get(path, { html: true }));
        for (const login of ['rep_a', 'trainer', 'finance', 'manager', 'admin']) {
            const client = await co.as(login);
            for (const path of [`${MONTH}/sheet`, MONTH, `${WEEK}/sheet`, WEEK]) ok(await client.get(path, { html: true }));
        }
    });

    it('refuses nonsense in the address', async () => {
        for (const query of ['week=banana', 'week=0001-01-01', 'unit_id=-1', 'unit_id=9999999999', 'unit_id=x']) {
            const r = await admin.get(`${WEEK}/sheet?${query}`);
            assert.ok([400, 404].includes(r.status), `${query} ${r.status}`);
            assert.ok([400, 404].includes((await admin.get(`${WEEK}/new?${query.replace('week=0001', 'week=2999')}${query.startsWith('week') ? `&unit_id=${co.unit.a.id}` : ''}`)).status), query);
        }
    });
});

describe('the reminder of weekly reports', () => {
    it('goes out once on the day they are due', async () => {
        const { app, co } = await company();
        const rep = await co.as('rep_a'), now = new Date(Date.now() + 8 * 3600000), weekday = ((now.getUTCDay() + 6) % 7) + 1;
        if (weekday <= 5) {
            await co.set_day(today(), 'work');
            await co.set('report.weekly_day', String(weekday));
            await co.set('report.weekly_deadline', '23:59');
            await co.set('report.periodic_remind_at', '00:00');
        }
        for (let i = 0; i < 2; i++) await run_job(app, 'report.remind_periodic');
        const found = ok(await rep.get('/notices')).text.split('/reports/weekly/new').length - 1;
        assert.equal(found, weekday <= 5 ? 1 : 0);
        await app.stop();
    });
});
