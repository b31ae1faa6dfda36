/* invoice_reminder.test.mjs - contracts that daily reports name, and the reminders to invoice them within some days of signing. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { start_app } from '../support/app.mjs';
import { day_after, field_of, found_company, ok, run_job, today } from '../support/company.mjs';
import { read_xlsx, xlsx } from '../support/sheet.mjs';

const ACTIONS = '/key-actions', PATH = '/key-actions/invoices', REPORTS = '/reports/daily';
const month_of = (iso) => iso.slice(0, 7);

let app, co, admin, rep, lead, finance;
before(async () => {
    app = await start_app();
    admin = await app.as('admin');
    co = await found_company(app);
    rep = await co.as('rep_a');
    lead = await co.as('lead_a');
    finance = await co.as('finance');
});
after(() => app.stop());

const list = async (who, query = '') => ok(await who.get(`${PATH}?per_page=200${query}`)).json;
const find = async (number, who = admin) => (await list(who)).rows.find((r) => r.contract_no === number);
const report = (key, day, fields, status) => co.report(admin, { employee_id: co.person[key].id, day, ...fields }, status);
const send = (who, row, fields = {}) => who.post(`${PATH}/${row.id}/sent`, { json: { version: row.version, ...fields } });

describe('a report with an amount and a contract number', () => {
    it('U6: signed 2024-07-01, the invoice reminder is due by 2024-07-08, the 8th included', async () => {
        await report('shan', '2024-07-01', { amount: 25000, contract_no: 'HT-2024-0701' });
        const row = await find('HT-2024-0701', rep);
        assert.deepEqual([row.signed_on, row.due_on, row.amount, row.state, row.sending, row.reminded_on], ['2024-07-01', '2024-07-08', 25000, 'overdue', 'not_sent', null]);
        assert.equal(row.unit_name, '上海一部');
        assert.equal(ok(await send(rep, row, { reminded_on: '2024-07-08' })).json.state, 'sent');
        ok(await rep.call('PATCH', `${PATH}/${row.id}`, { json: { reminded_on: '2024-07-09' } }));
        assert.equal((await find('HT-2024-0701')).state, 'sent_late');
    });

    it('is open on the day it is due, overdue on the next, and urgent two days before', async () => {
        for (const [n, state] of [[-8, 'overdue'], [-7, 'soon'], [-5, 'soon'], [-4, 'open']]) {
            await report('wang', today(n), { amount: 100, contract_no: `DUE${n}` });
            const row = await find(`DUE${n}`);
            assert.deepEqual([row.due_on, row.state], [today(n + 7), state], `signed ${n} days ago`);
        }
    });

    it('names several contracts, whose parts sum to its amount to the last 分', async () => {
        await report('ouyang', today(-1), { amount: '100.01', contract_no: 'M-1、M-2，M-3 M-1' });
        const rows = (await list(admin, `&employee_id=${co.person.ouyang.id}`)).rows.sort((a, b) => a.contract_no.localeCompare(b.contract_no));
        assert.deepEqual(rows.map((r) => [r.contract_no, r.amount]), [['M-1', 33.34], ['M-2', 33.34], ['M-3', 33.33]]);
        assert.equal((await list(admin, `&employee_id=${co.person.ouyang.id}`)).sums.amount, 100.01);
    });

    it('makes none without amount, as a draft, or when it comes back', async () => {
        const day = today(-2), have = async () => (await list(rep)).rows.filter((r) => r.signed_on === day).map((r) => r.contract_no).sort();
        ok(await rep.post(REPORTS, { json: { day, contract_no: 'D-1', amount: 5, state: 'draft' } }), 201);
        assert.deepEqual(await have(), []);
        const sent = ok(await rep.post(REPORTS, { json: { day, contract_no: 'D-1', amount: 0 } })).json;
        assert.deepEqual(await have(), []);
        ok(await rep.post(REPORTS, { json: { day, contract_no: 'D-1、D-2', amount: 10 } }));
        assert.deepEqual(await have(), ['D-1', 'D-2']);
        ok(await rep.post(REPORTS, { json: { day, contract_no: 'D-1、D-2', amount: 10 } }));
        assert.deepEqual(await have(), ['D-1', 'D-2'], 'once');
        ok(await lead.post(`${REPORTS}/${sent.id}/return`, { json: { reason: '合同号不对' } }));
        assert.deepEqual(await have(), [], 'returned');
        ok(await rep.post(REPORTS, { json: { day, contract_no: 'D-3', amount: 10 } }));
        assert.deepEqual(await have(), ['D-3']);
        ok(await lead.post(`${REPORTS}/${sent.id}/approve`, { json: {} }));
        assert.deepEqual(await have(), ['D-3'], 'approval changes nothing');
    });

    it('corrects its contracts, but what was sent stays', async () => {
        const day = today(-3), write = (fields, status) => report('qin', day, fields, status);
        await write({ amount: 30, contract_no: 'K-1、K-2、K-3' });
        ok(await send(admin, await find('K-1')));
        const kept = await find('K-2');
        await write({ amount: 60, contract_no: 'K-2、K-4' }, 200);
        const rows = (await list(admin, `&employee_id=${co.person.qin.id}`)).rows.map((r) => [r.contract_no, r.amount, r.sending]).sort();
        assert.deepEqual(rows, [['K-1', 10, 'sent'], ['K-2', 30, 'not_sent'], ['K-4', 30, 'not_sent']]);
        assert.equal((await find('K-2')).id, kept.id, 'corrected, not made anew');
    });

    it('of an earlier day that names the same contract moves the date; a later one does not', async () => {
        await report('qin', today(-10), { amount: 40, contract_no: 'SAME' });
        await report('qin', today(-9), { amount: 50, contract_no: 'SAME' });
        assert.deepEqual(await find('SAME').then((r) => [r.signed_on, r.amount]), [today(-10), 40]);
        await report('qin', today(-11), { amount: 60, contract_no: 'SAME' });
        assert.deepEqual(await find('SAME').then((r) => [r.signed_on, r.due_on, r.amount]), [today(-11), today(-4), 60]);
        await report('zeng', today(-10), { amount: 1, contract_no: 'SAME' });
        assert.equal((await list(admin, '&q=SAME')).total, 2, 'somebody else has a contract of that number too');
    });

    it('may come from a sheet', async () => {
        const table = [['日期', '销售人员', '成交金额(元)', '合同编号', '沟通要点'], [today(-6), '单雄信', 700, 'X-1，X-2', '']];
        const r = await admin.post(`${REPORTS}/import?mode=all`, { files: { file: { name: 'a.xlsx', data: xlsx(table) } } });
        assert.ok(r.status < 300, r.text.slice(0, 500));
        assert.deepEqual(await find('X-2', rep).then((x) => [x.signed_on, x.due_on, x.amount]), [today(-6), today(1), 350]);
    });

    it('may hold anything as its number', async () => {
        const odd = '<script>alert(1)</script>\' OR 1=1 --';
        await report('zeng', today(-12), { amount: 9, contract_no: odd });
        const html = ok(await (await co.as('rep_b')).get(`${ACTIONS}/mine`, { html: true })).text;
        assert.ok(!html.includes('<script>alert') && html.includes('&lt;script&gt;'));
    });
});

describe('saying that a reminder was sent', () => {
    let day = -13;
    const fresh = async (key = 'shan') => {
        const number = `S${day}`;
        await report(key, today(day--), { amount: 11, contract_no: number });
        return find(number);
    };

    it('takes one tap, for today or the day that is given, and is written down', async () => {
        const row = await fresh(), answer = ok(await send(rep, row)).json;
        assert.deepEqual([answer.reminded_on, answer.sending, answer.version], [today(), 'sent', row.version + 1]);
        const other = await fresh();
        assert.equal(ok(await send(rep, other, { reminded_on: today(-1) })).json.reminded_on, today(-1));
        const page = ok(await rep.get(`${PATH}/${row.id}`, { html: true })).text;
        assert.match(page, /Reminder sent on/);
        assert.match(page, /单雄信/);
    });

    it('twice is once', async () => {
        const row = await fresh(), answers = await Promise.all([send(rep, row), send(rep, row)]);
        for (const a of answers) assert.deepEqual([ok(a).json.reminded_on, a.json.version], [today(), row.version + 1]);
        ok(await send(rep, row, { reminded_on: today(-1) }), 409);
    });

    it('is refused if somebody has changed it in the meantime', async () => {
        const row = await fresh();
        ok(await finance.call('PATCH', `${PATH}/${row.id}`, { json: { note: '等客户税号', version: row.version } }));
        ok(await send(rep, row), 409);
        ok(await rep.call('PATCH', `${PATH}/${row.id}`, { json: { note: 'x', version: row.version } }), 409);
        assert.equal((await find(row.contract_no)).sending, 'not_sent');
    });

    it('is refused for a day in the future, before signing, or that is none', async () => {
        const row = await fresh();
        for (const reminded_on of [today(1), day_after(row.signed_on, -1), '2024-02-30', 'gestern', '0000-00-00', '9'.repeat(300), "'; DROP TABLE invoice_reminder; --"])
            assert.ok(field_of(ok(await send(rep, row, { reminded_on }), 422), 'reminded_on'), reminded_on);
        for (const reminded_on of [today(1), day_after(row.signed_on, -1), 'x']) ok(await rep.call('PATCH', `${PATH}/${row.id}`, { json: { reminded_on } }), 422);
        ok(await send(rep, row, { version: 'x' }), 422);
        assert.equal(ok(await send(rep, row, { reminded_on: row.signed_on })).json.state, 'sent');
    });

    it('is for whoever sees it, but not for the trainer, and nothing else can be changed', async () => {
        const row = await fresh(), rep_b = await co.as('rep_b'), rep_a2 = await co.as('rep_a2'), trainer = await co.as('trainer');
        for (const who of [rep_b, rep_a2, await co.as('lead_b'), await co.as('manager_b')]) {
            ok(await who.get(`${PATH}/${row.id}`), 404);
            ok(await send(who, row), 404);
            ok(await who.post(`${PATH}/bulk`, { json: { action: 'sent', ids: [row.id] } }), 404);
            assert.ok(!(await list(who)).rows.some((r) => r.id === row.id));
        }
        ok(await trainer.get(`${PATH}/${row.id}`));
        ok(await send(trainer, row), 403);
        ok(await trainer.call('PATCH', `${PATH}/${row.id}`, { json: { note: 'x' } }), 403);
        ok(await app.visitor().get(PATH), 401);
        const tried = ok(await rep.call('PATCH', `${PATH}/${row.id}`, { json: { due_on: today(99), signed_on: today(), amount: 1, contract_no: 'Z', employee_id: co.person.wang.id, told: 9 } })).json;
        assert.deepEqual([tried.due_on, tried.signed_on, tried.amount, tried.contract_no, tried.version], [row.due_on, row.signed_on, 11, row.contract_no, row.version]);
        for (const [who, other] of [[lead, await fresh()], [finance, await fresh()], [await co.as('manager'), row]]) ok(await send(who, other));
        for (const who of [rep, admin]) assert.ok((await who.post(PATH, { json: { contract_no: 'neu', signed_on: today() } })).status >= 400);
        assert.equal(await find('neu'), undefined, 'nobody makes one by hand');
    });

    it('does for several at once, all or none', async () => {
        const rows = [await fresh(), await fresh()];
        ok(await rep.post(`${PATH}/bulk`, { json: { action: 'sent', ids: rows.map((r) => r.id) } }));
        for (const r of rows) assert.equal((await find(r.contract_no)).reminded_on, today());
        const more = await fresh();
        ok(await rep.post(`${PATH}/bulk`, { json: { action: 'sent', ids: [more.id, rows[0].id] } }), 409);
        assert.equal((await find(more.contract_no)).sending, 'not_sent');
    });
});

describe('the list of invoice reminders', () => {
    it('is filtered by state, sorted, summed, paged and exported', async () => {
        const all = await list(finance), count = (f) => all.rows.filter(f).length;
        for (const state of ['open', 'soon', 'overdue', 'sent', 'sent_late']) {
            const some = await list(finance, `&state=${state}`);
            assert.equal(some.total, count((r) => r.state === state), state);
            assert.ok(some.rows.every((r) => r.state === state) && some.total > 0, state);
        }
        assert.equal((await list(finance, '&sending=not_sent')).total, count((r) => r.sending === 'not_sent'));
        assert.equal((await list(finance, `&sending=not_sent&due_on_to=${today(-1)}`)).total, count((r) => r.state === 'overdue'));
        const cents = (rows) => rows.reduce((n, r) => n + Math.round(r.amount * 100), 0), overdue = await list(finance, '&state=overdue');
        assert.equal(Math.round(overdue.sums.amount * 100), cents(overdue.rows));
        const sorted = (await list(finance)).rows.map((r) => ['overdue', 'soon', 'open', 'sent', 'sent_late'].indexOf(r.state));
        assert.deepEqual(sorted, [...sorted].sort());
        const due = (await list(finance, '&sort=due_on')).rows.map((r) => r.due_on);
        assert.deepEqual(due, [...due].sort());
        const page = ok(await finance.get(`${PATH}?per_page=2&page=2&sort=due_on&state=overdue`)).json;
        assert.deepEqual(page.rows.map((r) => r.id), (await list(finance, '&sort=due_on&state=overdue')).rows.slice(2, 4).map((r) => r.id));
        const sheet = ok(await finance.get(`${PATH}/export.xlsx?state=overdue`));
        assert.equal(JSON.stringify(read_xlsx(sheet.data)).match(/Overdue/g).length, overdue.total);
        assert.ok((await list(lead)).rows.every((r) => [co.person.shan.id, co.person.wang.id, co.person.ouyang.id].includes(r.employee_id)));
        assert.match(ok(await finance.get(`${PATH}?state=overdue`, { html: true })).text, /badge badge-danger">Overdue/);
        ok(await finance.get(`${PATH}?state=gone`), 422);
    });

    it('puts what is urgent on the start page of its salesperson alone', async () => {
        const urgent = (await list(await co.as('rep_a2'))).rows.filter((r) => ['soon', 'overdue'].includes(r.state)).length;
        const home = async (login) => ok(await (await co.as(login)).get('/')).json.todos.find((t) => t.href === `${ACTIONS}/mine`);
        assert.equal((await home('rep_a2')).count, urgent);
        assert.ok(urgent > 1);
        assert.equal(await home('lead_a'), undefined);
        const mine = ok(await (await co.as('rep_a2')).get(`${ACTIONS}/mine`)).json.invoices;
        assert.equal(mine[0].state, 'overdue', 'the most urgent first');
        assert.match(ok(await (await co.as('rep_a2')).get(`${ACTIONS}/mine`, { html: true })).text, /badge-danger">Overdue[^]*badge-warning">Due soon/);
    });
});

describe('the key action “invoice reminder within n days of signing”', () => {
    const set = async (fields, status = 201) => ok(await lead.post(ACTIONS, { json: { name: '签约后开票提醒', kind: 'invoice_reminder', within_days: 7, applies: 'unit', unit_id: co.unit.a.id, ...fields } }), status);
    const cell = async (name, day) => {
        const team = ok(await lead.get(`${ACTIONS}/team?day=${day}`)).json, at = team.columns.findIndex((x) => x.title === '签约后开票提醒');
        return team.people.find((p) => p.name === name).cells[at];
    };

    it('says how many days there are, for contracts from then on', async () => {
        const old = await find('DUE-4');
        const a = (await set({ first_day: '2024-01-01' })).json;
        assert.deepEqual([a.kind, a.within_days, a.window_kind, a.amount], ['invoice_reminder', 7, 'month', 0]);
        ok(await lead.post(ACTIONS, { json: { name: '王', kind: 'invoice_reminder', within_days: 3, applies: 'person', employee_id: co.person.wang.id, first_day: '2024-01-01' } }), 201);
        await report('wang', today(), { amount: 1, contract_no: 'THREE' });
        await report('shan', today(), { amount: 1, contract_no: 'SEVEN' });
        assert.equal((await find('THREE')).due_on, today(3));
        assert.equal((await find('SEVEN')).due_on, today(7));
        assert.equal((await find('DUE-4')).due_on, old.due_on);
        assert.ok(field_of(await set({ within_days: 0 }, 422), 'within_days'));
        assert.ok(field_of(await set({ within_days: 91 }, 422), 'within_days'));
        for (const field of ['metric_id', 'amount']) assert.ok(field_of(await set({ kind: 'number' }, 422), field), field);
    });

    it('is met by month if each was sent in time, and missed once one was not', async () => {
        await report('ouyang', '2025-03-03', { amount: 1, contract_no: 'OK-1' });
        assert.deepEqual(await cell('欧阳雪', '2025-03-10').then((x) => [x.state, x.text]), ['missed', '0/1']);
        ok(await send(admin, await find('OK-1'), { reminded_on: '2025-03-10' }));
        assert.deepEqual(await cell('欧阳雪', '2025-03-10').then((x) => [x.state, x.mark, x.text]), ['met', '✓', '1/1']);
        await report('ouyang', '2025-03-04', { amount: 1, contract_no: 'OK-2' });
        ok(await send(admin, await find('OK-2'), { reminded_on: '2025-03-12' }));
        assert.deepEqual(await cell('欧阳雪', '2025-03-10').then((x) => [x.state, x.text, x.missing]), ['missed', '1/2', 1]);
        assert.equal((await cell('欧阳雪', '2025-02-10')).state, 'excused');
        const mine = ok(await rep.get(`${ACTIONS}/mine`)).json.key_actions.find((a) => a.name === '签约后开票提醒');
        assert.equal(mine.rule, 'Invoice reminder within 7 days of signing');
        for (const path of ['/mine', '', '/new', '/team']) ok(await lead.get(`${ACTIONS}${path}`, { html: true }));
    });

    it('tells the salesperson once the day before it is due and once when it is overdue, until it is sent', async () => {
        const told = async () => ok(await rep.get('/notices')).json.notices.filter((n) => /invoice reminder/i.test(n.text));
        const about = (all, number) => all.filter((n) => n.text.includes(` ${number} `));
        await report('shan', today(-25), { amount: 1, contract_no: 'LATE-1' });
        for (let i = 0; i < 2; i++) await run_job(app, 'key_action.close');
        const all = await told();
        assert.equal(about(all, 'X-1').length, 1, 'due tomorrow');
        assert.match(about(all, 'X-1')[0].text, new RegExp(`Send the invoice reminder of contract X-1 by ${today(1)}`));
        assert.equal(about(all, 'LATE-1').length, 1);
        assert.match(about(all, 'LATE-1')[0].text, /overdue since/);
        assert.equal(about(all, 'SEVEN').length, 0, 'there is time');
        const results = ok(await lead.get(`${ACTIONS}/mine?employee=${co.person.shan.id}`)).json.key_actions.find((a) => a.name === '签约后开票提醒');
        assert.ok(results.past.every((p) => month_of(p.first_day) < month_of(today())));
        const open = (await list(rep, '&sending=not_sent')).rows;
        ok(await rep.post(`${PATH}/bulk`, { json: { action: 'sent', ids: open.map((r) => r.id) } }));
        assert.ok((await told()).every((n) => !n.unread), 'what is done asks for nothing');
    });
});
