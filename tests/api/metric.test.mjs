/* metric.test.mjs - numbers: metrics that an administrator adds, facts behind reports, sums on boards, files and schedules. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { start_app } from '../support/app.mjs';
import { day_after, field_of, found_company, ok, run_job, today } from '../support/company.mjs';
import { read_xlsx } from '../support/sheet.mjs';

const BOARD = '/board', METRICS = '/numbers/metrics', FACTS = '/numbers/facts';
const kpi = (board, code) => board.kpis.find((k) => k.code === code)?.value;
const table = (doc, name) => doc.tables.find((t) => t.name === name);
const row_of = (t, name) => t.rows.find((r) => r.cells.some((c) => c.text === name));
const verified = async (app) => { const r = await app.run('metrics', 'verify'); assert.equal(r.code, 0, r.out + r.err); assert.match(r.out, / 0 differences/); };

describe('facts and sums', () => {
    let app, co, rep, lead, day;
    before(async () => {
        app = await start_app();
        co = await found_company(app);
        rep = await co.as('rep_a');
        lead = await co.as('lead_a');
        day = today();
    });
    after(() => app.stop());
    const board = async (who, query) => ok(await who.get(`${BOARD}?${query}`)).json;
    const amount_of = async (query) => kpi(await board(co.admin, query), 'actual');

    it('come from a report in the same commit, for the person, the team, the region and the company', async () => {
        await co.report(rep, { day, amount: '25000.50', contract_no: 'HT-1', new_customers: 2 });
        for (const q of [`employee_id=${co.person.shan.id}`, `unit_id=${co.unit.a.id}`, `unit_id=${co.unit.east.id}`, '']) assert.equal(await amount_of(q), 25000.5, q);
        assert.equal(await amount_of(`unit_id=${co.unit.south.id}`), null, 'nothing is known of the other region');
        await verified(app);
    });

    it('are corrected by a reversing entry and a new one, and drafts do not count', async () => {
        ok(await rep.post('/reports/daily', { json: { day, amount: '20000', contract_no: 'HT-1', new_customers: 2 } }));
        ok(await rep.post('/reports/daily', { json: { day: day_after(day, -1), amount: '7', contract_no: 'HT-0', state: 'draft' } }), 201);
        assert.equal(await amount_of(`unit_id=${co.unit.a.id}`), 20000);
        const facts = ok(await lead.get(`${FACTS}?employee_id=${co.person.shan.id}&sort=created_at`)).json;
        assert.equal(facts.total, 3);
        assert.deepEqual(facts.rows.map((f) => f.amount).sort((a, b) => a - b), [-25000.5, 20000, 25000.5]);
        assert.equal(facts.sums.amount, 20000);
        assert.equal(facts.rows.filter((f) => f.reverses).length, 1);
        ok(await rep.post('/reports/daily', { json: { day, amount: '20000', contract_no: 'HT-1', new_customers: 2 } }));
        assert.equal(ok(await lead.get(`${FACTS}?employee_id=${co.person.shan.id}`)).json.total, 3, 'the same again writes nothing');
        await verified(app);
    });

    it('follow a person who is moved from a past day on, and stay right when a team changes its region', async () => {
        const before = await amount_of(`unit_id=${co.unit.b.id}`);
        ok(await co.admin.post(`/people/${co.person.shan.id}/transfer`, { json: { unit_id: co.unit.b.id, effective: day_after(day, -2) } }));
        assert.equal(await amount_of(`unit_id=${co.unit.a.id}`), null);
        assert.equal(await amount_of(`unit_id=${co.unit.b.id}`), (before ?? 0) + 20000);
        ok(await co.admin.call('PATCH', `/units/${co.unit.b.id}`, { json: { parent_id: co.unit.east.id } }));
        assert.equal(await amount_of(`unit_id=${co.unit.east.id}`), 20000);
        assert.equal(await amount_of(`unit_id=${co.unit.south.id}`), null);
        await verified(app);
        ok(await co.admin.call('PATCH', `/units/${co.unit.b.id}`, { json: { parent_id: co.unit.south.id } }));
        ok(await co.admin.post(`/people/${co.person.shan.id}/transfer`, { json: { unit_id: co.unit.a.id, effective: day_after(day, -1) } }));
        assert.equal(await amount_of(`unit_id=${co.unit.a.id}`), 20000);
        await verified(app);
    });

    it('are listed for a unit with all that stands below it, and only for who may see them', async () => {
        assert.equal(ok(await co.admin.get(`${FACTS}?unit_id=${co.unit.east.id}`)).json.sums.amount, 20000);
        assert.equal(ok(await co.admin.get(`${FACTS}?unit_id=${co.unit.south.id}`)).json.sums.amount ?? 0, 0, 'moved there and back again');
        assert.equal(ok(await (await co.as('lead_b')).get(`${FACTS}?employee_id=${co.person.shan.id}&day_from=${day}`)).json.rows.filter((f) => f.unit_id === co.unit.a.id).length, 0);
        ok(await (await co.as('lead_b')).get(`${BOARD}?unit_id=${co.unit.a.id}`), 404);
        ok(await rep.get(`${BOARD}?unit_id=${co.unit.a.id}`), 404);
        ok(await rep.get(`${BOARD}?employee_id=${co.person.wang.id}`), 404);
        ok(await rep.get(BOARD));
        ok(await lead.get(`${BOARD}?unit_id=${co.unit.east.id}`), 404);
    });

    it('are the same after xiaoguan metrics rebuild', async () => {
        const before = JSON.stringify((await board(co.admin, '')).tables);
        const r = await app.run('metrics', 'rebuild');
        assert.equal(r.code, 0, r.err);
        assert.equal(JSON.stringify((await board(co.admin, '')).tables), before);
    });
});

describe('metrics', () => {
    let app, co, rep;
    before(async () => {
        app = await start_app();
        co = await found_company(app);
        rep = await co.as('rep_a');
    });
    after(() => app.stop());

    it('线上客户线索量 and 线上成交转化率 are added in the browser and appear in reports, boards, import and export', async () => {
        const add = (fields) => co.admin.post(METRICS, { html: true, form: { _csrf: co.admin.csrf, active: '1', in_report: '1', _bools: 'active in_report', ...fields } });
        assert.match(ok(await co.admin.get(`${METRICS}/new`, { html: true })).text, /name="formula"/);
        ok(await add({ name: '线上客户线索量', code: 'online_leads', unit: 'pieces', rollup: 'sum' }), 303);
        ok(await add({ name: '线上成交数', code: 'online_deals', unit: 'pieces', rollup: 'sum' }), 303);
        ok(await add({ name: '线上成交转化率', code: 'online_rate', unit: 'percent', rollup: 'ratio', formula: '线上成交数 ÷ 线上客户线索量', in_report: '' }), 303);
        assert.match(ok(await rep.get('/reports/daily/new', { html: true })).text, /线上客户线索量[^]*name="online_leads"/);
        await co.report(rep, { day: today(), online_leads: 20, online_deals: 5 });
        await co.report(await co.as('rep_a2'), { day: today(), online_leads: 20, online_deals: 1 });
        const b = ok(await co.admin.get(`${BOARD}?unit_id=${co.unit.a.id}&metric=online_rate`)).json;
        assert.equal(kpi(b, 'actual'), 15, '6 of 40, not the mean of 25 % and 5 %');
        assert.equal(row_of(table(b, 'people'), '单雄信').cells[3].value, 25);
        const sheet = ok(await co.admin.get(`/sheets/summary?unit_id=${co.unit.a.id}`)).json;
        assert.ok(table(sheet, 'summary').columns.some((c) => c.title.includes('线上客户线索量')));
        const export_ = read_xlsx(ok(await rep.get('/reports/daily/export.xlsx')).data);
        assert.ok(export_[0].some((h) => h.includes('线上客户线索量')));
    });

    it('refuse formulas that name nothing, lead back to themselves or are no formula, beside the field', async () => {
        const post = (fields) => co.admin.post(METRICS, { json: { name: `比率${fields.code}`, unit: 'percent', rollup: 'ratio', ...fields } });
        for (const [formula, words] of [['不存在的 / amount', /不存在的/], ['amount / ', /Expected a name or number after “\/”/], ['(amount', /“\)” is missing/], ['1 / 2', /at least one metric/], ['x1 / amount', /leads back to itself: x1/], ['amount; drop table metric', /“;”/]]) {
            const r = await post({ code: 'x1', formula });
            ok(r, 422);
            assert.match(field_of(r, 'formula') ?? '', words, formula);
        }
        ok(await post({ code: 'y1', formula: 'amount / leads' }), 201);
        const y2 = ok(await post({ code: 'y2', formula: 'y1 * 2' }), 201).json;
        const y1 = ok(await co.admin.get(`${METRICS}?q=${encodeURIComponent('比率y1')}`)).json.rows[0];
        const loop = ok(await co.admin.call('PATCH', `${METRICS}/${y1.id}`, { json: { formula: 'y2 + amount' } }), 422);
        assert.match(field_of(loop, 'formula'), /比率y1.*比率y2|比率y2.*比率y1/);
        ok(await co.admin.call('PATCH', `${METRICS}/${y2.id}`, { json: { unit: 'yuan' } }));
        for (const [fields, field] of [[{ code: 'z1', rollup: 'sum', formula: 'amount / leads' }, 'formula'], [{ code: 'z2', formula: '' }, 'formula'], [{ code: 'z3', rollup: 'sum' }, 'unit'], [{ code: 'z4', formula: 'amount / leads', in_report: true }, 'in_report']]) {
            const r = ok(await post(fields), 422);
            assert.ok(field_of(r, field), `${JSON.stringify(fields)}: ${r.text}`);
        }
        for (const who of ['rep_a', 'lead_a', 'manager', 'trainer', 'finance']) ok(await (await co.as(who)).post(METRICS, { json: { name: 'x', code: 'x', unit: 'times' } }), 403);
    });

    it('keep the formula of earlier days when it changes from a day on', async () => {
        const m = ok(await co.admin.post(METRICS, { json: { name: '人均线索', code: 'per_visit', unit: 'percent', rollup: 'ratio', formula: 'leads / visits' } }), 201).json;
        const first_of_month = `${today().slice(0, 7)}-01`;
        ok(await co.admin.call('PATCH', `${METRICS}/${m.id}`, { json: { formula: 'leads / calls', formula_from: first_of_month } }));
        const d = ok(await co.admin.get(`${METRICS}/${m.id}`)).json;
        assert.equal(d.formulas.length, 2);
        assert.deepEqual(d.formulas.map((f) => f.from), [first_of_month, '2000-01-01']);
        assert.match(d.formulas[0].formula, /「New leads」 \/ 「Phone calls」/);
        assert.match(ok(await co.admin.get(`${METRICS}/${m.id}`, { html: true })).text, /New leads」 \/ 「Customer visits/);
    });
});

describe('boards and sheets', () => {
    let app, co;
    before(async () => {
        app = await start_app();
        co = await found_company(app);
        for (const who of ['rep_a', 'rep_a2', 'rep_b']) await co.report(await co.as(who), { day: today(), amount: '1234.56', contract_no: 'HT', visits: 3, calls: 9 });
    });
    after(() => app.stop());
    const pages = () => [`/board?unit_id=${co.unit.a.id}`, `/board?employee_id=${co.person.shan.id}`, `/board/ramp?unit_id=${co.unit.a.id}`, ...['team', 'summary', 'comparison'].map((s) => `/sheets/${s}?unit_id=${co.unit.a.id}`), `/sheets/tracking?employee_id=${co.person.shan.id}`];

    it('answer for every kind of period, metric and form', async () => {
        for (const page of pages()) {
            for (const more of ['', '&period=week', '&period=quarter', '&period=half', '&period=year', '&period=day', '&at=1999-01-01', '&at=2101-12-31', '&metric=win_rate', '&metric=nonsense', '&targets=original', '&unit=yuan', '&rank=effort']) {
                ok(await co.admin.get(page + more));
                ok(await co.admin.get(page + more, { html: true }));
            }
        }
        ok(await co.admin.get('/board?at=tomorrow'), 400);
        ok(await co.admin.get('/board?unit_id=999999'), 404);
        ok(await co.admin.get('/board?format=exe'), 400);
    });

    it('come as a spreadsheet and a PDF of the same cells', async () => {
        for (const page of pages()) {
            const doc = ok(await co.admin.get(page)).json, cells = read_xlsx(ok(await co.admin.get(`${page}&format=xlsx`)).data);
            assert.deepEqual(cells[0], doc.tables[0].columns.map((c) => c.title), page);
            const first = doc.tables[0].rows[0];
            if (first) assert.equal(cells[1][0], first.cells[0].value ?? first.cells[0].text, page);
            const pdf = ok(await co.admin.get(`${page}&format=pdf`));
            assert.match(pdf.type, /application\/pdf/);
            assert.equal(pdf.data.subarray(0, 5).toString(), '%PDF-');
        }
    });

    it('hold the sums, in the heading’s unit', async () => {
        const doc = ok(await co.admin.get(`/sheets/team?unit_id=${co.unit.a.id}`)).json, t = table(doc, 'team');
        assert.equal(t.columns[2].title, 'Actual (10,000 yuan)');
        assert.equal(row_of(t, 'Total').cells[2].value, 0.25);
        const exact = table(ok(await co.admin.get(`/sheets/team?unit_id=${co.unit.a.id}&unit=yuan`)).json, 'team');
        assert.equal(row_of(exact, 'Total').cells[2].value, 2469.12);
        assert.equal(row_of(exact, 'Total').cells[3].text, '—', 'no target, no rate');
        const tracking = table(ok(await co.admin.get(`/sheets/tracking?employee_id=${co.person.shan.id}&unit=yuan`)).json, 'tracking');
        assert.ok(row_of(tracking, today()));
    });

    it('are made on schedule for their owner, who alone gets the file', async () => {
        const lead = await co.as('lead_a'), form = { name: '每日看板', href: `/sheets/team?unit_id=${co.unit.a.id}&at=2020-01-01`, format: 'xlsx', every: 'workday', hour: 0, active: true };
        ok(await lead.post('/sheets/schedules', { json: { ...form, href: `/sheets/team?unit_id=${co.unit.b.id}` } }), 422);
        ok(await lead.post('/sheets/schedules', { json: { ...form, href: 'https://example.com/board' } }), 422);
        ok(await lead.post('/sheets/schedules', { json: { ...form, hour: 24 } }), 422);
        const made = ok(await lead.post('/sheets/schedules', { json: form }), 201).json;
        assert.doesNotMatch(made.href, /at=/);
        ok(await lead.post('/sheets/schedules', { json: { ...form, name: 'PDF', format: 'pdf' } }), 201);
        await co.set_day(today(), 'work');
        await run_job(app, 'board.schedules');
        const d = ok(await lead.get(`/sheets/schedules/${made.id}`)).json;
        assert.equal(d.last_day, today(), JSON.stringify(d));
        assert.equal(d.files.length, 1);
        assert.equal(read_xlsx(ok(await lead.get(d.files[0].href)).data)[0][0], '销售人员', 'in the language of its owner');
        for (const who of ['lead_b', 'rep_a', 'manager', 'admin']) ok(await (await co.as(who)).get(d.files[0].href), 404);
        assert.ok(ok(await lead.get('/notices')).text.includes('is ready'));
        ok(await (await co.as('lead_b')).get(`/sheets/schedules/${made.id}`), 404);
        await run_job(app, 'board.schedules');
        assert.equal(ok(await lead.get(`/sheets/schedules/${made.id}`)).json.files.length, 1, 'once a day');
    });
});

describe('团队月度业绩看板 (product.md 2.4)', () => {
    let app, co, year, month;
    const people = ['shan', 'wang', 'ouyang'], target = [500000, 500000, 400000], actual = ['450000', '580000', '320000'], last_year = ['391304.35', '475409.84', '336842.11'];
    before(async () => {
        app = await start_app();
        co = await found_company(app);
        [year, month] = today().split('-').map(Number);
        [year, month] = month === 1 ? [year - 1, 12] : [year, month - 1];
        const day = (y) => `${y}-${String(month).padStart(2, '0')}-15`;
        for (const [i, key] of people.entries()) {
            ok(await co.admin.call('PATCH', `/people/${co.person[key].id}`, { json: { hired_on: '2020-01-01' } }));
            for (const [y, amount] of [[year, actual[i]], [year - 1, last_year[i]]]) ok(await co.admin.post('/reports/daily', { json: { employee_id: co.person[key].id, day: day(y), amount, contract_no: 'HT' } }), 201);
        }
        const cells = people.map((key, i) => ({ scope: `p${co.person[key].id}`, month, value: String(target[i]) }));
        cells.push({ scope: `u${co.unit.a.id}`, month, value: '1400000' });
        ok(await co.admin.post('/targets/cells', { json: { metric: 'amount', year, unit_id: co.unit.a.id, cells } }));
        ok(await co.admin.post('/targets/publish', { json: { metric: 'amount', year, unit_id: co.unit.a.id } }));
    });
    after(() => app.stop());

    it('gives 90 %, 116 % and 80 %, and for the team 96.43 %, not the mean 95.33, with +12.17 % on last year', async () => {
        const at = `${year}-${String(month).padStart(2, '0')}-01`;
        const t = table(ok(await co.admin.get(`/sheets/team?unit_id=${co.unit.a.id}&at=${at}`)).json, 'team');
        const row = (name) => row_of(t, name).cells.slice(1, 5).map((c) => c.value);
        assert.deepEqual(row('单雄信'), [50, 45, 90, 15]);
        assert.deepEqual(row('王梓涵'), [50, 58, 116, 22]);
        assert.deepEqual(row('欧阳雪'), [40, 32, 80, -5]);
        assert.deepEqual(row('Total'), [140, 135, 96.43, 12.17]);
        const cells = read_xlsx(ok(await co.admin.get(`/sheets/team?unit_id=${co.unit.a.id}&at=${at}&format=xlsx`)).data);
        assert.deepEqual(cells.find((r) => r[0] === 'Total').slice(1, 5), [140, 135, 96.43, 12.17]);
    });
});
