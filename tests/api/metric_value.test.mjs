/* metric_value.test.mjs - values entered by hand: levels that are nobody else's, numbers of people that are summed, corrections, who may, sheets in and out. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { start_app } from '../support/app.mjs';
import { field_of, found_company, ok, today } from '../support/company.mjs';
import { csv, read_xlsx } from '../support/sheet.mjs';

const VALUES = '/numbers/values', FACTS = '/numbers/facts', EVIDENCE = '财务部回款表';
const YEAR = Number(today().slice(0, 4)), MONTH = Number(today().slice(5, 7)), QUARTER = Math.floor((MONTH - 1) / 3);
/* The first day of the n-th month from the present one, and the quarter before the present one as its three. */
const month = (n) => new Date(Date.UTC(YEAR, MONTH - 1 + n, 1)).toISOString().slice(0, 10);
const past = [0, 1, 2].map((i) => month(QUARTER * 3 - 3 + i - (MONTH - 1)));
const kpi = (board, code) => board.kpis.find((k) => k.code === code)?.value;
let app, co, admin, hr, finance, manager, lead, rep, rate, promoted;

before(async () => {
    app = await start_app();
    co = await found_company(app);
    [admin, hr, finance, manager, lead, rep] = await Promise.all(['admin', 'trainer', 'finance', 'manager', 'lead_a', 'rep_a'].map((login) => co.as(login)));
    rate = await co.make('/numbers/metrics', { code: 'payment_rate', name: '财务回款率', unit: 'percent', rollup: 'inherit' });
    promoted = ok(await admin.get('/numbers/metrics?q=promotion')).json.rows.find((m) => m.code === 'promoted_count');
});
after(() => app?.stop());

const value = (fields) => ({ metric_id: rate.id, month: past[0], evidence: EVIDENCE, ...fields });
const enter = async (who, fields, status = 201) => ok(await who.post(VALUES, { json: value(fields) }), status).json;
const board = async (query, who = admin) => ok(await who.get(`/board?${query}`)).json;
const rate_of = async (scope, at = past[0], period = 'quarter') => kpi(await board(`metric=payment_rate&period=${period}&at=${at}&${scope}`), 'actual');
const verified = async () => { const r = await app.run('metrics', 'verify'); assert.equal(r.code, 0, r.out + r.err); };
const refused = async (fields, name, says, who = admin) => assert.match(field_of(ok(await who.post(VALUES, { json: value(fields) }), 422), name), says);

test('U1 and U5: 回款率 of a quarter is its latest month’s, is not summed, and is nobody else’s', async () => {
    assert.equal(await rate_of(`unit_id=${co.unit.a.id}`), null, 'nothing is known yet');
    await enter(finance, { unit_id: co.unit.a.id, value: 90 });
    await enter(finance, { unit_id: co.unit.a.id, month: past[1], value: '95.5' });
    await enter(finance, { employee_id: co.person.shan.id, month: past[1], value: 80 });
    assert.equal(await rate_of(`unit_id=${co.unit.a.id}`), 95.5);
    assert.equal(await rate_of(`unit_id=${co.unit.a.id}`, past[0], 'month'), 90);
    assert.equal(await rate_of(`unit_id=${co.unit.a.id}`, past[2], 'month'), null);
    assert.equal(await rate_of(`employee_id=${co.person.shan.id}`), 80);
    const { href } = (await board(`metric=payment_rate&period=quarter&at=${past[0]}&unit_id=${co.unit.a.id}`)).kpis.find((k) => k.code === 'actual');
    assert.deepEqual(ok(await admin.get(href)).json.rows.filter((v) => !v.employee_id).map((v) => v.value), [95.5, 90], 'the number leads to what was entered');
    for (const other of [`unit_id=${co.unit.east.id}`, `unit_id=${co.unit.root.id}`, `unit_id=${co.unit.b.id}`, `employee_id=${co.person.wang.id}`]) assert.equal(await rate_of(other), null, other);
    const page = await admin.get(`/board?metric=payment_rate&period=quarter&at=${past[0]}&unit_id=${co.unit.east.id}`, { html: true });
    assert.match(page.text, /—/);
    assert.equal(ok(await admin.get(FACTS)).json.total, 0, 'a level is no entry');
});

test('boards, sheets, series, people and the list of metrics show it', async () => {
    const q = `period=quarter&at=${past[0]}&unit_id=${co.unit.a.id}`;
    const of = (doc, name, row) => doc.tables.find((t) => t.name === name).rows.find((r) => r.cells[0].text.includes(row)).cells.map((c) => c.value ?? c.text);
    assert.equal(of(await board(q), 'metrics', '财务回款率')[2], 95.5);
    assert.ok(of(ok(await admin.get(`/sheets/comparison?${q}`)).json, 'comparison', '财务回款率').includes(95.5));
    assert.ok(of(ok(await admin.get(`/sheets/summary?metric=payment_rate&${q}`)).json, 'summary', 'Total').includes(95.5));
    assert.ok(of(ok(await admin.get(`/sheets/team?metric=payment_rate&${q}`)).json, 'team', '单雄信').includes(80));
    ok(await admin.get(`/sheets/tracking?metric=payment_rate&period=month&at=${past[1]}&employee_id=${co.person.shan.id}`));
    const series = ok(await admin.get(`/numbers/series?metric=payment_rate&unit_id=${co.unit.a.id}&from=${past[0].slice(0, 7)}&months=3`)).json;
    assert.deepEqual(series.series.map((x) => x.value), [90, 95.5, null]);
    ok(await admin.get(`/board/wall?metric=payment_rate&unit_id=${co.unit.a.id}`));
});

test('attainment of a target that is not summed, in the grid and as a key result', async () => {
    const cells = [...Array(12)].map((_, i) => ({ scope: `u${co.unit.root.id}`, month: i + 1, value: '96' }));
    ok(await admin.post('/targets/cells', { json: { metric: 'payment_rate', year: YEAR, cells } }));
    ok(await admin.post('/targets/publish', { json: { metric: 'payment_rate', year: YEAR, unit_id: co.unit.root.id } }));
    await enter(finance, { unit_id: co.unit.b.id, month: month(0), value: 48 });
    assert.equal((await board(`metric=payment_rate&period=quarter&unit_id=${co.unit.b.id}`)).attainment, 50, 'the company’s target holds for the team, its own value counts');
    ok(await admin.get(`/targets?metric=payment_rate&year=${YEAR}&unit_id=${co.unit.b.id}`));
    const lead_b = await co.as('lead_b');
    const objective = ok(await lead_b.post('/okr/objectives', { json: { title: '回款', level: 'unit', unit_id: co.unit.b.id } }), 201).json;
    ok(await lead_b.post('/okr/results', { json: { objective_id: objective.id, title: '回款率 96 %', metric_id: rate.id, whose: 'unit', start_value: 0, target_value: 96 } }), 201);
    assert.equal(ok(await lead_b.get(`/okr/objectives/${objective.id}`)).json.key_results[0].value, 48);
});

test('U4: a lead’s target of two people ready for promotion in the quarter is reached by two values that HR enters', async () => {
    const q = `metric=promoted_count&period=quarter&unit_id=${co.unit.a.id}`;
    ok(await manager.post('/targets/cells', { json: { metric: 'promoted_count', year: YEAR, cells: [{ scope: `u${co.unit.a.id}`, month: MONTH, value: '2' }] } }));
    ok(await manager.post('/targets/publish', { json: { metric: 'promoted_count', year: YEAR, unit_id: co.unit.a.id } }));
    for (const [key, percent] of [['shan', 50], ['wang', 100]]) {
        await enter(hr, { metric_id: promoted.id, employee_id: co.person[key].id, month: month(0), value: 1, evidence: '晋升评审表' });
        assert.equal((await board(q)).attainment, percent);
    }
    assert.equal((await board(q, lead)).attainment, 100);
    for (const scope of [`unit_id=${co.unit.east.id}`, `unit_id=${co.unit.root.id}`]) assert.equal(kpi(await board(`metric=promoted_count&${scope}`), 'actual'), 2, scope);
    await verified();
});

test('a counted value leads to its entry and back, and only for who may see it', async () => {
    const row = ok(await hr.get(`${VALUES}?metric_id=${promoted.id}&employee_id=${co.person.shan.id}`)).json.rows[0];
    const facts = ok(await lead.get(`${FACTS}?employee_id=${co.person.shan.id}`)).json;
    assert.deepEqual(facts.rows.map((f) => [f.source, f.promoted_count, f.source_id, f.unit_id]), [['manual', 1, row.id, co.unit.a.id]]);
    assert.match(ok(await lead.get(`${FACTS}/${facts.rows[0].id}`, { html: true })).text, new RegExp(`href="${VALUES}/${row.id}"`));
    const page = ok(await lead.get(`${VALUES}/${row.id}`, { html: true })).text;
    assert.match(page, /href="\/numbers\/facts\?employee_id=\d+/);
    assert.match(page, /晋升评审表/);
});

test('a correction reverses the entry and appends another; the same again writes nothing; a void value counts nowhere until it is entered again', async () => {
    const of_team = async () => kpi(await board(`metric=promoted_count&period=month&unit_id=${co.unit.a.id}`), 'actual');
    const row = ok(await hr.get(`${VALUES}?metric_id=${promoted.id}&employee_id=${co.person.wang.id}`)).json.rows[0];
    const facts = async () => ok(await hr.get(`${FACTS}?employee_id=${co.person.wang.id}`)).json.total;
    ok(await hr.call('PATCH', `${VALUES}/${row.id}`, { json: { value: 3, evidence: '复核' } }));
    assert.deepEqual([await of_team(), await facts()], [4, 3]);
    ok(await hr.call('PATCH', `${VALUES}/${row.id}`, { json: { value: 3 } }));
    assert.equal(await facts(), 3);
    const now = ok(await hr.get(`${VALUES}/${row.id}`)).json;
    ok(await hr.call('PATCH', `${VALUES}/${row.id}`, { json: { value: 4, version: row.version } }), 409);
    ok(await hr.call('PATCH', `${VALUES}/${row.id}`, { json: { value: 4, version: now.version } }));
    ok(await hr.post(`${VALUES}/${row.id}/void`, { json: {} }));
    assert.deepEqual([await of_team(), ok(await hr.get(`${VALUES}/${row.id}`)).json.state], [1, 'void']);
    ok(await hr.post(`${VALUES}/${row.id}/void`, { json: {} }), 409);
    const again = ok(await hr.post(VALUES, { json: { metric_id: promoted.id, employee_id: co.person.wang.id, month: month(0), value: 1, evidence: '晋升评审表' } })).json;
    assert.deepEqual([again.id, again.state, await of_team()], [row.id, 'in_force', 2]);
    const level = ok(await hr.get(`${VALUES}?metric_id=${rate.id}&month_from=${past[1]}&month_to=${past[1]}&unit_id=${co.unit.a.id}&employee_id=`)).json.rows.find((v) => !v.employee_id);
    ok(await finance.call('PATCH', `${VALUES}/${level.id}`, { json: { value: '96.25' } }));
    assert.equal(await rate_of(`unit_id=${co.unit.a.id}`), 96.25);
    const history = ok(await finance.get(`${VALUES}/${level.id}`, { html: true })).text;
    assert.match(history, /95\.5[\s\S]*96\.25|96\.25[\s\S]*95\.5/);
    await verified();
});

test('what cannot be a value is told at its field, and nothing is saved', async () => {
    const before = ok(await admin.get(VALUES)).json.total, a = co.unit.a.id, of = async (code) => ok(await admin.get('/numbers/metrics?per_page=200')).json.rows.find((m) => m.code === code).id;
    await refused({ unit_id: a, month: month(1), value: 90 }, 'month', /has not begun/);
    await refused({ unit_id: a, month: '2026-13-01', value: 90 }, 'month', /date|day/i);
    await refused({ unit_id: a, month: '1900-01-01', value: 90 }, 'month', /not a month/);
    await refused({ unit_id: a, value: '10000000000000.01' }, 'value', /between/);
    await refused({ unit_id: a, value: 'viel' }, 'value', /./);
    await refused({ unit_id: a, value: 9500 }, 'value', /95 %/);
    await refused({ unit_id: a, value: -9500 }, 'value', /95 %/);
    await refused({ unit_id: a, value: 90, evidence: ' ' }, 'evidence', /required/);
    await refused({ unit_id: a, value: '' }, 'value', /required/);
    await refused({ value: 90 }, 'employee_id', /person or the unit/);
    await refused({ employee_id: co.person.shan.id, unit_id: co.unit.b.id, month: past[2], value: 90 }, 'unit_id', /not both/);
    await refused({ metric_id: promoted.id, unit_id: a, value: 2 }, 'unit_id', /each person/);
    await refused({ metric_id: promoted.id, employee_id: co.person.shan.id, value: -1 }, 'value', /below 0/);
    await refused({ metric_id: promoted.id, employee_id: co.person.shan.id, value: 1.5 }, 'value', /whole number/);
    await refused({ metric_id: await of('win_rate'), unit_id: a, value: 20 }, 'metric_id', /formula/);
    await refused({ metric_id: await of('visits'), employee_id: co.person.shan.id, value: 3 }, 'metric_id', /daily report/);
    await refused({ metric_id: 987654321, unit_id: a, value: 20 }, 'metric_id', /./);
    const form = ok(await finance.post(VALUES, { html: true, form: { _csrf: finance.csrf ?? '', metric_id: rate.id, unit_id: a, month: month(1), value: '90', evidence: EVIDENCE } }), 422);
    assert.match(form.text, /has not begun/);
    assert.equal(ok(await admin.get(VALUES)).json.total, before);
});

test('HR, finance, administrators and managers enter within what they see; leads and salespeople read their own', async () => {
    const json = value({ unit_id: co.unit.a.id, month: past[2], value: 70 });
    for (const [who, status] of [[lead, 403], [rep, 403], [await co.as('manager_b'), 403], [manager, 201], [finance, 200], [hr, 200], [admin, 200]]) ok(await who.post(VALUES, { json }), status);
    ok(await (await co.as('manager_b')).post(VALUES, { json: value({ employee_id: co.person.shan.id, month: past[2], value: 70 }) }), 403);
    const row = await enter(manager, { employee_id: co.person.shan.id, month: past[2], value: 70 });
    for (const [login, status] of [['rep_a', 200], ['lead_a', 200], ['manager', 200], ['rep_a2', 404], ['rep_b', 404], ['lead_b', 404], ['manager_b', 404]]) ok(await (await co.as(login)).get(`${VALUES}/${row.id}`), status);
    ok(await lead.call('PATCH', `${VALUES}/${row.id}`, { json: { value: 99 } }), 403);
    ok(await lead.post(`${VALUES}/${row.id}/void`, { json: {} }), 403);
    ok(await (await co.as('manager_b')).call('PATCH', `${VALUES}/${row.id}`, { json: { value: 99 } }), 404);
    ok(await (await co.as('manager_b')).post(`${VALUES}/${row.id}/void`, { json: {} }), 404);
    const seen = async (who) => ok(await who.get(`${VALUES}?per_page=200`)).json.rows;
    assert.ok((await seen(rep)).every((v) => v.employee_id === co.person.shan.id));
    assert.ok((await seen(lead)).every((v) => v.unit_id === co.unit.a.id));
    assert.ok((await seen(lead)).some((v) => !v.employee_id), 'the team’s own values too');
    assert.doesNotMatch(ok(await lead.get(VALUES, { html: true })).text, /numbers\/values\/new/);
});

test('a sheet comes in, goes out and comes in again without a change; wrong rows are told', async () => {
    const sheet = [['指标', '月份', '团队', '姓名', '数值', '依据'], ['财务回款率', past[0], '深圳部', '', '91.5', EVIDENCE], ['财务回款率', `${past[0].slice(0, 8)}15`, '', '曾国强', '88', EVIDENCE], ['promoted_count', past[0], '', '覃小曼', '1', '晋升评审表']];
    const send = async (rows, more = '') => ok(await hr.post(`${VALUES}/import?mode=all${more}`, { files: { file: { name: 'v.csv', data: csv(rows) } } })).json;
    const first = await send(sheet);
    assert.deepEqual([first.counts.new, first.counts.bad], [3, 0], JSON.stringify(first));
    assert.equal(await rate_of(`unit_id=${co.unit.b.id}`), 91.5);
    assert.equal(kpi(await board(`metric=promoted_count&period=quarter&at=${past[0]}&unit_id=${co.unit.b.id}`), 'actual'), 1);
    const { data } = ok(await hr.get(`${VALUES}/export.xlsx`)), count = read_xlsx(data).length - 1;
    const again = ok(await hr.post(`${VALUES}/import?mode=all`, { files: { file: { name: 'v.xlsx', data } } })).json;
    assert.deepEqual([again.counts.rows, again.counts.unchanged, again.counts.bad], [count, count, 0], JSON.stringify(again));
    const changed = await send([sheet[0], ['财务回款率', past[0], '深圳部', '', '92', EVIDENCE]]);
    assert.equal(changed.counts.update, 1);
    const bad = ok(await hr.post(`${VALUES}/import?dry_run=1`, { files: { file: { name: 'v.csv', data: csv([sheet[0], ['财务回款率', month(1), '深圳部', '', '92', EVIDENCE], ['Win rate', past[0], '深圳部', '', '92', EVIDENCE], ['财务回款率', past[0], '深圳部', '', '92', ''], ['财务回款率', past[0], '深圳部', '', '0.95', EVIDENCE], ['财务回款率', '', '深圳部', '', '95', EVIDENCE]]) } } })).json;
    assert.deepEqual(bad.rows.map((e) => [e.row, e.column]), [[2, '月份'], [3, '指标'], [4, '依据'], [5, '数值'], [6, '月份']], JSON.stringify(bad));
    await verified();
});
