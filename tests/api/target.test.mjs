/* target.test.mjs - targets over HTTP: who sees and sets which, cells all or nothing, two people at once, splitting, publishing, adjusting, agreeing
 * metrics, sheets out and in. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { start_app } from '../support/app.mjs';
import { field_of, found_company, ok, today } from '../support/company.mjs';
import { csv, read_csv, read_xlsx, xlsx } from '../support/sheet.mjs';

const YEAR = Number(today().slice(0, 4)), NEXT = YEAR + 1, MONTH = Number(today().slice(5, 7));
let app, co, admin;

before(async () => {
    app = await start_app();
    co = await found_company(app);
    admin = await co.as('admin');
});
after(() => app?.stop());

const u = (who) => `u${co.unit[who].id}`, p = (who) => `p${co.person[who].id}`;
const cell = (scope, month, value, more = {}) => ({ scope, month, value, ...more });
const save = (who, cells, more = {}) => who.post('/targets/cells', { json: { metric: 'amount', year: NEXT, cells, ...more } });
const grid = async (who, query) => ok(await who.get(`/targets?year=${NEXT}&metric=amount&view=draft&${query}`)).json;
const at = (row, period) => row.cells.find((x) => x.period === String(period)).value;
const row_of = (g, key) => (g.own.key === key ? g.own : g.rows.find((r) => r.key === key));
const quarter = (scope, from, value) => [0, 1, 2].map((i) => cell(scope, from + i, value));

test('T1: a quarter of 1,000,000 is stored as three months that sum to it exactly, and nothing is left unsplit', async () => {
    const proposal = ok(await admin.post('/targets/split', { json: { metric: 'amount', year: NEXT, unit_id: co.unit.root.id, total: '100万', first_month: 7, last_month: 9, equal: 1 } })).json;
    const own = proposal.cells.filter((c) => c.scope === u('root'));
    assert.deepEqual(own.map((c) => c.value), [333333.34, 333333.33, 333333.33]);
    ok(await save(admin, own.map((c) => ({ ...c, value: String(c.value) }))));
    const g = await grid(admin, `unit_id=${co.unit.root.id}`);
    assert.equal(at(g.own, 'q3'), 1000000);
    assert.equal(at(g.rest, 'q3'), 1000000, 'nothing stands below yet');
});

test('a split sums to the target month by month, leaves locked rows alone and saves nothing', async () => {
    ok(await save(admin, [...quarter(u('east'), 7, '200000'), ...quarter(u('south'), 7, '100000')]));
    const ask = { metric: 'amount', year: NEXT, unit_id: co.unit.root.id, first_month: 7, last_month: 9, equal: 1, history: 1, capacity: 2, seniority: 1, locked: [u('east')] };
    const a = ok(await admin.post('/targets/split', { json: ask })).json, b = ok(await admin.post('/targets/split', { json: ask })).json;
    assert.deepEqual(a, b, 'the same again');
    assert.deepEqual(a.cells.map((c) => [c.scope, c.value]), [[u('south'), 133333.34], [u('south'), 133333.33], [u('south'), 133333.33]]);
    assert.equal(a.rest, 0);
    assert.equal(at(row_of(await grid(admin, `unit_id=${co.unit.root.id}`), u('south')), 7), 100000, 'not saved');
    const page = ok(await admin.post('/targets/split', { html: true, form: { ...ask, locked: [], lock: u('east') } })).text;
    assert.match(page, /value="133,333\.34"/, 'without script the proposal stands in the cells');
});

test('the rest not split yet is the target less what stands below it, month, quarter and year', async () => {
    const g = await grid(admin, `unit_id=${co.unit.root.id}`);
    assert.equal(at(g.sum, 7), 300000);
    assert.equal(at(g.rest, 7), 33333.34);
    assert.equal(at(g.rest, 'q3'), 100000);
    assert.equal(at(g.rest, 'year'), 100000);
});

test('U2: regions and products are held against the company each by itself', async () => {
    const make = async (kind, name) => ok(await admin.post('/numbers/dimensions', { json: { kind, name } }), 201).json.id;
    const east = await make('region', '华东区'), line = await make('product', '产品A线');
    ok(await save(admin, [cell(`d${east}`, 7, '1500万'), cell(`d${line}`, 7, '800万')]));
    ok(await save(admin, [cell(u('root'), 7, '5000万')]));
    const regions = await grid(admin, 'dimension=region'), products = await grid(admin, 'dimension=product');
    assert.equal(at(regions.rest, 7), 35000000);
    assert.equal(at(products.rest, 7), 42000000);
    ok(await save(admin, [...quarter(u('root'), 7, null), cell(`d${east}`, 7, ''), cell(`d${line}`, 7, '')]));
    assert.equal((await (await co.as('manager')).get('/targets?dimension=region')).status, 404, 'for who sees everything');
});

test('U1 and U5: what is not summed is inherited and repeats; it has no sums', async () => {
    const rate = (who, cells) => save(who, cells, { metric: 'collection_rate' });
    ok(await rate(admin, [...[...Array(12)].map((_, i) => cell(u('root'), i + 1, '≥95%')), cell(u('root'), 'floor', '90')]));
    const g = ok(await admin.get(`/targets?metric=collection_rate&year=${NEXT}&view=draft&unit_id=${co.unit.a.id}`)).json;
    assert.equal(g.summed, false);
    assert.equal(g.sum, undefined);
    assert.equal(g.own.state, 'inherited');
    assert.deepEqual([at(g.own, 1), at(g.own, 'q1'), at(g.own, 'year')], [95, 95, 95]);
    assert.equal(g.rows.every((r) => r.inherited && at(r, 3) === 95), true);
});

test('U3 and U5: 50万 a month are 150万 a quarter, 2 customers a month are 6', async () => {
    const manager = await co.as('manager');
    ok(await save(manager, quarter(p('shan'), 4, '50万')));
    ok(await save(manager, quarter(p('shan'), 4, '2家'), { metric: 'customers_signed' }));
    assert.equal(at(row_of(await grid(manager, `unit_id=${co.unit.a.id}`), p('shan')), 'q2'), 1500000);
    const g = ok(await manager.get(`/targets?metric=customers_signed&year=${NEXT}&view=draft&unit_id=${co.unit.a.id}`)).json;
    assert.equal(at(row_of(g, p('shan')), 'q2'), 6);
});

test('U4: a lead has a target that is not money', async () => {
    ok(await save(await co.as('manager'), [cell(u('a'), 9, '8')], { metric: 'customers_signed' }));
});

test('a target that is none is told at its cell, and nothing of the others is saved', async () => {
    const manager = await co.as('manager');
    const r = await save(manager, [cell(p('wang'), 1, '1000'), cell(p('wang'), 2, '-1'), cell(p('wang'), 3, '1000000000000000'), cell(p('wang'), 4, '很多'), cell('x9', 5, '1'), cell(p('wang'), 13, '1')]);
    ok(r, 422);
    assert.equal(r.json.fields.map((f) => f.field).join(), 'cells[1],cells[2],cells[3],cells[4],cells[5]');
    assert.match(field_of(r, 'cells[1]'), /negative/);
    assert.match(field_of(r, 'cells[2]'), /too large/);
    assert.match(field_of(r, 'cells[3]'), /number/);
    assert.equal(at(row_of(await grid(manager, `unit_id=${co.unit.a.id}`), p('wang')), 1), null);
    ok(await save(manager, 'x'), 422);
    ok(await save(manager, [cell(p('wang'), 1, '2.5')], { metric: 'customers_signed' }), 422);
});

test('a parent changed by two people at once: the second is told both values, and nothing is overwritten', async () => {
    ok(await save(admin, [cell(u('east'), 1, '100')]));
    ok(await save(admin, [cell(u('east'), 1, '200', { base: '100' })]));
    const r = ok(await save(admin, [cell(u('east'), 2, '5'), cell(u('east'), 1, '300', { base: '100' })]), 409);
    assert.match(field_of(r, 'cells[1]'), /200.*300/);
    assert.deepEqual(r.json.conflicts.map((x) => [x.stored, x.yours]), [[200, 300]]);
    const east = row_of(await grid(admin, `unit_id=${co.unit.root.id}`), u('east'));
    assert.deepEqual([at(east, 1), at(east, 2)], [200, null]);
    ok(await save(admin, [cell(u('east'), 1, '200', { base: '100' })]), 200);
    ok(await save(admin, [cell(u('east'), 1, '', { base: '200' })]));
});

test('without script the form saves what was changed and says what is wrong beside the cell', async () => {
    const manager = await co.as('manager'), scope = p('wang'), base = `${'100,'.repeat(2)}${','.repeat(10)}`;
    const form = { metric: 'amount', year: NEXT, tier: 'base', unit_id: co.unit.a.id, [`base.${scope}`]: ','.repeat(12), [`c.${scope}.1`]: '1万', [`c.${scope}.2`]: '', [`f.${scope}`]: '5000' };
    const r = await manager.post('/targets/cells', { html: true, form: { ...form, back: '/targets?metric=amount' } });
    assert.deepEqual([r.status, r.location], [303, '/targets?metric=amount']);
    const stored = row_of(await grid(manager, `unit_id=${co.unit.a.id}`), scope);
    assert.deepEqual([at(stored, 1), at(stored, 2), stored.floor], [10000, null, 5000]);
    const again = ok(await manager.post('/targets/cells', { html: true, form: { ...form, [`base.${scope}`]: `10000,${','.repeat(11)}5000`, [`c.${scope}.1`]: '一万' } }), 422);
    assert.match(again.text, /value="一万"[^>]*aria-invalid="true"/);
    ok(await manager.post('/targets/cells', { html: true, form: { ...form, [`base.${scope}`]: base, [`c.${scope}.1`]: '7' } }), 409);
    ok(await save(manager, [cell(scope, 1, ''), cell(scope, 'floor', '')]));
});

test('a salesperson sees the own target and sets none; a foreign unit is not there; a lead does not set the own team', async () => {
    const rep = await co.as('rep_a'), lead = await co.as('lead_a'), other = await co.as('manager_b');
    const own = ok(await rep.get(`/targets?year=${NEXT}`)).json;
    assert.equal(own.own.key, p('shan'));
    assert.equal(own.editable, false);
    ok(await rep.get(`/targets?unit_id=${co.unit.a.id}`), 404);
    ok(await rep.get(`/targets?employee_id=${co.person.wang.id}`), 404);
    ok(await save(rep, [cell(p('shan'), 1, '1')]), 403);
    ok(await other.get(`/targets?unit_id=${co.unit.a.id}`), 404);
    ok(await save(other, [cell(p('shan'), 1, '1')]), 404);
    ok(await lead.get('/targets?unit_id=999999'), 404);
    ok(await admin.get('/targets?unit_id=999999'), 404);
    ok(await lead.get('/targets?metric=nothing'), 404);
    ok(await lead.get('/targets?year=soon'), 400);
    ok(await save(lead, [cell(p('shan'), 1, '1')]));
    ok(await save(lead, [cell(u('a'), 1, '1')]), 403);
    ok(await save(lead, [cell(p('shan'), 1, '')]));
    assert.equal((await rep.get('/targets/revisions')).status, 403);
});

test('T2 and T3: 5 × 60,000 agrees with 300,000; 8 × 60,000 = 480,000 does not, and both numbers are told', async () => {
    const price = (month) => save(admin, [cell(p('zeng'), month, '6万')], { metric: 'average_price' }), checks = async () => (await grid(admin, `employee_id=${co.person.zeng.id}`)).checks;
    for (const month of [1, 2]) {
        ok(await price(month));
        ok(await save(admin, [cell(p('zeng'), month, '30万')]));
    }
    ok(await save(admin, [cell(p('zeng'), 1, '5')], { metric: 'customers_signed' }));
    assert.equal((await checks()).find((x) => x.check === 'agreement').verdict, 'good');
    ok(await save(admin, [cell(p('zeng'), 2, '8')], { metric: 'customers_signed' }));
    const wrong = (await checks()).filter((x) => x.check === 'agreement');
    assert.equal(wrong.length, 1);
    assert.match(wrong[0].message, /-02: .*8 × 60,000\.00 = 480,000\.00 ≠ 300,000\.00, 60\.00 %/);
});

test('each target is checked: what counts, its unit, the chance, the target above, all months', async () => {
    const of = (list) => Object.fromEntries(list.map((x) => [x.check, x.verdict]));
    const shan = await grid(admin, `employee_id=${co.person.zeng.id}`);
    assert.deepEqual([of(shan.checks).M, of(shan.checks).A, of(shan.checks).T], ['good', 'unknown', 'doubtful']);
    assert.match(shan.checks.find((x) => x.check === 'A').message, /Not enough data/);
    assert.equal(of(shan.checks).R, 'bad', 'the team has no amount');
});

/* ---- publishing and adjusting, in the present year ---- */

const of_year = (cells, more = {}) => ({ json: { metric: 'amount', year: YEAR, cells, ...more } });
const all_year = (scope, value) => [...Array(12)].map((_, i) => cell(scope, i + 1, value));
const now_grid = async (who, view, unit = 'a') => ok(await who.get(`/targets?metric=amount&year=${YEAR}&view=${view}&unit_id=${co.unit[unit].id}`)).json;

test('drafts are nobody’s target until they are published; then cells are refused', async () => {
    const manager = await co.as('manager'), rep = await co.as('rep_a');
    ok(await manager.post('/targets/cells', of_year([...all_year(u('a'), '300'), ...all_year(p('shan'), '100'), ...all_year(p('wang'), '200')])));
    assert.equal(at((await ok(await rep.get(`/targets?year=${YEAR}`)).json).own, 1), null);
    const before = ok(await manager.get(`/targets/publish?metric=amount&year=${YEAR}&unit_id=${co.unit.a.id}`)).json;
    assert.deepEqual(before.rows.map((r) => [r.name, r.months, r.base]), [['上海一部', 12, '3,600'], ['单雄信', 12, '1,200'], ['王梓涵', 12, '2,400']]);
    ok(await rep.post('/targets/publish', { json: { metric: 'amount', year: YEAR, unit_id: co.unit.a.id } }), 403);
    const lead = await co.as('lead_a');
    assert.equal(ok(await lead.post('/targets/publish', { json: { metric: 'amount', year: YEAR, unit_id: co.unit.a.id } })).json.published, 2, 'not the own team');
    assert.equal(ok(await manager.post('/targets/publish', { json: { metric: 'amount', year: YEAR, unit_id: co.unit.a.id } })).json.published, 1);
    assert.equal(at((await ok(await rep.get(`/targets?year=${YEAR}`)).json).own, 1), 100);
    const r = ok(await manager.post('/targets/cells', of_year([cell(p('shan'), 12, '150')])), 409);
    assert.match(field_of(r, 'cells[0]'), /in force/);
});

const revise = (who, cells, more = {}) => who.post('/targets/revisions', { json: { metric: 'amount', year: YEAR, unit_id: co.unit.a.id, from_month: MONTH, reason: '客户调整', cells, ...more } });

test('an adjustment needs a reason, does not touch months that have ended, and waits for somebody else', async () => {
    const lead = await co.as('lead_a'), manager = await co.as('manager');
    ok(await revise(lead, [cell(p('shan'), 12, '150')], { reason: ' ' }), 422);
    if (MONTH > 1) {
        ok(await revise(lead, [cell(p('shan'), 1, '150')], { from_month: 1 }), 422);
        ok(await revise(lead, [cell(p('shan'), MONTH - 1, '150')]), 422);
    }
    ok(await revise(lead, [cell(p('shan'), 12, '150', { base: '90' })]), 409);
    const id = ok(await revise(lead, [cell(p('shan'), 12, '150', { base: '100' }), cell(p('wang'), 12, '150', { base: '200' })]), 201).json.id;
    assert.equal(at(row_of(await now_grid(lead, 'force'), p('shan')), 12), 100, 'not yet');
    const list = ok(await manager.get('/targets/revisions?state=waiting')).json.rows.find((x) => x.id === id);
    assert.deepEqual(list.lines.map((l) => [l.name, l.before, l.after, l.difference]), [['单雄信', 100, 150, '+50'], ['王梓涵', 200, 150, '-50']]);
    assert.equal(list.may_decide, true);
    ok(await lead.post(`/targets/revisions/${id}/approve`, { json: {} }), 403);
    ok(await (await co.as('manager_b')).post(`/targets/revisions/${id}/approve`, { json: {} }), 404);
    ok(await revise(lead, [cell(p('shan'), 12, '170', { base: '100' })]), 409);
    assert.match(ok(await manager.get('/', { html: true })).text, /Target adjustments<span class="count">1</);
    assert.equal(ok(await manager.post(`/targets/revisions/${id}/approve`, { json: {} })).json.state, 'approved');
    ok(await manager.post(`/targets/revisions/${id}/approve`, { json: {} }), 409);
    assert.equal(at(row_of(await now_grid(lead, 'force'), p('shan')), 12), 150);
    assert.equal(at(row_of(await now_grid(lead, 'original'), p('shan')), 12), 100, 'the original stays to be seen');
    assert.match(ok(await lead.get('/notices')).text, /adjustment of 上海一部 was approved/);
});

test('an adjustment is rejected with a reason, or withdrawn by who submitted it', async () => {
    const lead = await co.as('lead_a'), manager = await co.as('manager');
    const one = ok(await revise(lead, [cell(p('ouyang'), 12, '10')]), 201).json.id;
    ok(await manager.post(`/targets/revisions/${one}/withdraw`, { json: {} }), 403);
    ok(await manager.post(`/targets/revisions/${one}/reject`, { json: {} }), 422);
    assert.equal(ok(await manager.post(`/targets/revisions/${one}/reject`, { json: { reason: '人手不足' } })).json.decision, '人手不足');
    const two = ok(await revise(lead, [cell(p('shan'), 12, '160', { base: '150' })]), 201).json.id;
    assert.equal(ok(await lead.post(`/targets/revisions/${two}/withdraw`, { json: {} })).json.state, 'withdrawn');
    assert.equal(at(row_of(await now_grid(lead, 'force'), p('shan')), 12), 150);
    assert.deepEqual(ok(await lead.get('/targets/revisions')).json.rows.map((x) => x.state), ['withdrawn', 'rejected', 'approved']);
});

/* ---- sheets ---- */

const send = (who, data, form = {}, name = '目标.xlsx') => who.post('/targets/import', { files: { file: { name, type: 'application/octet-stream', data } }, form });

test('the sheet goes out and comes back unchanged, as a workbook and as CSV', async () => {
    const lead = await co.as('lead_a'), query = `metric=amount&year=${YEAR}&view=force&unit_id=${co.unit.a.id}`;
    const book = ok(await lead.get(`/targets/sheet.xlsx?${query}`)), rows = read_xlsx(book.data);
    const shan = rows.find((r) => r[0] === '单雄信');
    assert.equal(Number(shan[rows[0].indexOf('Month 11')]), 100);
    assert.equal(shan[1], '上海一部');
    assert.deepEqual(ok(await send(lead, book.data)).json, { rows: rows.length - 1, changed: 0, unchanged: rows.length - 1 });
    const text = ok(await lead.get(`/targets/sheet.csv?${query}`));
    assert.equal(read_csv(text.data).length, rows.length);
    assert.equal(ok(await send(lead, text.data, {}, '目标.csv')).json.changed, 0);
    ok(await (await co.as('manager_b')).get(`/targets/sheet.xlsx?${query}`), 404);
});

test('U5: 150 of sales and 6 customers in a quarter become 50 and 2 a month, ≥90 % repeats', async () => {
    const manager = await co.as('manager');
    const sheet = xlsx([['个人目标表'], ['姓名', '指标类型', '季度目标值', '月度拆解目标', '关键动作要求'], ['欧阳雪', '销售额', '150万', '50万/月', '每周跟进重点客户≥3家'],
        ['欧阳雪', '新签客户', '6', '2/月', ''], ['欧阳雪', 'collection_rate', '≥90%', '≥90%/月', '签约后7日内发起开票提醒']]);
    const r = await send(manager, sheet, { year: NEXT, quarter: 3 });
    assert.deepEqual(ok(r).json, { rows: 3, changed: 3, unchanged: 0 });
    const months = async (metric) => {
        const g = ok(await manager.get(`/targets?metric=${metric}&year=${NEXT}&view=draft&employee_id=${co.person.ouyang.id}`)).json;
        return [7, 8, 9, 'q3'].map((x) => at(g.own, x));
    };
    assert.deepEqual(await months('amount'), [500000, 500000, 500000, 1500000]);
    assert.deepEqual(await months('customers_signed'), [2, 2, 2, 6]);
    assert.deepEqual(await months('collection_rate'), [90, 90, 90, 90]);
});

test('rows that are not right are told by number, and nothing of the file is saved', async () => {
    const manager = await co.as('manager');
    const rows = [['姓名', '部门', '指标类型', '1月'], ['王梓涵', '上海一部', 'amount', '77'], ['无此人', '', 'amount', '1'], ['王梓涵', '', '无此指标', '1'], ['王梓涵', '', 'amount', '很多'], ['曾国强', '', 'amount', '1'], ['', '华东大区', 'amount', '1']];
    const r = ok(await send(manager, csv(rows), { year: NEXT }, 'x.csv'), 422);
    assert.deepEqual(r.json.rows.map((x) => x.row), [3, 4, 5, 6, 7]);
    assert.match(r.json.rows[4].message, /unit above/);
    assert.equal(at(row_of(await grid(manager, `unit_id=${co.unit.a.id}`), p('wang')), 1), null);
    ok(await send(manager, csv([['a', 'b']]), {}, 'x.csv'), 422);
    ok(await manager.post('/targets/import', { json: {} }), 422);
    const page = await manager.post('/targets/import', { html: true, files: { file: { name: 'x.csv', type: 'text/csv', data: csv(rows) } }, form: { year: NEXT } });
    assert.match(ok(page, 422).text, /Rows with errors/);
});
