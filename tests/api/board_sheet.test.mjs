/* board_sheet.test.mjs - 团队月度业绩看板, 团队业绩汇总表, 个人业绩跟踪表 and 目标对比分析表 out and in again: the board of product.md 2.4 through its own sheet, what an
 * edited cell means, and files that are wrong. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { start_app } from '../support/app.mjs';
import { found_company, ok, sql, today } from '../support/company.mjs';
import { csv, read_xlsx, xlsx } from '../support/sheet.mjs';

/* The source's own headings, without the line that our files have below. */
const BOARD = ['销售人员', '目标', '实际', '完成率', '同比', '问题'];
const VECTOR = [['张三', 50, 45, '90', '+15', '重点客户A决策延迟'], ['李四', 50, 58, '116', '+22', '新产品B线超额达成'], ['王五', 40, 32, '80', '-5', '新客户转化率低(仅20%)']];
const LAST_YEAR = [['张三', '', '39.1304'], ['李四', '', '47.541'], ['王五', '', '33.6842']];
/* The last month that has ended, or n months before it. Targets are of years: what one test publishes is in force for the others of that year. */
function month(n = 0) {
    const [y, m] = today().split('-').map(Number), at = y * 12 + m - 2 - n;
    return `${Math.floor(at / 12)}-${String(at % 12 + 1).padStart(2, '0')}`;
}
const file = (rows, name = '看板.csv') => ({ file: { name, data: name.endsWith('csv') ? csv(rows) : Buffer.isBuffer(rows) ? rows : xlsx(rows) } });
const table = (doc) => doc.tables[0];
const row_of = (doc, name) => table(doc).rows.find((r) => r.cells[0].text === name).cells;
const notes = (answer, kind) => answer.notes.filter((n) => n.kind === kind).map((n) => [n.row, n.column, n.message]);

describe('a sheet of the boards', () => {
    let app, co, admin, team;
    const address = (sheet, at = month(), scope = `unit_id=${team}`) => `/sheets/${sheet}?${scope}&period=month&at=${at}-01`;
    const bring = (client, sheet, files, query = '') => client.post(`/sheets/${sheet}/import?${query}`, { files });
    const take = async (client, sheet, files, query = '') => ok(await bring(client, sheet, files, `mode=all${query}`)).json;
    const own = (at = month()) => `&unit_id=${team}&at=${at}`;
    const shown = async (sheet, at, scope) => table(ok(await admin.get(address(sheet, at, scope))).json).rows.map((r) => r.cells.map((c) => c.numeric ? c.value : c.text));
    const book = async (sheet, at, scope, client = admin) => ok(await client.get(`${address(sheet, at, scope)}&format=xlsx`)).data;
    const audit = async () => Number((await sql(app, 'SELECT count(*) FROM audit')).stdout.replace(/\D+/g, ' ').trim().split(' ')[0]);
    const verified = async () => { const r = await app.run('metrics', 'verify'); assert.equal(r.code, 0, r.out + r.err); };
    const publish = async (at = month(), metric = 'amount') => ok(await admin.post('/targets/publish', { json: { metric, year: Number(at.slice(0, 4)), unit_id: team } }));
    /* The file again with a cell changed: by the text in its first column. */
    const edited = (data, name, column, value) => {
        const rows = read_xlsx(data), at = rows[0].findIndex((h) => String(h).startsWith(column));
        assert.ok(at > 0, `no column ${column} in ${rows[0]}`);
        rows.find((r) => r[0] === name)[at] = value;
        return file(rows.map((r) => r.map((v) => v ?? '')), '改.xlsx');
    };
    before(async () => {
        app = await start_app();
        admin = await app.as('admin');
        co = await found_company(app);
        await co.add_unit('c', '三部', 'team', co.unit.east.id);
        for (const [key, name] of [['zhang', '张三'], ['li', '李四'], ['wu', '王五']]) await co.add_person(key, name, 'c', { hired_on: '2020-01-01' });
        team = co.unit.c.id;
    });
    after(() => app.stop());

    it('of the source is imported into an empty company: product.md 2.4', async () => {
        const nothing = await audit(), dry = ok(await bring(admin, 'team', file([BOARD, ...VECTOR]), `dry_run=1${own()}`)).json;
        assert.deepEqual([dry.counts.rows, dry.counts.update, dry.counts.bad], [3, 3, 0]);
        assert.deepEqual(await shown('team'), [['李四', null, null, null, null, ''], ['王五', null, null, null, null, ''], ['张三', null, null, null, null, ''], ['Total', null, null, null, null, '']], 'the check writes nothing');
        assert.equal(await audit(), nothing);
        await take(admin, 'team', file([BOARD.slice(0, 3), ...LAST_YEAR]), own(month(12)));
        const done = await take(admin, 'team', file([BOARD, ...VECTOR]), own());
        assert.deepEqual([done.counts.update, done.counts.bad], [3, 0]);
        assert.deepEqual(done.notes.filter((n) => n.column === '完成率' || n.column === '同比'), [], 'the source\'s rates are the computed ones');
        assert.match(notes(done, 'change').at(-1)[2], /no total.*140\.00/, 'nor has the source a total');
        await publish();
        assert.deepEqual(await shown('team'), [['李四', 50, 58, 116, 22, '新产品B线超额达成'], ['王五', 40, 32, 80, -5, '新客户转化率低(仅20%)'], ['张三', 50, 45, 90, 15, '重点客户A决策延迟'], ['Total', 140, 135, 96.43, 12.17, '']]);
        await verified();
    });

    for (const sheet of ['team', 'summary', 'comparison', 'tracking'])
        it(`comes back as it went out without a change: ${sheet}`, async () => {
            for (const scope of sheet === 'tracking' || sheet === 'comparison' ? [`unit_id=${team}`, `employee_id=${co.person.zhang.id}`] : [`unit_id=${team}`]) {
                const data = await book(sheet, month(), scope), was = await shown(sheet, month(), scope), audits = await audit();
                const done = await take(admin, sheet, file(data, '原样.xlsx'));
                assert.deepEqual([done.counts.update, done.counts.new, done.counts.bad, done.notes], [0, 0, 0, []], JSON.stringify(done));
                assert.equal(done.counts.unchanged, was.length);
                assert.equal(await audit(), audits + 1, 'one row: the import itself');
                assert.deepEqual(await shown(sheet, month(), scope), was);
            }
            await verified();
        });

    it('of the source, brought again, changes nothing either', async () => {
        const done = await take(admin, 'team', file([BOARD, ...VECTOR]), own());
        assert.deepEqual([done.counts.update, done.counts.unchanged, done.notes], [0, 3, []]);
    });

    it('goes out under the headings of its page, and says in the last line what it is', async () => {
        const rows = read_xlsx(await book('team'));
        assert.equal(rows[0].length, 6);
        assert.match(rows.at(-1)[0], new RegExp(`三部.*\\[team\\] ${month()}-01–.*\\[u${team}\\] \\[m:amount\\] \\[@\\d+\\]$`));
    });

    it('brings a problem, a target and an actual that were edited, each to where it belongs', async () => {
        const at = month(36);
        await take(admin, 'team', file([BOARD, ['张三', 30, 20, '', '', '']]), own(at));
        const done = await take(admin, 'team', edited(await book('team', at), '张三', 'Key problem', '报价太慢'));
        assert.deepEqual(notes(done, 'change'), [[4, 'Key problem', 'In the monthly report: 报价太慢']]);
        assert.equal(row_of(ok(await admin.get(address('team', at))).json, '张三')[5].text, '报价太慢');
        const report = ok(await admin.get(`/reports/monthly?employee_id=${co.person.zhang.id}&month_from=${at}-01&month_to=${at}-28`)).json;
        assert.equal(report.total, 1);
        const actual = await take(admin, 'team', edited(await book('team', at), '张三', 'Actual', 21.5));
        assert.deepEqual(notes(actual, 'change').map((n) => n[1]), ['Actual (10,000 yuan)']);
        assert.deepEqual((await shown('team', at)).find((r) => r[0] === '张三').slice(1, 3), [null, 21.5], 'the target is a draft until it is published');
        const target = await take(admin, 'team', edited(await book('team', at), '张三', 'Target', 33));
        assert.match(notes(target, 'change')[0][2], /^30\.00.* → 33\.00.*draft/);
        await verified();
    });

    it('does not rewrite a target in force of a month that has ended, and says so at its cell', async () => {
        const r = await bring(admin, 'team', edited(await book('team'), '张三', 'Target', 60), 'mode=all');
        assert.equal(r.status, 422);
        assert.deepEqual(r.json.rows.map((e) => [e.row, e.column.split(' ')[0]]), [[4, 'Target']]);
        assert.match(r.json.rows[0].message, /months that have ended/);
        assert.equal((await shown('team')).find((x) => x[0] === '张三')[1], 50);
    });

    it('passes over an actual where daily reports speak, and says so', async () => {
        const at = month(2);
        ok(await admin.post('/reports/daily', { json: { employee_id: co.person.li.id, day: `${at}-15`, amount: '120000', contract_no: 'HT-1' } }), 201);
        const done = await take(admin, 'team', edited(await book('team', at), '李四', 'Actual', 99));
        assert.equal(done.counts.update, 0);
        assert.deepEqual(notes(done, 'passed_over').map((n) => n[0]), [2]);
        assert.deepEqual(done.notes.length, 1, 'and nothing is computed from what was passed over');
        assert.match(done.notes[0].message, /12\.00.* stays, 99\.00.* passed over/);
        assert.equal((await shown('team', at)).find((r) => r[0] === '李四')[2], 12);
        const day = await take(admin, 'tracking', edited(await book('tracking', at, `employee_id=${co.person.li.id}`), `${at}-15`, 'Amount signed', 1));
        assert.equal(day.counts.update + day.counts.new, 0);
        assert.match(day.notes[0].message, /Computed from the entries/);
        await verified();
    });

    it('never reads what is computed, and tells of what contradicts its row', async () => {
        const done = await take(admin, 'team', edited(await book('team'), '张三', 'Attainment', 95.33));
        assert.equal(done.counts.update, 0);
        assert.match(notes(done, 'passed_over')[0][2], /90\.00%.*95\.33/);
        const total = await take(admin, 'team', edited(await book('team'), 'Total', 'Actual', 200));
        assert.match(notes(total, 'passed_over')[0][2], /The total is computed: the rows make 135\.00.*200\.00/);
    });

    it('of days enters daily reports for a person, and then shows the same', async () => {
        const at = month(3), scope = `employee_id=${co.person.wu.id}`, rows = [['日期', '成交金额（元）', '累计（元）'], [`${at}-10`, '30,000', '30,000'], [`${at}-12`, 20000, 50000], ['合计', '50,000', '']];
        const done = await take(admin, 'tracking', file(rows), `&${scope}&at=${at}`);
        assert.deepEqual([done.counts.new, done.counts.bad], [2, 0], JSON.stringify(done));
        assert.deepEqual(notes(done, 'passed_over'), []);
        const doc = table(ok(await admin.get(`${address('tracking', at, scope)}&unit=yuan`)).json), amount = doc.columns.findIndex((x) => x.title.startsWith('Amount signed'));
        assert.deepEqual(doc.rows.map((r) => [r.cells[0].text, r.cells[amount].value]), [[`${at}-10`, 30000], [`${at}-12`, 20000], ['Total', 50000]]);
        const again = await take(admin, 'tracking', file(rows), `&${scope}&at=${at}`);
        assert.deepEqual([again.counts.new, again.counts.update], [0, 0]);
        const wrong = await bring(admin, 'tracking', file([rows[0], [`${month(4)}-10`, 1, ''], ['明天', 1, ''], [`${at}-20`, 1, ''], [`${at}-20`, 1, '']]), `mode=all&${scope}&at=${at}`);
        assert.equal(wrong.status, 422);
        assert.deepEqual(wrong.json.rows.map((e) => [e.row, e.column]), [[2, '日期'], [3, '日期'], [5, '日期']]);
        await verified();
    });

    it('of metrics and of everybody by metrics brings targets and counts, and then shows the same', async () => {
        const at = month(48), zhang = `employee_id=${co.person.zhang.id}`;
        const rows = [['指标', '目标', '实际', '完成率'], ['新签客户数（个）', '8', '6', '75'], ['成交金额（万元）', '30', '28.5', '95']];
        const done = await take(admin, 'comparison', file(rows), `&${zhang}&at=${at}`);
        assert.deepEqual([done.counts.update, done.counts.bad, notes(done, 'passed_over')], [2, 0, []], JSON.stringify(done));
        for (const metric of ['amount', 'customers_signed']) await publish(at, metric);
        const doc = await shown('comparison', at, zhang), by = (name) => doc.find((r) => r[0].startsWith(name)).slice(1, 5);
        assert.deepEqual(by('Amount signed'), [30, 28.5, -1.5, 95]);
        assert.deepEqual(by('Customers signed'), [8, 6, -2, 75]);
        const again = await take(admin, 'comparison', file(await book('comparison', at, zhang), '再.xlsx'));
        assert.deepEqual([again.counts.update, again.notes], [0, []]);
        const summary = await take(admin, 'summary', edited(await book('summary', at), '李四', 'Amount signed', 12));
        assert.equal(summary.counts.update, 1);
        assert.equal((await shown('summary', at)).find((r) => r[0] === '李四')[read_xlsx(await book('summary', at))[0].findIndex((h) => h.startsWith('Amount signed'))], 12);
        await verified();
    });

    it('of another month, another team or another kind is refused before any row', async () => {
        const data = await book('team');
        for (const [sheet, query, why] of [['team', `&at=${month(7)}`, /is of .* but/], ['team', `&unit_id=${co.unit.a.id}`, /another team/], ['summary', '', /Team results/]]) {
            const r = await bring(admin, sheet, file(data, '看板.xlsx'), `mode=all${query}`);
            assert.equal(r.status, 422, query);
            assert.match(r.json.title, why);
        }
        const quarter = ok(await admin.get(`/sheets/team?unit_id=${team}&period=quarter&at=${month()}-01&format=xlsx`)).data;
        assert.match((await bring(admin, 'team', file(quarter, '季.xlsx'), 'mode=all')).json.title, /Only a month/);
        const original = ok(await admin.get(`${address('team')}&targets=original&format=xlsx`)).data;
        assert.match((await bring(admin, 'team', file(original, '原.xlsx'), 'mode=all')).json.title, /original targets/);
        assert.match((await bring(admin, 'team', file([BOARD, ...VECTOR]), `mode=all&unit_id=${team}`)).json.title, /which month/);
        assert.match((await bring(admin, 'team', file([['姓名', '手机'], ['张三', '1']]), `mode=all${own()}`)).json.title, /None of its columns|None of the headings/);
        for (const at of ['2026-13', 'x', "'; DROP TABLE x"]) assert.equal((await bring(admin, 'team', file([BOARD, ...VECTOR]), `mode=all&unit_id=${team}&at=${encodeURIComponent(at)}`)).status, 422, at);
    });

    it('tells of each wrong cell with row and column, saves nothing, or skips those rows', async () => {
        const at = month(26), rows = [BOARD, ['张三', -5, '', '', '', ''], ['李四', '五十', '', '', '', ''], ['王五', '', 1e15, '', '', ''], ['无此人', 1, 1, '', '', ''], ['覃小曼', 1, 1, '', '', ''], ['张三', 12, '', '', '', '']];
        const r = await bring(admin, 'team', file(rows), `mode=all${own(at)}`);
        assert.equal(r.status, 422);
        assert.deepEqual(r.json.rows.map((e) => [e.row, e.column]), [[2, '目标'], [3, '目标'], [4, '实际'], [5, '销售人员'], [6, '销售人员']]);
        assert.equal(r.json.rows[3].message.replace('无此人', '?'), r.json.rows[4].message.replace('覃小曼', '?'), 'somebody of another team is told of as nobody is');
        const twice = await bring(admin, 'team', file([BOARD, ['王五', 1, '', '', '', ''], ['王五', 2, '', '', '', '']]), `mode=all${own(at)}`);
        assert.match(twice.json.rows[0].message, /repeats row 2/);
        const skipped = ok(await bring(admin, 'team', file(rows), `mode=skip${own(at)}`)).json;
        assert.deepEqual([skipped.counts.good, skipped.counts.bad], [1, 5]);
        await verified();
    });

    it('is read as a GBK file of an old spreadsheet too, amounts in yuan as its heading says', async () => {
        const gbk = Buffer.concat([Buffer.from('d0d5c3fb2ccab5bcca28d4aa290d0ad5c5c8fd', 'hex'), Buffer.from(',123456.78\r\n')]); /* 姓名,实际(元) 张三,... */
        const done = ok(await bring(admin, 'team', { file: { name: 'gbk.csv', data: gbk } }, `mode=all${own(month(8))}`)).json;
        assert.deepEqual([done.counts.update, done.counts.bad], [1, 0], JSON.stringify(done));
        const doc = ok(await admin.get(`${address('team', month(8))}&unit=yuan`)).json;
        assert.equal(row_of(doc, '张三')[2].value, 123456.78);
        const rounded = await take(admin, 'team', file(await book('team', month(8)), '万.xlsx'));
        assert.deepEqual([rounded.counts.update, rounded.notes], [0, []], '12.35 万 means the exact amount behind it');
    });

    it('goes by upload, preview and confirmation in a browser, and failed rows come back with their reason', async () => {
        const at = month(60), page = ok(await admin.get(`/sheets/team/import?unit_id=${team}&period=month&at=${at}-01`, { html: true })).text;
        assert.match(page, new RegExp(`type="month"[^>]*value="${at}"`));
        assert.match(page, /三部/);
        assert.match(ok(await admin.get(address('team'), { html: true })).text, /href="\/sheets\/team\/import\?[^"]*unit_id/);
        const sent = await admin.post(`/sheets/team/import?unit_id=${team}`, { files: file([BOARD, ['张三', 20, 10, '60', '', ''], ['李四', 'x', '', '', '', '']]), form: { at, metric: 'amount', unit: 'wan' }, html: true });
        assert.equal(sent.status, 303, sent.text.slice(0, 300));
        const where = sent.headers.location, preview = ok(await admin.get(where, { html: true })).text;
        assert.match(preview, /What the import does[^]*20\.00[^]*draft[^]*Always computed/);
        assert.equal((await shown('team', at)).find((r) => r[0] === '张三')[2], null);
        assert.equal((await admin.post(`${where}/apply`, { form: { mode: 'all' }, html: true })).status, 422);
        assert.equal((await admin.post(`${where}/apply`, { form: { mode: 'skip' }, html: true })).status, 303);
        assert.equal((await shown('team', at)).find((r) => r[0] === '张三')[2], 10);
        const failed = read_xlsx(ok(await admin.get(`${where}/failed.xlsx`)).data);
        assert.deepEqual([failed.length, failed[1][0], /Write a number/.test(failed[1].at(-1))], [2, '李四', true]);
    });

    it('of two people at once: who comes second is told what stands there now and what the sheet says', async () => {
        const at = month(25);
        await take(admin, 'team', file([BOARD, ['王五', 10, 5, '', '', '旧']]), own(at));
        const manager = await co.as('manager'), first = await book('team', at, undefined, manager), second = await book('team', at);
        await take(manager, 'team', edited(first, '王五', 'Target', 11));
        const r = await bring(admin, 'team', edited(second, '王五', 'Target', 12), 'mode=all');
        assert.equal(r.status, 422);
        assert.match(r.json.rows[0].message, /meanwhile: now 110,000.*120,000/);
        const text = await book('team', at);
        await take(manager, 'team', edited(await book('team', at, undefined, manager), '王五', 'Key problem', '新'));
        const other = await bring(admin, 'team', edited(text, '王五', 'Key problem', '另'), 'mode=all');
        assert.match(other.json.rows[0].message, /meanwhile: now 新.*另/);
        ok(await bring(manager, 'team', edited(first, '王五', 'Target', 13), 'mode=all'));
    });

    it('is for who leads: others have no button, and nobody brings what is not theirs to see', async () => {
        const rep = await co.as('rep_a'), lead = await co.as('lead_a'), other = await co.as('lead_b');
        for (const path of ['/sheets/team/import', '/sheets/comparison/import']) assert.equal((await rep.get(path)).status, 403);
        assert.equal((await bring(rep, 'comparison', file([BOARD, ...VECTOR]), 'mode=all')).status, 403);
        assert.doesNotMatch(ok(await rep.get('/sheets/tracking', { html: true })).text, /\/import\?/);
        for (const client of [lead, other]) assert.equal((await bring(client, 'team', file([BOARD, ...VECTOR]), `mode=all${own()}`)).status, 404);
        assert.equal((await bring(other, 'team', file(await book('team'), '看板.xlsx'), 'mode=all')).status, 404);
        const r = await bring(lead, 'team', file([BOARD, ['合计', 500, '', '', '', '']]), `mode=all&unit_id=${co.unit.a.id}&at=${month()}`);
        assert.match(r.json.rows[0].message, /set by whoever leads the unit above/);
        ok(await bring(lead, 'team', file([BOARD, ['单雄信', 5, '', '', '', '']]), `mode=all&unit_id=${co.unit.a.id}&at=${month()}`));
    });

    it('with the name of a person who writes the report still as a draft tells so and changes nothing', async () => {
        const rep = await co.as('rep_a'), at = month();
        ok(await rep.post('/reports/monthly', { json: { month: `${at}-01`, problem: '写了一半', state: 'draft' } }), 201);
        const r = await bring(admin, 'team', file([BOARD, ['单雄信', '', 3, '', '', '外人写的']]), `mode=all&unit_id=${co.unit.a.id}&at=${at}`);
        assert.equal(r.status, 422);
        assert.match(r.json.rows[0].message, /draft/);
        assert.doesNotMatch(r.text, /写了一半/);
    });
});
