/* intake.test.mjs - data in: files of deals become facts, and every sum equals a plain sum over the file. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, readdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { Agent } from 'node:http';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { engine, start_app } from '../support/app.mjs';
import { field_of, found_company, ok, run_job, sql, today } from '../support/company.mjs';
import { csv, day_cell, read_csv, read_xlsx, xlsx } from '../support/sheet.mjs';

const CRM = fileURLToPath(new URL('../../../shared/data/crm-sales-opportunities/', import.meta.url));
const missing = existsSync(join(CRM, 'sales_pipeline.csv')) ? false : 'the data set is not on this machine';
const sheet_file = (name, data, form = {}) => ({ form, files: { file: { name, data } } });
const JOBS = { env: { XIAOGUAN_JOBS: '1' } };

/* ---- going through the pages ---- */

async function finished(client, id) {
    for (;;) {
        const run = ok(await client.get(`/intake/runs/${id}`)).json;
        if (run.status !== 'running') return run;
        await new Promise((next) => setTimeout(next, 50));
    }
}
const id_of = (location) => Number(location.match(/\/intake\/runs\/(\d+)/)[1]);
async function upload(client, name, data, feed) {
    return id_of(ok(await client.post('/intake/upload', sheet_file(name, data, feed ? { feed } : {}))).json.location);
}
async function start(client, id) {
    ok(await client.post(`/intake/runs/${id}/start`, { json: {} }), 202);
    return finished(client, id);
}
const take_in = async (client, feed, data, name = 'data.csv') => start(client, await upload(client, name, data, feed));
const counts_of = (run) => [run.counts.new, run.counts.update, run.counts.unchanged, run.counts.skipped, run.counts.waiting, run.counts.bad];

async function assert_verified(app) {
    const ran = await app.run('metrics', 'verify');
    assert.equal(ran.code, 0, ran.out + ran.err);
    assert.match(ran.out, /, 0 differences/);
}

async function series(client, scope, metric, from, months) {
    return ok(await client.get(`/numbers/series?${scope}&metric=${metric}&from=${from}&months=${months}`)).json.series;
}
const total = (list) => list.reduce((sum, x) => sum + Math.round(Number(x.value ?? 0) * 100), 0);

const FEED = {
    name: '订单', person_column: '销售', day_column: '日期', key_columns: '单号', product_column: '产品', region_column: '区域', customer_type_column: '客户类型',
    rules: 'amount = sum 金额 where 状态 = 成交\ncustomers_signed = count where 状态 = 成交\ndeals_closed = count where 状态 in 成交, 丢单',
};
const HEAD = ['单号', '销售', '日期', '产品', '区域', '客户类型', '状态', '金额'];
const order = (no, who, more = {}) => ({ 单号: no, 销售: who, 日期: '2026-03-04', 产品: '', 区域: '', 客户类型: '', 状态: '成交', 金额: '100', ...more });
const orders = (...list) => csv([HEAD, ...list.map((o) => HEAD.map((h) => o[h]))]);
const amount_of = async (co, key, month = '2026-03') => Number((await series(co.admin, `employee_id=${co.person[key].id}`, 'amount', month, 1))[0].value ?? 0);

/* ---- a year of a CRM ---- */

describe('the pipeline of a CRM', { skip: missing }, () => {
    let app, admin, rows, won, people, units, products, feed, run;
    const month_of = (us) => { const [m, , y] = us.split('/'); return `${y}-${m.padStart(2, '0')}`; };
    const product_of = (row) => (row.product === 'GTXPro' ? 'GTX Pro' : row.product);
    before(async () => {
        app = await start_app(JOBS);
        admin = await app.as('admin');
        const [head, ...body] = read_csv(readFileSync(join(CRM, 'sales_pipeline.csv')));
        rows = body.map((r) => Object.fromEntries(head.map((h, i) => [h, r[i]])));
        won = rows.filter((r) => r.deal_stage === 'Won');
        ok(await admin.post('/people/import?mode=all', sheet_file('sales_teams.csv', readFileSync(join(CRM, 'sales_teams.csv')))));
        const [, ...list] = read_csv(readFileSync(join(CRM, 'products.csv')));
        const kinds = [['名称', '类别', '上级'], ...[...new Set(list.map((r) => r[1]))].map((s) => [`${s} 系列`, 'product', '']), ...list.map((r) => [r[0], 'product', `${r[1]} 系列`])];
        for (const part of [kinds.filter((r, i) => !i || !r[2]), kinds.filter((r, i) => !i || r[2])]) {
            const head_en = ['Name', 'Kind', 'Belongs to'];
            ok(await admin.post('/numbers/dimensions/import?mode=all', sheet_file('products.csv', csv([head_en, ...part.slice(1)]))));
        }
        people = ok(await admin.get('/people?per_page=500')).json.rows;
        units = ok(await admin.get('/units?per_page=500')).json.rows;
        products = ok(await admin.get('/numbers/dimensions?per_page=500')).json.rows;
    });
    after(() => app.stop());

    it('is understood from its headings, and its filters are counted before anything is saved', async () => {
        const id = await upload(admin, 'sales_pipeline.csv', readFileSync(join(CRM, 'sales_pipeline.csv')));
        const page = ok(await admin.get(`/intake/runs/${id}`)).json;
        const chosen = Object.fromEntries(page.fields.map((f) => [f.name, f.options.find((o) => o.selected)?.value ?? null]));
        assert.deepEqual([chosen.person_column, chosen.day_column, chosen.key_1, chosen.product_column], ['sales_agent', 'close_date', 'opportunity_id', 'product']);
        assert.equal(page.rules_text, 'amount = sum close_value where deal_stage = Won\ncustomers_signed = count where deal_stage = Won\ndeals_closed = count where deal_stage in Won, Lost');
        const closed = rows.filter((r) => ['Won', 'Lost'].includes(r.deal_stage)).length;
        assert.deepEqual(page.rules.map((r) => r.matched).filter(Boolean), [won.length, won.length, closed].map((n) => `${n} rows`));
        assert.equal(page.rows.length, 20);
        const form = { name: 'CRM', day_order: 'auto', ...chosen };
        page.rules_text.split('\n').forEach((_, i) => Object.assign(form, {
            [`metric_${i + 1}`]: ['amount', 'customers_signed', 'deals_closed'][i], [`column_${i + 1}`]: i ? '' : 'close_value', [`filter_${i + 1}`]: 'deal_stage', [`op_${i + 1}`]: 'is',
            [`values_${i + 1}`]: i === 2 ? 'Won, Lost' : 'Won',
        }));
        for (const k of Object.keys(form)) form[k] ??= '';
        const html = ok(await admin.post(`/intake/runs/${id}/preview`, { html: true, form: { _csrf: admin.csrf, ...form, values_1: 'Lost' } })).text;
        assert.match(html, new RegExp(`${closed - won.length} rows`));
        ok(await admin.post(`/intake/runs/${id}/mapping`, { html: true, form: { _csrf: admin.csrf, ...form } }), 303);
        feed = ok(await admin.get('/intake/feeds')).json.rows[0];
        assert.deepEqual([feed.name, feed.day_order, feed.rules], ['CRM', 'month_first', page.rules_text]);
        const check = ok(await admin.get(`/intake/runs/${id}`)).json, waiting = rows.filter((r) => r.product === 'GTXPro' && r.close_date).length;
        assert.deepEqual(counts_of(check), [closed - waiting, 0, 0, rows.length - closed, waiting, 0]);
        assert.deepEqual(check.unknown.map((u) => [u.kind, u.name, u.rows]), [['product', 'GTXPro', waiting]]);
        run = await start(admin, id);
        assert.deepEqual(counts_of(run), counts_of(check), 'the check says what the run does');
    });

    it('lists what it does not know, and takes the rows in once somebody has said what it means', async () => {
        const html = ok(await admin.get(`/intake/runs/${run.id}`, { html: true })).text;
        assert.match(html, /GTXPro/);
        const gtx = products.find((p) => p.name === 'GTX Pro'), unknown = run.unknown[0];
        ok(await admin.post(`/intake/runs/${run.id}/names`, { html: true, form: { _csrf: admin.csrf, [`target_${unknown.id}`]: String(gtx.id) } }), 303);
        run = await finished(admin, run.id);
        const closed = rows.filter((r) => ['Won', 'Lost'].includes(r.deal_stage)).length;
        assert.deepEqual(counts_of(run), [closed, 0, 0, rows.length - closed, 0, 0]);
        assert.deepEqual(run.unknown, []);
        await assert_verified(app);
    });

    /* What the file says of a set of its rows, by month. */
    function plain(list) {
        const months = new Map();
        for (const r of list) {
            if (!['Won', 'Lost'].includes(r.deal_stage)) continue;
            const m = months.get(month_of(r.close_date)) ?? { amount: 0, won: 0, closed: 0 };
            m.closed++;
            if (r.deal_stage === 'Won') m.won++, m.amount += Number(r.close_value);
            months.set(month_of(r.close_date), m);
        }
        return months;
    }
    async function assert_equal_to_file(scope, list, what) {
        const expected = plain(list), from = '2017-01', n = 12;
        const [amount, count, rate] = [await series(admin, scope, 'amount', from, n), await series(admin, scope, 'customers_signed', from, n), await series(admin, scope, 'win_rate', from, n)];
        assert.ok([...expected.keys()].every((m) => m >= '2017-01' && m <= '2017-12'));
        amount.forEach((x, i) => {
            const m = expected.get(x.month);
            assert.equal(Number(x.value ?? 0), m?.amount ?? 0, `${what} ${x.month} amount`);
            assert.equal(count[i].value ?? 0, m?.won ?? 0, `${what} ${x.month} won`);
            if (!m) assert.equal(rate[i].value, null);
            else assert.equal(Math.round(Number(rate[i].value) * 100), Math.floor((m.won * 20000 + m.closed) / (2 * m.closed)), `${what} ${x.month} rate`);
        });
    }

    it('gives every agent, manager, office and product the plain sums of the file, month by month', async () => {
        const [, ...teams] = read_csv(readFileSync(join(CRM, 'sales_teams.csv'))), by_agent = new Map(teams.map((r) => [r[0], r]));
        for (const [agent] of teams) await assert_equal_to_file(`employee_id=${people.find((p) => p.name === agent).id}`, rows.filter((r) => r.sales_agent === agent), agent);
        for (const manager of new Set(teams.map((r) => r[1]))) {
            const team = units.find((u) => u.leader_name === manager && u.kind === 'team');
            await assert_equal_to_file(`unit_id=${team.id}`, rows.filter((r) => by_agent.get(r.sales_agent)[1] === manager), manager);
        }
        for (const office of new Set(teams.map((r) => r[2])))
            await assert_equal_to_file(`unit_id=${units.find((u) => u.name === office).id}`, rows.filter((r) => by_agent.get(r.sales_agent)[2] === office), office);
        for (const p of products) {
            const mine = p.parent_id || p.parent_name ? [p.name] : products.filter((x) => x.parent_name === p.name).map((x) => x.name);
            await assert_equal_to_file(`dimension_id=${p.id}`, rows.filter((r) => mine.includes(product_of(r))), p.name);
        }
        assert.equal(total(await series(admin, `unit_id=${units.find((u) => u.kind === 'company').id}`, 'amount', '2017-01', 12)), won.reduce((s, r) => s + Number(r.close_value) * 100, 0));
    });

    it('leads from every number back to its file and row', async () => {
        const agent = people.find((p) => p.name === 'Darcel Schlecht'), facts = ok(await admin.get(`/numbers/facts?employee_id=${agent.id}&source=import&source_id=${run.id}&sort=-amount&per_page=1`)).json;
        const mine = rows.filter((r) => r.sales_agent === agent.name && ['Won', 'Lost'].includes(r.deal_stage));
        assert.equal(facts.total, mine.length);
        const fact = facts.rows[0], row = rows[fact.source_row - 2];
        assert.deepEqual([row.sales_agent, Number(row.close_value)], [agent.name, Number(fact.amount)]);
        assert.match(ok(await admin.get(`/numbers/facts/${fact.id}`, { html: true })).text, new RegExp(`/intake/runs/${run.id}\\?row=${fact.source_row}"`));
        const page = ok(await admin.get(`/intake/runs/${run.id}?row=${fact.source_row}`)).json;
        assert.deepEqual(page.fields.map((f) => f.text), Object.values(row));
        assert.deepEqual(ok(await admin.get(`/intake/runs/${run.id}/file`)).data, readFileSync(join(CRM, 'sales_pipeline.csv')));
        const sums = ok(await admin.get(page.series_href)).json;
        assert.deepEqual([sums.metric, sums.from], ['amount', '2017-03']);
    });

    it('changes nothing when it is sent again, in any order, and what was said of a name still holds', async () => {
        const again = await take_in(admin, feed.id, readFileSync(join(CRM, 'sales_pipeline.csv')));
        const closed = rows.filter((r) => ['Won', 'Lost'].includes(r.deal_stage)).length;
        assert.deepEqual(counts_of(again), [0, 0, closed, rows.length - closed, 0, 0]);
        const head = Object.keys(rows[0]), shuffled = xlsx([[...head].reverse(), ...[...rows].reverse().map((r) => [...head].reverse().map((h) => r[h]))]);
        assert.deepEqual(counts_of(await take_in(admin, feed.id, shuffled, '商机.xlsx')), [0, 0, closed, rows.length - closed, 0, 0]);
        await assert_verified(app);
    });

    it('follows a corrected file: what differs is taken back and entered anew, what is absent stays', async () => {
        const one = won[0], lost = won[1], agent = people.find((p) => p.name === one.sales_agent);
        const before_it = await series(admin, `employee_id=${agent.id}`, 'amount', month_of(one.close_date), 1);
        const head = Object.keys(one), file = csv([head, ...[{ ...one, close_value: Number(one.close_value) + 1000 }, { ...lost, deal_stage: 'Engaging' }].map((r) => head.map((h) => r[h]))]);
        assert.deepEqual(counts_of(await take_in(admin, feed.id, file)), [0, 2, 0, 0, 0, 0]);
        const now = await series(admin, `employee_id=${agent.id}`, 'amount', month_of(one.close_date), 1);
        const less = lost.sales_agent === one.sales_agent && month_of(lost.close_date) === month_of(one.close_date) ? Number(lost.close_value) : 0;
        assert.equal(Number(now[0].value), Number(before_it[0].value) + 1000 - less);
        const back = await take_in(admin, feed.id, readFileSync(join(CRM, 'sales_pipeline.csv')));
        assert.deepEqual(counts_of(back).slice(0, 2), [0, 2]);
        await assert_equal_to_file(`employee_id=${agent.id}`, rows.filter((r) => r.sales_agent === agent.name), agent.name);
        await assert_verified(app);
    });

    it('killed in the middle and started again is neither lost nor doubled', async () => {
        const head = Object.keys(rows[0]), many = [];
        for (let k = 0; k < 6; k++) for (const r of rows) many.push(head.map((h) => (h === 'opportunity_id' ? `K${k}-${r[h]}` : r[h])));
        const id = await upload(admin, 'many.csv', csv([head, ...many]), feed.id), company = `unit_id=${units.find((u) => u.kind === 'company').id}`;
        ok(await admin.post(`/intake/runs/${id}/start`, { json: {} }), 202);
        let kills = 0;
        for (let seen = 0; kills < 3;) {
            const at = await admin.get(`/intake/runs/${id}`);
            if (at.json.status !== 'running') break;
            if (at.json.counts.new === seen) continue;
            kills++;
            await app.halt('SIGKILL');
            if (engine === 'postgres') await sql(app, 'UPDATE job SET claimed_by = NULL, claimed_at = NULL'); /* else the claim holds until it is stale */
            app.agent = new Agent({ keepAlive: true, maxSockets: 64 });
            await app.spawn();
            seen = ok(await admin.get(`/intake/runs/${id}`)).json.counts.new;
        }
        assert.ok(kills > 0, 'it was done before anybody could kill it');
        const done = await finished(admin, id), closed = rows.filter((r) => ['Won', 'Lost'].includes(r.deal_stage)).length;
        assert.equal(done.status, 'done', JSON.stringify(done).slice(0, 500));
        assert.deepEqual(counts_of(done), [6 * closed, 0, 0, 6 * (rows.length - closed), 0, 0]);
        const all = won.reduce((s, r) => s + Number(r.close_value) * 100, 0);
        assert.equal(total(await series(admin, company, 'amount', '2017-01', 12)), 7 * all);
        await assert_verified(app);
    });
});

/* ---- small files, good and bad ---- */

describe('a file of orders', () => {
    let app, co, admin, finance, feed;
    before(async () => {
        app = await start_app(JOBS);
        co = await found_company(app);
        admin = co.admin;
        finance = await co.as('finance');
        for (const [kind, name] of [['product', '标准版'], ['region', '华东'], ['customer_type', '企业'], ['product', '华东']]) await co.make('/numbers/dimensions', { kind, name });
        feed = ok(await finance.post('/intake/feeds', { json: FEED }), 201).json;
    });
    after(() => app.stop());
    const send = (data, name) => take_in(finance, feed.id, data, name);
    const messages = (run) => run.errors.map((e) => `${e.row} ${e.column}: ${e.message}`);

    it('finds people by number, log-in or name, and what they sell', async () => {
        await co.as('rep_a');
        const run = await send(orders(order('A1', co.person.shan.no), order('A2', 'rep_a', { 产品: '标准版', 区域: '华东', 客户类型: '企业' }), order('A3', '  单雄信 ', { 金额: '1.2万' }), order('A4', '单雄信', { 状态: '洽谈' })));
        assert.deepEqual(counts_of(run), [3, 0, 0, 1, 0, 0]);
        assert.equal(await amount_of(co, 'shan'), 12200);
        const region = ok(await admin.get('/numbers/dimensions?kind=region')).json.rows[0], product = ok(await admin.get('/numbers/dimensions?kind=product&q=%E5%8D%8E%E4%B8%9C')).json.rows[0];
        assert.equal((await series(admin, `dimension_id=${region.id}`, 'amount', '2026-03', 1))[0].text, '100.00');
        assert.equal((await series(admin, `dimension_id=${product.id}`, 'amount', '2026-03', 1))[0].facts, 0, 'a name is looked up among its kind');
        await assert_verified(app);
    });

    it('in GB18030, as XLSX with real dates, or below a title row says the same', async () => {
        const head = '单号,销售,日期,产品,区域,客户类型,状态,金额\r\n', bytes = (s) => Buffer.from([...s].flatMap((ch) => (ch.charCodeAt(0) < 128 ? [ch.charCodeAt(0)] : gb[ch] ?? assert.fail(ch))));
        const gb = { 单: [0xb5, 0xa5], 号: [0xba, 0xc5], 销: [0xcf, 0xfa], 售: [0xca, 0xdb], 日: [0xc8, 0xd5], 期: [0xc6, 0xda], 产: [0xb2, 0xfa], 品: [0xc6, 0xb7], 区: [0xc7, 0xf8], 域: [0xd3, 0xf2], 客: [0xbf, 0xcd], 户: [0xbb, 0xa7], 类: [0xc0, 0xe0], 型: [0xd0, 0xcd], 状: [0xd7, 0xb4], 态: [0xcc, 0xac], 金: [0xbd, 0xf0], 额: [0xb6, 0xee], 成: [0xb3, 0xc9], 交: [0xbd, 0xbb], 王: [0xcd, 0xf5], 梓: [0xe8, 0xf7], 涵: [0xba, 0xad] };
        assert.deepEqual(counts_of(await send(bytes(`${head}G1,王梓涵,2026/3/5,,,,成交,"1,000"\r\n`))), [1, 0, 0, 0, 0, 0]);
        const book = xlsx([['2026年3月订单'], [], HEAD, ['G1', '王梓涵', day_cell('2026-03-05'), '', '', '', '成交', 1000], ['G2', '王梓涵', day_cell('2026-03-06'), '', '', '', '成交', 0.5]]);
        assert.deepEqual(counts_of(await send(book, '订单.xlsx')), [1, 0, 1, 0, 0, 0]);
        assert.equal(await amount_of(co, 'wang'), 1000.5);
    });

    it('lists rows that cannot be, with row and reason, and takes the others in', async () => {
        const run = await send(orders(
            order('B1', '欧阳雪', { 日期: '' }), order('B2', '欧阳雪', { 日期: today(2) }), order('B3', '欧阳雪', { 日期: '2026-02-30' }), order('B4', '欧阳雪', { 金额: '很多' }), order('B5', '欧阳雪', { 金额: '1000000000000000.01' }),
            order('', '欧阳雪'), order('B6', ''), order('B7', '欧阳雪'), order('B7', '欧阳雪', { 金额: '200' }), order('B7', '欧阳雪'), order('B8', '欧阳雪', { 金额: '-50' }), order('B9', '欧阳雪', { 日期: today(1) }),
            order('x'.repeat(201), '欧阳雪'), order('B10', '欧阳雪', { 日期: '1999-12-31' }), order('B11', '欧阳雪', { 金额: '0.001' }), order('=cmd|1', '<script>alert(1)</script>'), order('B12', '欧阳雪', { 金额: '' })));
        assert.deepEqual(messages(run).map((m) => m.split(': ')[0]), ['2 日期', '3 日期', '4 日期', '5 金额', '6 金额', '7 单号', '8 销售', '10 单号', '14 单号', '15 日期', '16 金额']);
        assert.match(messages(run)[7], /Row 9 has the same key|第 9 行/);
        assert.deepEqual(counts_of(run), [4, 0, 1, 0, 1, 11]);
        assert.equal(await amount_of(co, 'ouyang'), 50);
        const html = ok(await finance.get(`/intake/runs/${run.id}`, { html: true })).text;
        assert.ok(!html.includes('<script>alert') && html.includes('&lt;script&gt;alert'));
        const failed = read_xlsx(ok(await finance.get(`/intake/runs/${run.id}/failed.xlsx`)).data);
        assert.equal(failed.length, 1 + 12);
        assert.deepEqual(failed[1].slice(0, 2), ['B1', '欧阳雪']);
        assert.match(failed[1].at(-1), /There is no day/);
        assert.match(failed.at(-1).at(-1), /is not known/);
        await assert_verified(app);
    });

    it('that is none is refused before anything of it is kept', async () => {
        const before_it = ok(await finance.get('/intake/runs')).json.total;
        for (const [name, data, status] of [['empty.csv', Buffer.alloc(0), 422], ['blank.csv', Buffer.from('\r\n\r\n'), 422], ['x.xlsx', Buffer.from('PK\u0003\u0004rubbish'), 422], ['wide.csv', Buffer.from(`${'a,'.repeat(1000000)}\n`), 413],
            ['nul.csv', Buffer.from([0x50, 0, 1, 2, 3]), 422]]) {
            const r = await finance.post('/intake/upload', sheet_file(name, data, { feed: feed.id }));
            assert.ok([422, status].includes(r.status), `${name}: ${r.status} ${r.text.slice(0, 200)}`);
            const page = await finance.post('/intake/upload', { html: true, ...sheet_file(name, data, { _csrf: finance.csrf, feed: feed.id }) });
            assert.ok([422, 413].includes(page.status) && /role="alert"/.test(page.text), name);
        }
        assert.equal(ok(await finance.get('/intake/runs')).json.total, before_it);
    });

    it('without a column of its data source says which', async () => {
        const id = await upload(finance, 'short.csv', csv([['单号', '销售', '日期'], ['C1', '单雄信', '2026-03-04']]), feed.id);
        assert.match(ok(await finance.get(`/intake/runs/${id}`)).json.error, /产品, 区域, 客户类型, 金额, 状态/);
        const run = await start(finance, id);
        assert.deepEqual([run.status, counts_of(run)], ['failed', [0, 0, 0, 0, 0, 0]]);
        assert.match(run.message, /产品/);
    });

    it('waits for names: people picked, products made, several of one name told apart, once for all files', async () => {
        for (let i = 0; i < 2; i++) await co.add_person(`same${i}`, '重名', 'a');
        const file = orders(order('D1', '老王', { 金额: '7' }), order('D2', '重名', { 金额: '8', 产品: '旗舰版' }), order('D3', '单雄信', { 产品: '旗舰版', 金额: '9' }));
        let run = await send(file);
        assert.deepEqual(counts_of(run), [0, 0, 0, 0, 3, 0]);
        assert.deepEqual(run.unknown.map((u) => [u.kind, u.name, u.rows]), [['person', '老王', 1], ['person', '重名', 1], ['product', '旗舰版', 2]]);
        assert.deepEqual(run.unknown[1].candidates.map((x) => x.value), [co.person.same0.id, co.person.same1.id]);
        ok(await finance.post(`/intake/runs/${run.id}/names`, { json: {} }), 422);
        ok(await finance.post(`/intake/runs/${run.id}/names`, { json: { [`target_${run.unknown[0].id}`]: '999999' } }), 422);
        ok(await finance.post(`/intake/runs/${run.id}/names`, { json: { [`target_${run.unknown[0].id}`]: co.person.qin.id, [`target_${run.unknown[1].id}`]: co.person.same1.id } }), 202);
        run = await finished(finance, run.id);
        assert.deepEqual(counts_of(run), [1, 0, 0, 0, 2, 0]);
        ok(await finance.post(`/intake/runs/${run.id}/names`, { json: { kind: 'product', name: '旗舰版', target: 'new' } }), 202);
        run = await finished(finance, run.id);
        assert.deepEqual([counts_of(run), run.unknown], [[3, 0, 0, 0, 0, 0], []]);
        assert.deepEqual([await amount_of(co, 'qin'), await amount_of(co, 'same1'), await amount_of(co, 'same0')], [7, 8, 0]);
        assert.deepEqual(counts_of(await send(file)), [0, 0, 3, 0, 0, 0]);
        assert.deepEqual(counts_of(await send(orders(order('D4', ' 老王 ', { 产品: '旗舰版' })))), [1, 0, 0, 0, 0, 0]);
        const aliases = ok(await finance.get('/intake/aliases')).json.rows;
        assert.deepEqual(aliases.map((a) => a.name).sort(), ['旗舰版', '老王', '重名'].sort());
        await assert_verified(app);
    });

    it('that waited does not bring back what a later file has corrected', async () => {
        const early = await send(orders(order('E1', '曾国强', { 金额: '10' }), order('E2', '新来的', { 金额: '20' })));
        assert.deepEqual(counts_of(await send(orders(order('E1', '曾国强', { 金额: '11' }), order('E2', '曾国强', { 金额: '21' })))), [1, 1, 0, 0, 0, 0]);
        ok(await finance.post(`/intake/runs/${early.id}/names`, { json: { kind: 'person', name: '新来的', target: '曾国强' } }), 202);
        await finished(finance, early.id);
        assert.equal(await amount_of(co, 'zeng'), 32);
        await assert_verified(app);
    });

    it('corrected after a transfer into the past takes back the fact that stands now', async () => {
        await send(orders(order('F1', '王梓涵', { 金额: '500', 日期: '2026-05-06' })));
        ok(await admin.post(`/people/${co.person.wang.id}/transfer`, { json: { unit_id: co.unit.b.id, effective: '2026-05-01' } }));
        assert.deepEqual(counts_of(await send(orders(order('F1', '王梓涵', { 金额: '600', 日期: '2026-05-06' })))), [0, 1, 0, 0, 0, 0]);
        assert.equal(await amount_of(co, 'wang', '2026-05'), 600);
        const of_unit = async (unit) => Number((await series(admin, `unit_id=${co.unit[unit].id}`, 'amount', '2026-05', 1))[0].value ?? 0);
        assert.deepEqual([await of_unit('a'), await of_unit('b')], [0, 600]);
        await assert_verified(app);
    });

    it('twice at the same time is once', async () => {
        const file = orders(...Array.from({ length: 1500 }, (_, i) => order(`H${i}`, '单雄信', { 日期: '2026-04-01', 金额: '3' }))), ids = [await upload(finance, 'h1.csv', file, feed.id), await upload(finance, 'h2.csv', file, feed.id)];
        const token = JSON.stringify(ok(await finance.post('/account/tokens', { json: { name: 'x', password: 'correct horse battery' } }), 201).json).match(/xg_[A-Za-z0-9_-]{20,}/)[0];
        const program = app.visitor({ token }), sheet = { files: { file: { name: 'h3.csv', data: file } } };
        const answers = await Promise.all([...ids.map((id) => finance.post(`/intake/runs/${id}/start`, { json: {} })), program.post(`/intake/${feed.id}/rows`, sheet), program.post(`/intake/${feed.id}/rows`, sheet)]);
        assert.ok(answers.every((r) => [200, 202].includes(r.status)), answers.map((r) => r.status + r.text.slice(0, 300)).join('\n'));
        const runs = [...(await Promise.all(ids.map((id) => finished(finance, id)))), ...(await Promise.all(answers.slice(2).map((r) => finished(finance, r.json.id))))];
        assert.ok(runs.every((r) => r.status === 'done' && r.counts.new + r.counts.unchanged === 1500 && !r.counts.update), JSON.stringify(runs.map((r) => [r.status, r.message, r.counts])));
        assert.equal(runs.reduce((n, r) => n + r.counts.new, 0), 1500);
        assert.equal(await amount_of(co, 'shan', '2026-04'), 4500);
        const starts = await Promise.all([0, 1, 2].map(() => finance.post(`/intake/runs/${ids[0]}/start`, { json: {} })));
        assert.ok(starts.some((r) => r.status === 202) && starts.every((r) => [202, 409].includes(r.status)), starts.map((r) => r.status).join());
        await finished(finance, ids[0]);
        await assert_verified(app);
    });

    it('fills a person’s day to its limit and names the rows beyond', async () => {
        const run = await send(orders(...Array.from({ length: 4100 }, (_, i) => order(`L${i}`, '梁俊杰', { 日期: '2026-04-02', 金额: '1' }))));
        assert.deepEqual([run.status, run.counts.new, run.counts.bad], ['done', 4096, 4], run.message);
        await assert_verified(app);
    });

    it('comes from a program too: rows as JSON, with an answer for each that is wrong, and a whole file', async () => {
        const rows = [order('P1', '单雄信', { 金额: 12.34, 日期: '2026-06-01' }), order('P2', '单雄信', { 金额: 'x' }), order('P3', '无此人')];
        const r = ok(await finance.post(`/intake/${feed.id}/rows`, { json: rows })).json;
        assert.deepEqual([r.status, counts_of(r), r.errors.map((e) => e.row), r.unknown.map((u) => u.name)], ['done', [1, 0, 0, 0, 1, 1], [3], ['无此人']]);
        assert.deepEqual(counts_of(ok(await finance.post(`/intake/${feed.id}/rows`, { json: { rows: rows.slice(0, 1) } })).json), [0, 0, 1, 0, 0, 0]);
        const { 产品, 区域, 客户类型, ...short } = rows[0];
        assert.deepEqual(counts_of(ok(await finance.post(`/intake/${feed.id}/rows`, { json: [short] })).json), [0, 0, 1, 0, 0, 0], 'what it does not tell may be left out');
        assert.equal(await amount_of(co, 'shan', '2026-06'), 12.34);
        for (const [json, status] of [[[], 422], [[1], 422], [{}, 422], [Array.from({ length: 5001 }, (_, i) => ({ a: i })), 413], [[{ 单号: 'x' }], 422]]) ok(await finance.post(`/intake/${feed.id}/rows`, { json }), status);
        const file = ok(await finance.post(`/intake/${feed.id}/files`, sheet_file('六月.csv', orders(order('P4', '单雄信', { 日期: '2026-06-02', 金额: '1' })))), 202).json;
        assert.deepEqual(counts_of(await finished(finance, file.id)), [1, 0, 0, 0, 0, 0]);
        ok(await finance.post('/intake/999999/rows', { json: rows }), 404);
        ok(await finance.call('PATCH', `/intake/feeds/${feed.id}`, { json: { active: false } }));
        ok(await finance.post(`/intake/${feed.id}/rows`, { json: rows }), 409);
        ok(await finance.call('PATCH', `/intake/feeds/${feed.id}`, { json: { active: true } }));
    });

    it('is for administrators and finance; a data source is checked and its changes are recorded', async () => {
        for (const who of ['trainer', 'manager', 'lead_a', 'rep_a']) {
            const client = await co.as(who);
            for (const path of ['/intake', '/intake/feeds', '/intake/runs', `/intake/feeds/${feed.id}`, '/intake/aliases', '/intake/upload']) ok(await client.get(path), 403);
            ok(await client.post(`/intake/${feed.id}/rows`, { json: [order('X', '单雄信')] }), 403);
            ok(await client.post('/intake/upload', sheet_file('x.csv', orders(order('X', '单雄信')))), 403);
            ok(await client.post('/intake/feeds', { json: FEED }), 403);
        }
        for (const rules of ['', 'amount = avg x', 'nothing = count', 'win_rate = count', 'amount = count', 'visits = count\nvisits = count']) assert.ok(field_of(ok(await admin.post('/intake/feeds', { json: { ...FEED, name: 'y', rules } }), 422), 'rules'), rules);
        assert.ok(field_of(ok(await admin.post('/intake/feeds', { json: { ...FEED, name: 'y', key_columns: 'a,b,c,d' } }), 422), 'key_columns'));
        ok(await admin.post('/intake/feeds', { json: FEED }), 409);
        ok(await admin.call('PATCH', `/intake/feeds/${feed.id}`, { json: { rules: FEED.rules.replace('丢单', '丢单, 作废') } }));
        assert.match(ok(await admin.get(`/intake/feeds/${feed.id}`, { html: true })).text, /<del>[^<]*丢单<\/del>[^]*作废/);
        const lead = await co.as('lead_a');
        ok(await lead.get(`/numbers/series?unit_id=${co.unit.a.id}&metric=amount&from=2026-03&months=1`));
        ok(await lead.get(`/numbers/series?unit_id=${co.unit.b.id}&metric=amount&from=2026-03&months=1`), 404);
        for (const query of ['months=0', 'months=99', 'from=2026', 'unit_id=1&employee_id=1']) ok(await admin.get(`/numbers/series?${query}`), 400);
        ok(await admin.get('/numbers/series?metric=nothing'), 404);
        for (const who of ['lead_a', 'rep_a', 'trainer', 'admin']) ok(await (await co.as(who)).get('/numbers/series', { html: true }));
    });
});

describe('the drop folder', () => {
    let app, co, folder;
    before(async () => {
        app = await start_app({ env: {} });
        folder = join(app.dir, 'drop');
        mkdirSync(folder, { mode: 0o700 });
        app.env.XIAOGUAN_INTAKE = folder;
        co = await found_company(app);
        ok(await co.admin.post('/intake/feeds', { json: { ...FEED, folder_pattern: 'orders-*.csv' } }), 201);
    });
    after(() => app.stop());
    const drop = (name, data) => {
        writeFileSync(join(folder, name), data, { mode: 0o600 });
        utimesSync(join(folder, name), new Date(Date.now() - 60000), new Date(Date.now() - 60000));
    };

    it('takes in regular files whose name a data source knows, and moves them away', async () => {
        drop('orders-1.csv', orders(order('Z1', '单雄信')));
        drop('orders-2.csv', Buffer.from('单号,销售\n1,2\n'));
        drop('other.csv', orders(order('Z2', '单雄信')));
        drop('.orders-3.csv', orders(order('Z3', '单雄信')));
        writeFileSync(join(app.dir, 'secret.csv'), orders(order('Z4', '单雄信')));
        symlinkSync(join(app.dir, 'secret.csv'), join(folder, 'orders-4.csv'));
        await run_job(app, 'intake.folder');
        const runs = ok(await co.admin.get('/intake/runs?sort=filename')).json.rows.sort((a, b) => (a.filename < b.filename ? -1 : 1));
        assert.deepEqual(runs.map((r) => [r.filename, r.origin, r.state, r.added]), [['orders-1.csv', 'folder', 'done', 1], ['orders-2.csv', 'folder', 'failed', 0]]);
        assert.deepEqual(readdirSync(folder).sort(), ['.orders-3.csv', 'done', 'failed', 'orders-4.csv', 'other.csv']);
        assert.deepEqual([readdirSync(join(folder, 'done')), readdirSync(join(folder, 'failed'))], [[`${runs[0].id}-orders-1.csv`], [`${runs[1].id}-orders-2.csv`]]);
        assert.equal(await amount_of(co, 'shan'), 100);
        await assert_verified(app);
    });
});
