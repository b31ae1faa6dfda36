/* okr.test.mjs - objectives and key results: progress from the metric, who sees and changes them, alignment, check-ins, scores. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { start_app } from '../support/app.mjs';
import { field_of, found_company, ok, today } from '../support/company.mjs';

const OKR = '/okr/objectives', RESULTS = '/okr/results';
const metric_id = async (admin, code) => ok(await admin.get('/numbers/metrics?per_page=200')).json.rows.find((m) => m.code === code).id;
const group = (page, name) => page.groups.find((g) => g.name === name).objectives.map((o) => o.title);

describe('an objective', () => {
    let app, co, admin, rep, lead, metrics;
    before(async () => {
        app = await start_app();
        admin = await app.as('admin');
        co = await found_company(app);
        rep = await co.as('rep_a');
        lead = await co.as('lead_a');
        metrics = { new_customers: await metric_id(admin, 'new_customers'), visits: await metric_id(admin, 'visits') };
    });
    after(() => app.stop());
    const objective = async (who, fields) => ok(await who.post(OKR, { json: fields }), 201).json;
    const result = async (who, fields) => ok(await who.post(RESULTS, { json: fields }), 201).json;
    const read = async (who, id) => ok(await who.get(`${OKR}/${id}`)).json;
    const active = async (who, title, more = {}) => {
        const o = await objective(who, { title, ...more });
        await result(who, { objective_id: o.id, title: '新客户', metric_id: metrics.new_customers, target_value: 10 });
        ok(await who.post(`${OKR}/${o.id}/start`, { json: {} }));
        return o;
    };

    it('takes its cycle from any day in it, and its unit from its person', async () => {
        const o = await objective(rep, { title: '拿下本季度', cycle: 'quarter', first_day: '2026-11-26' });
        assert.deepEqual([o.first_day, o.last_day, o.unit_name, o.employee_name, o.state], ['2026-10-01', '2026-12-31', '上海一部', '单雄信', 'draft']);
        const pair = await objective(rep, { title: '双月', cycle: 'two_months', first_day: '2026-11-26' });
        assert.deepEqual([pair.first_day, pair.last_day], ['2026-11-01', '2026-12-31']);
        for (const x of [o, pair]) ok(await rep.post(`${OKR}/${x.id}/delete`, { json: {} }));
    });

    it('is measured by the metric, never by what somebody types', async () => {
        const o = await active(rep, '新客户翻番');
        const before_it = (await read(rep, o.id)).key_results[0];
        assert.equal(before_it.progress, null, 'nothing is known yet, which is not 0 %');
        assert.equal(before_it.percent_text, '—');
        await co.report(admin, { employee_id: co.person.shan.id, day: today(), new_customers: 3 });
        const k = (await read(rep, o.id)).key_results[0];
        assert.deepEqual([k.metric, k.value, k.progress, k.score_proposal], ['new_customers', 3, 30, 0.3]);
        const typed = ok(await rep.call('PATCH', `${RESULTS}/${k.id}`, { json: { typed_value: 9 } })).json;
        assert.equal(typed.typed_value, null);
        assert.equal(field_of(ok(await rep.post(`${RESULTS}/${k.id}/check-in`, { json: { confidence: 5, value: 9 } }), 422), 'value') !== undefined, true);
        assert.equal((await read(rep, o.id)).key_results[0].value, 3);
        assert.equal((await read(rep, o.id)).progress.progress, 30);
    });

    it('is the weighted mean of its key results, exactly', async () => {
        const o = await active(rep, '三个结果');
        const second = await result(rep, { objective_id: o.id, title: '满意度', source: 'typed', start_value: 0, target_value: 100, unit_name: '分', weight: 2 });
        await co.report(admin, { employee_id: co.person.shan.id, day: today(), new_customers: 3 }, 200);
        assert.equal((await read(rep, o.id)).progress.progress, 10, '(30 % x 1 + 0 x 2) / 3');
        assert.ok(field_of(ok(await rep.call('PATCH', `${RESULTS}/${second.id}`, { json: { typed_value: 50 } }), 422), 'evidence'));
        ok(await rep.call('PATCH', `${RESULTS}/${second.id}`, { json: { typed_value: 50, evidence: '11 月客户回访 20 份' } }));
        assert.equal((await read(rep, o.id)).progress.progress, 43.33);
        ok(await rep.call('PATCH', `${RESULTS}/${second.id}`, { json: { typed_value: 500, evidence: '笔误' } }));
        assert.equal((await read(rep, o.id)).progress.progress, 76.67, 'overdone counts as done');
    });

    it('refuses key results that cannot be reached, or fit no metric', async () => {
        const o = await objective(rep, { title: '不合理' });
        const refused = async (field, fields) => assert.ok(field_of(ok(await rep.post(RESULTS, { json: { objective_id: o.id, title: 'x', ...fields } }), 422), field), field);
        await refused('metric_id', { target_value: 5 });
        await refused('target_value', { metric_id: metrics.visits, start_value: 5, target_value: 5 });
        await refused('target_value', { metric_id: metrics.visits, start_value: 5, target_value: 1 });
        await refused('weight', { metric_id: metrics.visits, target_value: 5, weight: 0 });
        await refused('whose', { metric_id: metrics.visits, target_value: 5, whose: 'unit' });
        ok(await rep.post(`${OKR}/${o.id}/start`, { json: {} }), 409);
        const k = await result(rep, { objective_id: o.id, title: '拜访', metric_id: metrics.visits, target_value: 5 });
        ok(await rep.post(`${RESULTS}/${k.id}/delete`, { json: {} }));
        ok(await rep.post(`${OKR}/${o.id}/delete`, { json: {} }));
        ok(await rep.get(`${OKR}/${o.id}`), 404);
    });

    it('of the company is open to all, a team’s to the team and its leaders, a person’s to the person and theirs, a draft to these alone', async () => {
        const company = await active(admin, '公司年度', { level: 'unit', unit_id: co.unit.root.id, employee_id: co.person.zhou.id, cycle: 'year' });
        const team = await active(lead, '一部季度', { level: 'unit', unit_id: co.unit.a.id });
        const own = await active(rep, '单雄信的季度');
        const leads = await active(lead, '林晓燕本人');
        const draft = await objective(lead, { title: '一部草稿', level: 'unit', unit_id: co.unit.a.id });
        const sees = async (login, list) => {
            const who = await co.as(login);
            for (const [o, seen] of list) ok(await who.get(`${OKR}/${o.id}`), seen ? 200 : 404);
            const rows = ok(await who.get(`${OKR}?per_page=200`)).json.rows.map((x) => x.id);
            for (const [o, seen] of list) assert.equal(rows.includes(o.id), seen, `${login} ${o.title} in the list`);
            const page = JSON.stringify(ok(await who.get('/okr?cycle=year')).json);
            for (const [o, seen] of list) assert.equal(page.includes(o.title), seen, `${login} ${o.title} on the page`);
        };
        await sees('rep_a', [[company, true], [team, true], [own, true], [leads, true], [draft, false]]);
        await sees('rep_a2', [[company, true], [team, true], [own, false], [leads, true], [draft, false]]);
        await sees('rep_b', [[company, true], [team, false], [own, false], [leads, false], [draft, false]]);
        await sees('lead_b', [[company, true], [team, false], [own, false], [draft, false]]);
        await sees('lead_a', [[company, true], [team, true], [own, true], [draft, true]]);
        await sees('manager', [[company, true], [team, true], [own, true], [draft, true]]);
        await sees('finance', [[company, true], [team, true], [own, true], [draft, true]]);
        const page = ok(await rep.get('/okr?cycle=year')).json;
        assert.ok(group(page, 'mine').includes('单雄信的季度') && group(page, 'team').includes('一部季度') && group(page, 'company').includes('公司年度'));
        const k = (await read(rep, own.id)).key_results[0];
        ok(await (await co.as('rep_b')).get(`${RESULTS}/${k.id}`), 404);
    });

    it('is changed by its person, who leads them, and administrators', async () => {
        const own = await active(rep, '谁能改'), k = (await read(rep, own.id)).key_results[0], title = (n) => ({ json: { title: `谁能改 ${n}` } });
        for (const [login, status] of [['rep_a', 200], ['lead_a', 200], ['manager', 200], ['admin', 200], ['finance', 409], ['trainer', 409], ['rep_a2', 404], ['rep_b', 404], ['lead_b', 404]])
            ok(await (await co.as(login)).call('PATCH', `${OKR}/${own.id}`, title(login)), status);
        for (const [login, status] of [['finance', 403], ['trainer', 403], ['rep_a2', 404], ['lead_a', 200]])
            ok(await (await co.as(login)).post(`${RESULTS}/${k.id}/check-in`, { json: { confidence: 6 } }), status);
        ok(await (await co.as('finance')).post(`${RESULTS}/${k.id}/delete`, { json: {} }), 403);
        ok(await rep.post(`${RESULTS}/${k.id}/delete`, { json: {} }), 409);
        const team = await active(lead, '团队的');
        ok(await rep.call('PATCH', `${OKR}/${team.id}`, title('x')), 409);
        ok(await rep.post(RESULTS, { json: { objective_id: team.id, title: '塞进来', metric_id: metrics.visits, target_value: 5 } }), 403);
        for (const fields of [{ level: 'unit', unit_id: co.unit.a.id }, { level: 'unit', unit_id: co.unit.root.id }]) ok(await rep.post(OKR, { json: { title: '越权', ...fields } }), 403);
        ok(await lead.post(OKR, { json: { title: '越权', level: 'unit', unit_id: co.unit.b.id } }), 403);
        ok(await lead.post(OKR, { json: { title: '越权', level: 'unit', unit_id: co.unit.east.id } }), 403);
    });

    it('is aligned without a loop and within the cycle above', async () => {
        const year = await objective(lead, { title: '年', cycle: 'year', level: 'unit', unit_id: co.unit.a.id });
        const half = await objective(lead, { title: '半年', cycle: 'half', parent_id: year.id, level: 'unit', unit_id: co.unit.a.id });
        const quarter = await objective(lead, { title: '季', cycle: 'quarter', parent_id: half.id });
        const align = (o, parent, more = {}) => lead.call('PATCH', `${OKR}/${o.id}`, { json: { parent_id: parent.id, ...more } });
        for (const parent of [year, half, quarter]) assert.ok(field_of(ok(await align(year, parent), 422), 'parent_id'));
        assert.ok(field_of(ok(await lead.post(OKR, { json: { title: '年下', cycle: 'year', parent_id: quarter.id } }), 422), 'parent_id'));
        assert.ok(field_of(ok(await lead.call('PATCH', `${OKR}/${half.id}`, { json: { cycle: 'month', parent_id: year.id } }), 422), 'cycle'));
        const other = await active(await co.as('rep_b'), '别人的');
        assert.ok(field_of(ok(await lead.post(OKR, { json: { title: 'x', parent_id: other.id } }), 422), 'parent_id'), 'not one she cannot see');
        const tree = await read(lead, half.id);
        assert.deepEqual(tree.above.map((x) => x.title), ['年']);
        assert.deepEqual(tree.below.map((x) => x.title), ['季']);
        assert.deepEqual((await read(lead, year.id)).below[0].below.map((x) => x.title), ['季']);
        const both = await Promise.all([align(year, half), align(half, year)]);
        assert.ok(both.some((r) => r.status !== 200));
    });

    it('shows that something is aligned with it, but not what is not open to the reader', async () => {
        const team = await active(lead, '全组一起'), mine = await active(rep, '我这部分', { parent_id: team.id });
        const seen = await read(await co.as('rep_a2'), team.id);
        assert.equal(seen.below.length, 1);
        assert.deepEqual([seen.below[0].href, seen.below[0].progress], [null, null]);
        assert.ok(!JSON.stringify(seen).includes('我这部分'));
        assert.deepEqual((await read(rep, mine.id)).above.map((x) => x.title), ['全组一起']);
    });

    it('is checked in on with confidence and a comment, kept as a history', async () => {
        const o = await active(rep, '每周看一次'), k = (await read(rep, o.id)).key_results[0];
        assert.equal(k.check_in_due, true);
        for (const confidence of ['', -1, 11, 'x']) assert.ok(field_of(ok(await rep.post(`${RESULTS}/${k.id}/check-in`, { json: { confidence } }), 422), 'confidence'));
        ok(await rep.post(`${RESULTS}/${k.id}/check-in`, { json: { confidence: 3, comment: '两家客户推迟' } }));
        ok(await rep.post(`${RESULTS}/${k.id}/check-in`, { json: { confidence: 8, comment: '已约好' } }));
        const now = (await read(rep, o.id)).key_results[0];
        assert.deepEqual([now.confidence, now.checked_on, now.check_in_due], [8, today(), false]);
        assert.deepEqual(now.check_ins.map((x) => [x.confidence, x.comment, x.who]), [[8, '已约好', '单雄信'], [3, '两家客户推迟', '单雄信']]);
        assert.match(now.confidence_word, /Confident/);
        const draft = await objective(rep, { title: '草稿' });
        const d = await result(rep, { objective_id: draft.id, title: 'x', metric_id: metrics.visits, target_value: 5 });
        ok(await rep.post(`${RESULTS}/${d.id}/check-in`, { json: { confidence: 5 } }), 409);
    });

    it('is closed with a score for each key result; one that differs from the numbers says why', async () => {
        const o = await active(rep, '收尾'), k = (await read(rep, o.id)).key_results[0];
        const close = (fields) => rep.post(`${OKR}/${o.id}/close`, { json: fields });
        assert.equal(k.score_proposal, 0.3);
        assert.ok(field_of(ok(await close({}), 422), `score_${k.id}`));
        for (const bad of ['1.1', '-0.1', '0.333', 'x']) assert.ok(field_of(ok(await close({ [`score_${k.id}`]: bad }), 422), `score_${k.id}`), bad);
        assert.ok(field_of(ok(await close({ [`score_${k.id}`]: 0.7 }), 422), `note_${k.id}`));
        assert.match(ok(await rep.get(`${OKR}/${o.id}/close`, { html: true })).text, /value="0\.30"/);
        ok(await (await co.as('finance')).post(`${OKR}/${o.id}/close`, { json: { [`score_${k.id}`]: 0.3 } }), 403);
        ok(await close({ [`score_${k.id}`]: 0.7, [`note_${k.id}`]: '第四家已口头确认' }));
        const done = await read(rep, o.id);
        assert.deepEqual([done.state, done.score, done.key_results[0].score, done.key_results[0].score_note], ['closed', 0.7, 0.7, '第四家已口头确认']);
        ok(await rep.call('PATCH', `${OKR}/${o.id}`, { json: { title: '改名' } }), 409);
        ok(await rep.call('PATCH', `${RESULTS}/${k.id}`, { json: { title: '改名' } }), 409);
        ok(await close({ [`score_${k.id}`]: 1, [`note_${k.id}`]: 'x' }), 409);
        ok(await rep.post(`${OKR}/${o.id}/reopen`, { json: { reason: '再来' } }), 403);
        ok(await lead.post(`${OKR}/${o.id}/reopen`, { json: { reason: '数据更正' } }));
        assert.equal((await read(rep, o.id)).state, 'active');
    });

    it('shows the target of the same metric and days beside it only if there is one', async () => {
        const o = await active(rep, '有目标吗'), k = (await read(rep, o.id)).key_results[0];
        assert.deepEqual([k.kpi_target, k.kpi_text], [null, null]);
    });

    it('finds its metric by the name people read, by pinyin and by code', async () => {
        const zh = app.visitor({ lang: 'zh-CN' });
        ok(await zh.login('rep_a', 'correct horse battery'));
        ok(await zh.post('/account/language', { json: { lang: 'zh_CN' } }));
        const pick = async (q) => ok(await zh.get(`/numbers/metrics/search?q=${encodeURIComponent(q)}`)).json.items.map((x) => x.id);
        for (const q of ['客户拜访', '拜访', 'khbf']) assert.deepEqual(await pick(q), [metrics.visits], q);
        assert.deepEqual(await pick('没有这个'), []);
        const o = await objective(zh, { title: '按名称' });
        const k = await result(zh, { objective_id: o.id, title: 'x', metric_id: '客户拜访量', target_value: 5 });
        assert.equal(k.metric_id, metrics.visits);
        assert.match(ok(await zh.get(`${RESULTS}/${k.id}`, { html: true })).text, /客户拜访量/);
        assert.match(ok(await zh.get(`${RESULTS}?q=x`, { html: true })).text, /客户拜访量/);
        ok(await zh.post('/account/language', { json: { lang: 'en' } }));
    });

    it('has its pages, with names escaped', async () => {
        const o = await active(rep, '<script>alert(1)</script>');
        const page = ok(await rep.get('/okr', { html: true })).text;
        assert.match(page, /not part of pay/);
        assert.ok(page.includes('&lt;script&gt;') && !page.includes('<script>alert'));
        for (const path of [`${OKR}/${o.id}`, `${OKR}/${o.id}/edit`, `${OKR}/${o.id}/close`, `${OKR}/${o.id}/results/new`, `${OKR}/${o.id}/aligned/new`, `${OKR}/new`, OKR, RESULTS])
            assert.ok(!ok(await rep.get(path, { html: true })).text.includes('<script>alert'), path);
        for (const query of ['?cycle=month', '?cycle=two_months&day=2026-01-01', '?cycle=half', '?cycle=year&day=2030-01-01']) ok(await rep.get(`/okr${query}`, { html: true }));
        ok(await rep.get('/okr?cycle=century'), 400);
        ok(await app.visitor().get('/okr'), 401);
    });
});
