/* key_action.test.mjs - key actions that check themselves, and tracking plans that follow somebody daily and stop again. */
import assert from 'node:assert/strict';
import { Agent } from 'node:http';
import { after, before, describe, it } from 'node:test';
import { start_app } from '../support/app.mjs';
import { day_after, field_of, found_company, ok, run_job, sql, today } from '../support/company.mjs';

const ACTIONS = '/key-actions', PLANS = '/tracking/plans';
const metric_id = async (admin, code) => ok(await admin.get('/numbers/metrics?per_page=200')).json.rows.find((m) => m.code === code).id;
const monday = (iso) => day_after(iso, -((new Date(`${iso}T00:00:00Z`).getUTCDay() + 6) % 7));
const this_monday = monday(today()), last_monday = day_after(this_monday, -7);

describe('a key action', () => {
    let app, co, admin, rep, lead, metrics;
    before(async () => {
        app = await start_app();
        admin = await app.as('admin');
        co = await found_company(app);
        rep = await co.as('rep_a');
        lead = await co.as('lead_a');
        metrics = { visits: await metric_id(admin, 'visits'), leads: await metric_id(admin, 'leads'), amount: await metric_id(admin, 'amount'), win_rate: await metric_id(admin, 'win_rate') };
        for (let i = 0; i < 14; i++) await co.set_day(day_after(last_monday, i), i % 7 < 5 ? 'work' : 'rest');
        await co.set_day(today(), 'work');
    });
    after(() => app.stop());
    const action = async (who, fields) => ok(await who.post(ACTIONS, { json: { amount: 3, window_kind: 'week', applies: 'unit', unit_id: co.unit.a.id, ...fields } }), 201).json;
    const mine = async (who, name, query = '') => ok(await who.get(`${ACTIONS}/mine${query}`)).json.key_actions.find((a) => a.name === name);
    const report = (key, day, fields) => co.report(admin, { employee_id: co.person[key].id, day, ...fields });

    it('U6: of three key customers a week, two are missed and three are met; a week on leave does not count', async () => {
        const a = await action(lead, { name: '每周跟进重点客户', metric_id: metrics.visits, first_day: last_monday });
        await report('shan', last_monday, { visits: 2 });
        await report('shan', day_after(last_monday, 3), { visits: 1 });
        await report('wang', last_monday, { visits: 2 });
        ok(await admin.post('/leave', { json: { employee_id: co.person.ouyang.id, first_day: last_monday, last_day: day_after(last_monday, 6), kind: 'annual' } }), 201);
        await run_job(app, 'key_action.close');
        const past = async (key) => (await mine(admin, a.name, `?employee=${co.person[key].id}`)).past.map((x) => [x.first_day, x.state, x.text]);
        assert.deepEqual(await past('shan'), [[last_monday, 'met', '3/3']]);
        assert.deepEqual(await past('wang'), [[last_monday, 'missed', '2/3']]);
        assert.deepEqual(await past('ouyang'), [[last_monday, 'excused', '0/3']]);
        const team = ok(await lead.get(`${ACTIONS}/team?day=${last_monday}`)).json;
        const cell = (name) => team.people.find((p) => p.name === name).cells[0];
        assert.deepEqual(['单雄信', '王梓涵', '欧阳雪'].map((n) => [cell(n).state, cell(n).mark, cell(n).missing]), [['met', '✓', 0], ['missed', '✗', 1], ['excused', '–', 3]]);
        assert.equal(team.columns[0].sum, '1/2');
        assert.ok(!team.people.some((p) => p.name === '林晓燕'), 'who leads is left out');
    });

    it('is judged again when a report comes late, once and not twice', async () => {
        await report('wang', day_after(last_monday, 4), { visits: 1 });
        for (let i = 0; i < 2; i++) await run_job(app, 'key_action.close');
        const past = (await mine(admin, '每周跟进重点客户', `?employee=${co.person.wang.id}`)).past;
        assert.deepEqual(past.map((x) => [x.state, x.text]), [['met', '3/3']]);
    });

    it('says in its present window what is still to go', async () => {
        await action(lead, { name: '本周线索', metric_id: metrics.leads, amount: 10, target_metric_id: metrics.amount });
        const before_it = (await mine(rep, '本周线索')).now;
        assert.deepEqual([before_it.state, before_it.actual, before_it.needed, before_it.missing], ['running', 0, 10, 10]);
        assert.match(before_it.target_text, /— of target —/, 'no target is no percentage');
        await report('shan', today(), { leads: 9 });
        const almost = (await mine(rep, '本周线索')).now;
        assert.deepEqual([almost.state, almost.missing, almost.percent_capped], ['running', 1, 90]);
        assert.match(almost.missing_text, /1 to go/);
        await co.report(admin, { employee_id: co.person.shan.id, day: today(), leads: 10 }, 200);
        assert.equal((await mine(rep, '本周线索')).now.state, 'met');
        assert.equal((await mine(rep, '本周线索')).past.length, 0, 'the window has not ended');
    });

    it('may be at most, or exactly, and count working days', async () => {
        await action(lead, { name: '至多', metric_id: metrics.leads, compare: 'at_most', amount: 9, applies: 'person', employee_id: co.person.shan.id, window_kind: 'day' });
        assert.equal((await mine(rep, '至多')).now.state, 'missed');
        await action(lead, { name: '正好', metric_id: metrics.leads, compare: 'exactly', amount: 12, applies: 'person', employee_id: co.person.shan.id });
        assert.equal((await mine(rep, '正好')).now.state, 'running');
        const five = await action(lead, { name: '五个工作日', metric_id: metrics.visits, window_kind: 'workdays', window_days: 5, first_day: last_monday, last_day: day_after(last_monday, 6), applies: 'person', employee_id: co.person.shan.id });
        await run_job(app, 'key_action.close');
        assert.deepEqual((await mine(rep, five.name)).past.map((x) => [x.first_day, x.last_day, x.state]), [[last_monday, day_after(last_monday, 6), 'met']]);
    });

    it('is refused where it cannot be checked', async () => {
        const refused = async (field, fields) => assert.ok(field_of(ok(await lead.post(ACTIONS, { json: { name: 'x', metric_id: metrics.visits, amount: 3, window_kind: 'week', applies: 'unit', unit_id: co.unit.a.id, ...fields } }), 422), field), field);
        await refused('metric_id', { metric_id: metrics.win_rate });
        await refused('amount', { amount: 2.5 });
        await refused('amount', { amount: 0 });
        await refused('amount', { amount: -1 });
        await refused('window_days', { window_kind: 'workdays' });
        await refused('window_days', { window_kind: 'workdays', window_days: 61 });
        await refused('employee_id', { applies: 'person' });
        await refused('last_day', { first_day: '2026-11-23', last_day: '2026-11-22' });
    });

    it('is set by who leads, for those led, and seen by those it is for', async () => {
        const body = (fields) => ({ json: { name: '越权', metric_id: metrics.visits, amount: 1, window_kind: 'week', ...fields } });
        ok(await rep.post(ACTIONS, body({ applies: 'person', employee_id: co.person.shan.id })), 403);
        for (const unit of ['b', 'east', 'root']) ok(await lead.post(ACTIONS, body({ applies: 'unit', unit_id: co.unit[unit].id })), 403);
        ok(await lead.post(ACTIONS, body({ applies: 'person', employee_id: co.person.zeng.id })), 403);
        const all = await action(admin, { name: '全公司', metric_id: metrics.visits, unit_id: co.unit.root.id }), own = await action(lead, { name: '只对王', metric_id: metrics.visits, applies: 'person', employee_id: co.person.wang.id });
        ok(await lead.call('PATCH', `${ACTIONS}/${all.id}`, { json: { amount: 1 } }), 409);
        const rep_b = await co.as('rep_b'), rep_a2 = await co.as('rep_a2');
        for (const [who, a, status] of [[rep, all, 200], [rep_b, all, 200], [rep, own, 404], [rep_a2, own, 200], [rep_b, own, 404], [lead, own, 200]]) ok(await who.get(`${ACTIONS}/${a.id}`), status);
        assert.ok(!(await mine(rep_b, '每周跟进重点客户')) && (await mine(rep_b, '全公司')));
        ok(await rep.get(`${ACTIONS}/mine?employee=${co.person.wang.id}`), 404);
        ok(await lead.get(`${ACTIONS}/mine?employee=${co.person.zeng.id}`), 404);
        ok(await rep.get(`${ACTIONS}/team`), 403);
        ok(await lead.get(`${ACTIONS}/team?unit=${co.unit.b.id}`), 404);
        const names = ok(await (await co.as('manager')).get(`${ACTIONS}/team?unit=${co.unit.east.id}`)).json.people.map((p) => p.name);
        assert.ok(names.includes('单雄信') && !names.includes('曾国强'));
    });

    it('has its pages, without a colour that has no word', async () => {
        for (const path of [`${ACTIONS}/mine`, ACTIONS]) ok(await rep.get(path, { html: true }));
        const team = ok(await lead.get(`${ACTIONS}/team`, { html: true })).text;
        assert.match(team, /✓ Met/);
        ok(await lead.get(`${ACTIONS}/new`, { html: true }));
        ok(await (await co.as('finance')).get(`${ACTIONS}/mine`, { html: true }));
        ok(await (await co.as('trainer')).get(`${ACTIONS}/team`, { html: true }));
        ok(await app.visitor().get(`${ACTIONS}/mine`), 401);
    });
});

describe('a tracking plan', () => {
    let app, co, admin, lead, visits;
    const weeks = [4, 3, 2, 1].map((n) => day_after(this_monday, -7 * n)); /* the last four whole weeks */
    before(async () => {
        app = await start_app();
        admin = await app.as('admin');
        co = await found_company(app);
        lead = await co.as('lead_a');
        visits = await metric_id(admin, 'visits');
        await co.as('manager');
        for (let i = 0; i < 28; i++) await co.set_day(day_after(weeks[0], i), i % 7 < 5 ? 'work' : 'rest');
        /* Targets of 12 months for two people: 100 visits a month, in force. The pages for targets come by themselves. */
        await app.halt();
        let text = '';
        for (const [n, key] of [[1, 'shan'], [2, 'wang']])
            for (const year of [-1, 0]) {
                const id = 900 + 10 * n - year, months = Array(12).fill(100).join(', ');
                text += `INSERT INTO target(id, metric_id, year, scope_kind, scope_id, version, created_at, updated_at) VALUES (${id}, ${visits}, ${Number(today().slice(0, 4)) + year}, 1, ${co.person[key].id}, 1, 1, 1);`;
                text += `INSERT INTO target_version(target_id, seq, state, from_month, ${Array.from({ length: 12 }, (_, i) => `b${i + 1}`).join(', ')}, created_at) VALUES (${id}, 1, 1, 1, ${months}, 1);`;
            }
        await sql(app, text);
        app.agent = new Agent({ keepAlive: true, maxSockets: 64 });
        await app.spawn();
    });
    after(() => app.stop());
    const board = async (who) => ok(await who.get('/tracking')).json;
    const of = (page, key, list = 'people') => page[list].filter((p) => p.employee_id === co.person[key].id);
    const report = (key, day, n) => co.report(admin, { employee_id: co.person[key].id, day, visits: n });

    it('follows somebody daily after two bad weeks, tells the lead why, and stops after two good ones', async () => {
        await report('wang', weeks[0], 200); /* always far above */
        for (const week of weeks.slice(1)) await report('wang', week, 200);
        await report('shan', weeks[0], 1);
        await report('shan', weeks[2], 200);
        await report('shan', weeks[3], 200);
        const plan = ok(await lead.post(PLANS, { json: { name: '一部周跟踪', unit_id: co.unit.a.id, metric1_id: visits, cycle: 'week', under: 80, under_periods: 2, good: 90, good_periods: 2, first_day: weeks[0], active: true } }), 201).json;
        assert.equal(plan.owner_name, '林晓燕');
        await run_job(app, 'tracking.judge');
        const page = await board(lead);
        assert.deepEqual(of(page, 'shan'), [], 'as usual again');
        const changes = of(page, 'shan', 'changes');
        assert.deepEqual(changes.map((x) => [x.daily, x.since, x.until]), [[false, this_monday, null], [true, weeks[2], day_after(this_monday, -1)]]);
        assert.match(changes[1].why, /0\.0% of target, behind for 2 periods/);
        assert.deepEqual(of(page, 'wang', 'changes'), []);
        assert.deepEqual(of(page, 'ouyang', 'changes'), [], 'who has no target is not judged');
        const told = ok(await lead.get('/notices')).json.notices.map((n) => n.text);
        assert.equal(told.filter((t) => t.includes('单雄信')).length, 2, told.join());
        assert.equal(page.plans[0].owner, '林晓燕');
    });

    it('changes nothing when it runs again', async () => {
        for (let i = 0; i < 2; i++) await run_job(app, 'tracking.judge');
        assert.equal((await board(lead)).changes.length, 2);
        assert.equal(ok(await lead.get('/notices')).json.notices.length, 2);
    });

    it('shows who is followed daily now, with the weeks and days behind it, to leaders and to the person alone', async () => {
        ok(await lead.post(PLANS, { json: { name: '严格', unit_id: co.unit.a.id, metric1_id: visits, cycle: 'week', under: 200, under_periods: 1, good: 200, good_periods: 12, first_day: weeks[2], active: true } }), 201);
        ok(await admin.post('/leave', { json: { employee_id: co.person.wang.id, first_day: weeks[2], last_day: day_after(this_monday, -1), kind: 'sick' } }), 201);
        await co.report(admin, { employee_id: co.person.shan.id, day: weeks[3], visits: 1 }, 200);
        await run_job(app, 'tracking.judge');
        const [shan] = of(await board(lead), 'shan');
        assert.deepEqual([shan.plan, shan.since, shan.level], ['严格', this_monday, 'Tracked daily']);
        assert.deepEqual(shan.periods.map((p) => p.first_day), [weeks[3], weeks[2]]);
        assert.equal(shan.days.length, 5);
        assert.deepEqual(of(await board(lead), 'wang'), [], 'who was on leave all the time is not judged');
        assert.equal(of(await board(await co.as('rep_a')), 'shan').length, 1);
        assert.equal((await board(await co.as('rep_a2'))).people.length, 0);
        assert.equal((await board(await co.as('lead_b'))).people.length, 0);
        assert.equal(of(await board(await co.as('manager')), 'shan').length, 1);
        for (const login of ['lead_a', 'rep_a', 'finance']) ok(await (await co.as(login)).get('/tracking', { html: true }));
    });

    it('is made by who leads the unit, with lines in order', async () => {
        const body = (fields) => ({ json: { name: 'x', unit_id: co.unit.a.id, metric1_id: visits, under: 80, under_periods: 2, good: 90, good_periods: 2, ...fields } });
        ok(await (await co.as('rep_a')).post(PLANS, body({})), 403);
        ok(await (await co.as('rep_a')).get(PLANS), 403);
        ok(await lead.post(PLANS, body({ unit_id: co.unit.b.id })), 403);
        assert.ok(field_of(ok(await lead.post(PLANS, body({ good: 79 })), 422), 'good'));
        for (const fields of [{ under: 0 }, { under_periods: 0 }, { good_periods: 13 }, { metric1_id: '' }]) ok(await lead.post(PLANS, body(fields)), 422);
        ok(await lead.get(`${PLANS}/new`, { html: true }));
        assert.equal(ok(await (await co.as('lead_b')).get(PLANS)).json.total, 0);
    });
});
