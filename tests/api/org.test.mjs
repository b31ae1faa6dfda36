/* org.test.mjs - units, people, posts and leave: the tree's rules, transfer with a date, leaving, and a company's roster in one sheet. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { PASSWORD, start_app } from '../support/app.mjs';
import { day_after, field_of, found_company, ok, run_job, sql, today } from '../support/company.mjs';
import { csv, read_csv, xlsx } from '../support/sheet.mjs';

const REPORTS = '/reports/daily';
const sheet_file = (name, data) => ({ files: { file: { name, data } } });

describe('the tree of units', () => {
    let app, co, admin;
    before(async () => {
        app = await start_app();
        admin = await app.as('admin');
        co = await found_company(app);
    });
    after(() => app.stop());
    const unit = async (key) => ok(await admin.get(`/units/${co.unit[key].id}`)).json;
    const change = (key, fields) => admin.call('PATCH', `/units/${co.unit[key].id}`, { json: fields });

    it('has one company, at its top, however one tries', async () => {
        ok(await admin.post('/units', { json: { name: '第二家公司', kind: 'company' } }), 422);
        ok(await admin.post('/units', { json: { name: '第二家公司', kind: 'company', parent_id: co.unit.root.id } }), 422);
        ok(await admin.post('/units', { json: { name: '无上级', kind: 'team' } }), 422);
        ok(await change('east', { kind: 'company', parent_id: '' }), 422);
        ok(await change('east', { parent_id: '' }), 422);
        ok(await change('root', { parent_id: co.unit.east.id }), 422);
        ok(await change('root', { kind: 'region', parent_id: co.unit.east.id }), 422);
        ok(await change('root', { status: 'closed' }), 422);
        const r = await admin.post('/units/import?mode=all', sheet_file('u.csv', csv([['部门', 'Kind', '上级部门'], ['华东大区', 'Company', '']])));
        ok(r, 422);
        assert.equal(ok(await admin.get('/units?kind=company')).json.total, 1);
        assert.equal((await unit('east')).kind, 'region');
    });

    it('has no circle, and no bottomless depth', async () => {
        ok(await change('a', { parent_id: co.unit.a.id }), 422);
        ok(await change('east', { parent_id: co.unit.a.id }), 422);
        ok(await change('east', { parent_id: 99999 }), 422);
        const both = await Promise.all([change('east', { parent_id: co.unit.south.id }), change('south', { parent_id: co.unit.east.id })]);
        assert.ok(both.filter((r) => r.status === 200).length <= 1, both.map((r) => r.status).join());
        const [e, s] = [await unit('east'), await unit('south')];
        assert.ok(!(e.parent_id === s.id && s.parent_id === e.id));
        for (const key of ['east', 'south']) ok(await change(key, { parent_id: co.unit.root.id }));
        let parent = co.unit.a.id, depth = 0;
        for (; depth < 30; depth++) {
            const r = await admin.post('/units', { json: { name: `层${depth}`, kind: 'team', parent_id: parent } });
            if (r.status === 422) break;
            parent = ok(r, 201).json.id;
        }
        assert.ok(depth > 5 && depth < 30, `${depth}`);
        const chart = ok(await admin.get('/org')).json;
        assert.equal(JSON.stringify(chart).match(/"name":"层\d+"/g).length, depth, 'the chart shows every level');
    });

    it('closes a unit only when its people are elsewhere', async () => {
        const closed = ok(await change('b', { status: 'closed' }), 422);
        assert.match(field_of(closed, 'status'), /3/);
        const empty = await co.make('/units', { name: '空部门', kind: 'team', parent_id: co.unit.east.id });
        ok(await admin.call('PATCH', `/units/${empty.id}`, { json: { status: 'closed' } }));
        assert.doesNotMatch(ok(await admin.get('/org', { html: true })).text, /空部门/);
    });

    it('gives a manager all that is below, a lead only the team, at once when the tree changes', async () => {
        const manager = await co.as('manager'), seen = async (who) => ok(await who.get('/people?per_page=500')).json.rows.map((p) => p.name).sort();
        assert.deepEqual(await seen(manager), ['周海涛', '单雄信', '林晓燕', '欧阳雪', '王梓涵'].sort());
        ok(await change('b', { parent_id: co.unit.east.id }));
        assert.ok((await seen(manager)).includes('曾国强'));
        ok(await change('b', { parent_id: co.unit.south.id }));
        assert.ok(!(await seen(manager)).includes('曾国强'));
        const lead = await co.as('lead_a');
        ok(await change('east', { leader_id: co.person.lin.id }));
        assert.ok(!(await seen(lead)).includes('曾国强'));
        ok(await change('east', { leader_id: co.person.zhou.id }));
        for (const fields of [{ name: 'x' }, { leader_id: co.person.shan.id }]) for (const who of [lead, manager, await co.as('finance')]) ok(await who.call('PATCH', `/units/${co.unit.a.id}`, { json: fields }), 403);
    });
});

describe('people', () => {
    let app, co, admin;
    before(async () => {
        app = await start_app();
        admin = await app.as('admin');
        co = await found_company(app);
    });
    after(() => app.stop());

    it('have a number of their own, given if none is said', async () => {
        const numbers = new Set(Object.values(co.person).map((p) => p.no));
        assert.equal(numbers.size, Object.keys(co.person).length);
        const next = (await co.make('/people', { name: '自动', unit_id: co.unit.a.id })).no;
        assert.ok(!numbers.has(next));
        const own = await co.make('/people', { name: '自定', unit_id: co.unit.a.id, no: 'XS-007' });
        assert.equal(own.no, 'XS-007');
        const taken = await admin.post('/people', { json: { name: '重号', unit_id: co.unit.a.id, no: 'XS-007' } });
        assert.ok([409, 422].includes(taken.status), taken.text);
        const hire = async (i) => { /* PostgreSQL may ask some of them to try again */
            for (let tries = 0; ; tries++) {
                const r = await admin.post('/people', { json: { name: `并发${i}`, unit_id: co.unit.b.id } });
                if (r.status !== 503 || tries === 10) return r;
                assert.ok(Number(r.headers['retry-after']) > 0);
                await new Promise((next) => setTimeout(next, 50 + 20 * i));
            }
        };
        const many = await Promise.all(Array.from({ length: 20 }, (_, i) => hire(i)));
        assert.equal(new Set(many.map((r) => ok(r, 201).json.no)).size, 20);
    });

    it('are found by name where names are given, unless there are several', async () => {
        for (let i = 0; i < 2; i++) await co.make('/people', { name: '同名', unit_id: co.unit.a.id });
        const leave = (who) => admin.post('/leave', { json: { employee_id: who, first_day: today(5), last_day: today(6), kind: 'annual' } });
        assert.match(field_of(ok(await leave('同名'), 422), 'employee_id'), /several/);
        assert.match(field_of(ok(await leave('无此人'), 422), 'employee_id'), /无此人/);
        assert.equal(ok(await leave('欧阳雪'), 201).json.employee_name, '欧阳雪');
        assert.equal(ok(await leave(co.person.qin.no), 201).json.employee_name, '覃小曼');
    });

    it('are nobody’s own manager, and have sane days, phones and addresses', async () => {
        const path = `/people/${co.person.shan.id}`;
        for (const fields of [{ manager_id: co.person.shan.id }, { phone: 'call me' }, { email: 'nobody' }, { hired_on: '2026-02-30' }, { name: '' }, { unit_id: '' }, { name: 'x'.repeat(61) }, { no: 'x'.repeat(33) }]) {
            ok(await admin.call('PATCH', path, { json: fields }), 422);
        }
        ok(await admin.call('PATCH', path, { json: { phone: '+86 138-0000-0001', email: 'a@b.example', manager_id: co.person.lin.id } }));
    });
});

describe('a transfer', () => {
    let app, co, admin;
    before(async () => {
        app = await start_app();
        admin = await app.as('admin');
        co = await found_company(app);
    });
    after(() => app.stop());
    const move = (key, fields) => admin.post(`/people/${co.person[key].id}/transfer`, { json: { unit_id: co.unit.b.id, ...fields } });
    const person = async (key) => ok(await admin.get(`/people/${co.person[key].id}`)).json;
    const report = async (key, day, more = {}) => ok(await admin.post(REPORTS, { json: { employee_id: co.person[key].id, day, visits: 1, ...more } }), 201).json;

    it('of today takes effect today; reports made before stay with the old team, with their numbers', async () => {
        const old = await report('shan', today(-1), { amount: 100, contract_no: 'x' });
        ok(await move('shan', { effective: today(), note: '支援深圳' }));
        const p = await person('shan');
        assert.equal(p.unit_name, '深圳部');
        assert.deepEqual(p.posts.map((x) => [x.unit, x.first_day, x.last_day]), [['深圳部', today(), null], ['上海一部', '2024-01-02', today(-1)]]);
        assert.equal((await report('shan', today())).unit_name, '深圳部');
        assert.equal((await report('shan', today(-2))).unit_name, '上海一部', 'entered later for an earlier day');
        assert.equal(ok(await admin.get(`${REPORTS}/${old.id}`)).json.unit_name, '上海一部');
        const corrected = ok(await admin.post(REPORTS, { json: { employee_id: co.person.shan.id, day: today(-1), visits: 9 } })).json;
        assert.equal(corrected.unit_name, '上海一部', 'a correction does not move it');
        assert.match(ok(await admin.get(`/people/${co.person.shan.id}`, { html: true })).text, /transfer/i, 'it is in the history');
    });

    it('leaves the old lead the old reports and gives the new lead the new ones only: list and board agree', async () => {
        const day = { a: today(-1), b: today() };
        for (const [who, mine, theirs] of [['lead_a', day.a, day.b], ['lead_b', day.b, day.a]]) {
            const lead = await co.as(who), of = (d) => `employee_id=${co.person.shan.id}&day_from=${d}&day_to=${d}`;
            assert.equal(ok(await lead.get(`${REPORTS}?${of(mine)}`)).json.total, 1, who);
            assert.equal(ok(await lead.get(`${REPORTS}?${of(theirs)}`)).json.total, 0, who);
            const board = ok(await lead.get(`${REPORTS}/board?day=${theirs}`)).json;
            assert.equal(board.people.find((p) => p.id === co.person.shan.id)?.reports ?? 0, 0, `${who} reads on the board what is not in the list`);
        }
    });

    it('in the past moves what is entered from then on, not what was reported', async () => {
        const kept = await report('wang', today(-3));
        ok(await move('wang', { effective: today(-5) }));
        assert.equal((await person('wang')).unit_name, '深圳部');
        assert.equal(ok(await admin.get(`${REPORTS}/${kept.id}`)).json.unit_name, '上海一部');
        assert.equal((await report('wang', today(-5))).unit_name, '深圳部');
        assert.equal((await report('wang', today(-6))).unit_name, '上海一部');
    });

    it('in the future waits for its day, which the nightly job brings', async () => {
        const tomorrow = today(1);
        ok(await move('ouyang', { effective: tomorrow }));
        const waiting = await person('ouyang');
        assert.equal(waiting.unit_name, '上海一部');
        assert.deepEqual(waiting.posts.map((x) => [x.unit, x.first_day, x.last_day]), [['深圳部', tomorrow, null], ['上海一部', '2024-01-02', today()]]);
        await run_job(app, 'org.take_effect');
        assert.equal((await person('ouyang')).unit_name, '上海一部', 'not before');
        /* Tests cannot move the server's clock, so the days move instead: tomorrow becomes today. */
        await run_job(app, 'org.take_effect', `UPDATE post SET first_day = '${today()}' WHERE first_day = '${tomorrow}'; UPDATE post SET last_day = '${today(-1)}' WHERE last_day = '${today()}'`);
        assert.equal((await person('ouyang')).unit_name, '深圳部');
        const lead = await co.as('lead_b');
        ok(await lead.get(`/people/${co.person.ouyang.id}`));
        await run_job(app, 'org.take_effect');
        assert.equal((await person('ouyang')).version, waiting.version + 1, 'once');
    });

    it('planned twice is the later plan', async () => {
        ok(await move('qin', { unit_id: co.unit.a.id, effective: today(10) }));
        ok(await move('qin', { unit_id: co.unit.east.id, effective: today(5) }));
        assert.deepEqual((await person('qin')).posts.map((x) => [x.unit, x.first_day, x.last_day]), [['华东大区', today(5), null], ['深圳部', '2024-01-02', today(4)]]);
    });

    it('names what is wrong with it, and is for administrators and HR', async () => {
        for (const fields of [{ effective: today() }, { unit_id: '', effective: today() }, { unit_id: 9999, effective: today() }, { unit_id: '没有', effective: today() }, { unit_id: co.unit.a.id, effective: 'soon' }, { unit_id: co.unit.a.id }]) {
            const r = await move('zeng', fields);
            assert.equal(r.status, 422, JSON.stringify(fields) + r.text);
            assert.ok(r.json.fields.length);
        }
        const page = ok(await admin.post(`/people/${co.person.zeng.id}/transfer`, { html: true, form: { _csrf: admin.csrf, unit_id: '', effective: 'x' } }), 422);
        assert.match(page.text, /id="unit_id-error"[^]*id="effective-error"/);
        for (const who of ['rep_b', 'lead_b', 'finance']) ok(await (await co.as(who)).post(`/people/${co.person.zeng.id}/transfer`, { json: { unit_id: co.unit.a.id, effective: today() } }), 403);
        ok(await (await co.as('trainer')).post(`/people/${co.person.zeng.id}/transfer`, { json: { unit_id: co.unit.a.id, effective: today(30) } }));
    });
});

describe('leave', () => {
    let app, co, rep, lead;
    before(async () => {
        app = await start_app();
        co = await found_company(app);
        [rep, lead] = [await co.as('rep_a'), await co.as('lead_a')];
    });
    after(() => app.stop());
    const ask = (who, from, to, more = {}) => who.post('/leave', { json: { first_day: today(from), last_day: today(to), kind: 'annual', ...more } });

    it('of one person never overlaps, to the day', async () => {
        const first = ok(await ask(rep, 10, 12), 201).json;
        assert.deepEqual([first.employee_name, first.unit_id], ['单雄信', undefined]);
        for (const [from, to] of [[10, 12], [9, 10], [12, 13], [11, 11], [1, 30]]) assert.ok(field_of(ok(await ask(rep, from, to), 422), 'first_day'), `${from} ${to}`);
        for (const [from, to] of [[9, 9], [13, 13]]) ok(await ask(rep, from, to), 201);
        ok(await ask(await co.as('rep_a2'), 10, 12), 201);
        ok(await lead.call('PATCH', `/leave/${first.id}`, { json: { last_day: today(13) } }), 422);
        ok(await lead.call('PATCH', `/leave/${first.id}`, { json: { note: '改备注' } }));
        const race = await Promise.all(Array.from({ length: 10 }, () => ask(rep, 20, 22)));
        assert.equal(race.filter((r) => r.status === 201).length, 1);
        assert.ok(race.every((r) => [201, 422, 409].includes(r.status)), race.map((r) => r.status).join());
    });

    it('ends after it begins, and some day', async () => {
        assert.ok(field_of(ok(await ask(rep, 50, 49), 422), 'last_day'));
        assert.ok(field_of(ok(await ask(rep, 50, 50 + 401), 422), 'last_day'));
        ok(await ask(rep, 50, 51, { first_day: '' }), 422);
        ok(await ask(rep, 50, 51, { kind: 'holiday' }), 422);
    });

    it('is one’s own to enter, one’s lead’s to change', async () => {
        ok(await ask(rep, 60, 61, { employee_id: co.person.wang.id }), 403);
        ok(await ask(lead, 60, 61, { employee_id: co.person.wang.id }), 201);
        ok(await ask(lead, 60, 61, { employee_id: co.person.zeng.id }), 403);
        const mine = ok(await ask(rep, 63, 64), 201).json;
        ok(await rep.call('PATCH', `/leave/${mine.id}`, { json: { note: 'x' } }), 403);
        ok(await rep.call('DELETE', `/leave/${mine.id}`), 403);
        ok(await (await co.as('lead_b')).call('DELETE', `/leave/${mine.id}`), 404);
        ok(await lead.call('DELETE', `/leave/${mine.id}`));
        ok(await lead.get(`/leave/${mine.id}`), 404);
    });
});

describe('somebody who leaves', () => {
    let app, co, admin;
    before(async () => {
        app = await start_app();
        admin = await app.as('admin');
        co = await found_company(app);
    });
    after(() => app.stop());

    it('is logged out everywhere at once, token included, and cannot log in again', async () => {
        const rep = await co.as('rep_a'), phone = await app.log_in('rep_a');
        const made = ok(await rep.post('/account/tokens', { json: { name: '脚本', password: PASSWORD } }), 201), token = JSON.stringify(made.json).match(/[A-Za-z0-9_-]{40,}/)[0];
        const program = app.visitor({ token });
        for (const who of [rep, phone, program]) ok(await who.get('/people'));
        ok(await admin.post(`/people/${co.person.shan.id}/leave`, { json: {} }), 422);
        ok(await admin.post(`/people/${co.person.shan.id}/leave`, { json: { reason: '个人原因' } }));
        for (const who of [rep, phone, program]) ok(await who.get('/people'), 401);
        ok(await app.visitor().login('rep_a'), 422);
        const p = ok(await admin.get(`/people/${co.person.shan.id}`)).json;
        assert.deepEqual([p.status, p.left_on, p.posts[0].last_day], ['left', today(), today()]);
        ok(await admin.post(`/people/${co.person.shan.id}/leave`, { json: { reason: '再次' } }), 409);
        ok(await admin.post(`/people/${co.person.shan.id}/transfer`, { json: { unit_id: co.unit.b.id, effective: today() } }), 409);
    });

    it('leads nothing any more, and owes no report', async () => {
        const day = today();
        await co.set_day(day, 'work');
        const lead = await co.as('lead_b');
        ok(await lead.get('/people'));
        ok(await admin.post(`/people/${co.person.liang.id}/leave`, { json: { reason: '跳槽' } }));
        ok(await lead.get('/people'), 401);
        assert.equal(ok(await admin.get(`/units/${co.unit.b.id}`)).json.leader_id, null);
        ok(await admin.call('PATCH', `/units/${co.unit.b.id}`, { json: { leader_id: co.person.liang.id } }), 422);
        const missing = JSON.stringify(ok(await admin.get(`${REPORTS}/missing?day=${day}`)).json.teams);
        assert.ok(!missing.includes('单雄信') && missing.includes('曾国强'));
    });

    it('can come back, into the same team', async () => {
        ok(await (await co.as('trainer')).post(`/people/${co.person.shan.id}/rehire`, { json: {} }));
        const p = ok(await admin.get(`/people/${co.person.shan.id}`)).json;
        assert.deepEqual([p.status, p.left_on, p.unit_name], ['active', null, '上海一部']);
        const day = ok(await admin.get(`${REPORTS}/missing?day=${today()}`)).json;
        assert.ok(JSON.stringify(day.teams).includes('单雄信'));
        const open = p.posts.filter((x) => x.main && !x.last_day);
        assert.equal(open.length, 1);
        const main = p.posts.filter((x) => x.main).map((x) => [x.first_day, x.last_day ?? '9999-12-31']).sort();
        for (let i = 1; i < main.length; i++) assert.ok(main[i][0] > main[i - 1][1], `posts overlap: ${JSON.stringify(main)}`);
        for (const who of ['rep_b', 'finance']) ok(await (await co.as(who)).post(`/people/${co.person.qin.id}/leave`, { json: { reason: 'x' } }), 403);
    });
});

describe('the reminder job', () => {
    let app, co;
    before(async () => {
        app = await start_app();
        co = await found_company(app);
    });
    after(() => app.stop());

    it('reminds who owes today’s report once, on working days, when it is time', async () => {
        const rep = await co.as('rep_a'), wang = await co.as('rep_a2'), count = async (who) => ok(await who.get('/notices')).json.notices.length;
        ok(await wang.post(REPORTS, { json: { day: today(), visits: 1 } }), 201);
        await co.set_day(today(), 'rest');
        await co.set('report.remind_at', '00:00');
        await run_job(app, 'report.remind');
        assert.equal(await count(rep), 0, 'not on a day off');
        await co.set_day(today(), 'work');
        await co.set('report.remind_at', '23:59');
        await run_job(app, 'report.remind');
        assert.equal(await count(rep), 0, 'not before the time');
        await co.set('report.remind_at', '00:00');
        await run_job(app, 'report.remind');
        assert.deepEqual([await count(rep), await count(wang)], [1, 0]);
        await run_job(app, 'report.remind');
        assert.deepEqual([await count(rep), await count(wang)], [1, 0], 'once');
    });

    it('needs nobody to start it on a server with a thread for jobs', async () => {
        const rep = await co.as('rep_a');
        await co.set_day(today(), 'work');
        await co.set('report.remind_at', '00:00');
        await app.halt();
        await sql(app, "DELETE FROM notice; UPDATE job SET due_at = 0 WHERE kind = 'report.remind'");
        app.env.XIAOGUAN_JOBS = '1';
        await app.restart();
        let notices = [];
        for (let i = 0; i < 600 && !notices.length; i++) {
            await new Promise((next) => setTimeout(next, 50));
            notices = ok(await rep.get('/notices')).json.notices;
        }
        assert.equal(notices.length, 1);
    });
});

describe('the roster of a company', () => {
    const path = fileURLToPath(new URL('../../../shared/data/crm-sales-opportunities/sales_teams.csv', import.meta.url));
    const missing = existsSync(path) ? false : 'the sample data are not here';
    let app, admin, rows;
    before(async () => {
        app = await start_app();
        admin = await app.as('admin');
        rows = missing ? [] : read_csv(readFileSync(path)).slice(1).filter((r) => r[0]);
    });
    after(() => app.stop());
    const send = (query) => admin.post(`/people/import?${query}`, sheet_file('sales_teams.csv', readFileSync(path)));
    const people = async () => ok(await admin.get('/people?per_page=500')).json.rows;

    it('becomes offices, teams, leaders and people, each where the sheet has them', { skip: missing }, async () => {
        const dry = ok(await send('dry_run=1')).json;
        assert.deepEqual([dry.counts.rows, dry.counts.bad, dry.counts.new], [35, 0, 35]);
        assert.equal((await people()).length, 0, 'a dry run writes nothing');
        assert.equal(ok(await send('mode=all')).json.counts.new, 35);
        const all = await people(), by_name = new Map(all.map((p) => [p.name, p]));
        const agents = rows.map((r) => r[0]), managers = [...new Set(rows.map((r) => r[1]))], offices = [...new Set(rows.map((r) => r[2]))];
        assert.deepEqual([agents.length, managers.length, offices.length], [35, 6, 3]);
        assert.deepEqual([...by_name.keys()].sort(), [...agents, ...managers].sort());
        const units = new Map(ok(await admin.get('/units?per_page=500')).json.rows.map((u) => [u.id, u]));
        assert.deepEqual([...units.values()].filter((u) => u.kind === 'region').map((u) => u.name).sort(), offices.sort());
        assert.equal([...units.values()].filter((u) => u.kind === 'team').length, 6);
        for (const [agent, manager, office] of rows) {
            const a = by_name.get(agent), team = units.get(a.unit_id);
            assert.equal(a.manager_name, manager, agent);
            assert.equal(team.leader_name, manager, agent);
            assert.equal(units.get(team.parent_id).name, office, agent);
            assert.equal(units.get(by_name.get(manager).unit_id).name, office, manager);
        }
    });

    it('sent again changes nothing, in any order', { skip: missing }, async () => {
        const before = await people(), units = ok(await admin.get('/units?per_page=500')).json;
        assert.deepEqual(ok(await send('mode=all')).json.counts, { rows: 35, good: 35, bad: 0, new: 0, update: 0, unchanged: 35 });
        const shuffled = xlsx([['办事处', '姓名', '主管'], ...[...rows].reverse().map(([agent, manager, office]) => [office, agent, manager])]);
        assert.equal(ok(await admin.post('/people/import?mode=all', sheet_file('名单.xlsx', shuffled))).json.counts.unchanged, 35);
        assert.deepEqual(await people(), before);
        assert.deepEqual(ok(await admin.get('/units?per_page=500')).json.rows, units.rows);
    });

    it('moves who stands elsewhere in a later sheet', { skip: missing }, async () => {
        const [agent, , ] = rows[0], [, manager, office] = rows.at(-1);
        const r = ok(await admin.post('/people/import?mode=all', sheet_file('x.csv', csv([['sales_agent', 'manager', 'regional_office'], [agent, manager, office]])))).json;
        assert.equal(r.counts.update, 1);
        const p = (await people()).find((x) => x.name === agent), team = ok(await admin.get(`/units/${p.unit_id}`)).json;
        assert.deepEqual([p.manager_name, team.leader_name, team.parent_name], [manager, manager, office]);
        const posts = ok(await admin.get(`/people/${p.id}`)).json.posts;
        assert.ok(posts.length >= 1 && posts[0].last_day === null);
        assert.ok(day_after(today(), 0) >= posts[0].first_day);
    });
});
