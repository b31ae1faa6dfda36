/* report.test.mjs - the daily report: the sheet 每日业绩跟踪表 in and out, what an entry must say, days, review, and who still owes one. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { start_app } from '../support/app.mjs';
import { day_after, field_of, found_company, ok, today } from '../support/company.mjs';
import { csv, day_cell, day_of_serial, read_csv, read_xlsx, xlsx } from '../support/sheet.mjs';

const PATH = '/reports/daily';
const HEADINGS = ['日期', '销售人员', '新客户开发数量(个)', '意向客户跟进次数(次)', '成交金额(元)', '未完成目标原因(若有)', '次日核心计划'];
const SEED = [
    ['2024-07-08', '张三', '2', '3', '25,000', '客户反馈需内部审批,未签约', '跟进A客户审批进度,接触B新客户'],
    ['2024-07-08', '李四', '1', '2', '15,000', '重点客户出差,未及时跟进', '电话联系C客户,预约下次拜访'],
];
const SEED_WEEK = '?day_from=2024-07-08&day_to=2024-07-14';
const points = (n) => Array.from({ length: n }, (_, i) => `谈了第${i + 1}家`).join('\n');
const sheet_file = (name, data) => ({ files: { file: { name, data } } });
const cells_of = (row) => Object.fromEntries(row.cells.map((x) => [x.item, x.value]));
const row_of = async (client, id) => ok(await client.get(`${PATH}/${id}`)).json;
/* How often the change history of a report says so. */
const history = async (client, id) => [...ok(await client.get(`${PATH}/${id}`, { html: true })).text.matchAll(/<li><div><span class="strong">([^<]*)<\/span> ([^<]*)<\/div>/g)].map((m) => m[2]);

describe('the two rows of the source sheet', () => {
    const ways = {
        'as CSV in the browser': async (app, admin) => {
            const page = ok(await admin.get(`${PATH}/import`, { html: true }));
            assert.match(page.text, /type="file"/);
            const sent = await admin.post(`${PATH}/import`, { html: true, form: { _csrf: admin.csrf }, ...sheet_file('日报.csv', csv([HEADINGS, ...SEED])) });
            ok(sent, 303);
            const preview = ok(await admin.get(sent.location, { html: true })).text;
            for (const text of ['日报.csv', '张三', '李四', '客户反馈需内部审批,未签约']) assert.ok(preview.includes(text), text);
            assert.doesNotMatch(preview, /badge-danger/);
            const applied = ok(await admin.post(`${sent.location}/apply`, { html: true, form: { _csrf: admin.csrf, mode: 'all' } }), 303);
            const result = ok(await admin.get(applied.location)).json;
            assert.equal(result.status, 'done');
            return result.counts;
        },
        'as XLSX in one JSON call, with real dates and numbers': async (app, admin) => {
            const rows = SEED.map((r) => [day_cell(r[0]), r[1], Number(r[2]), Number(r[3]), 1000 * parseInt(r[4], 10), r[5], r[6]]);
            return ok(await admin.post(`${PATH}/import?mode=all`, sheet_file('日报.xlsx', xlsx([HEADINGS, ...rows])))).json.counts;
        },
        'as CSV on the command line, beside the running server': async (app) => {
            const path = join(app.dir, '日报.csv');
            writeFileSync(path, csv([HEADINGS, ...SEED]));
            const ran = await app.run('import', 'daily_report', path);
            assert.equal(ran.code, 0, ran.err + ran.out);
            return { new: 2, bad: 0 };
        },
    };

    for (const [way, run] of Object.entries(ways)) {
        describe(way, () => {
            let app, admin, co;
            before(async () => {
                app = await start_app();
                admin = await app.as('admin');
                co = await found_company(app);
                await co.add_person('zhang', '张三', 'a');
                await co.add_person('li', '李四', 'a');
                const counts = await run(app, admin);
                assert.equal(counts.new, 2);
                assert.equal(counts.bad, 0);
            });
            after(() => app.stop());

            it('come with every cell, as returned for the talking points and contract numbers that the sheet lacks', async () => {
                const list = ok(await admin.get(`${PATH}${SEED_WEEK}&sort=amount`)).json;
                assert.equal(list.total, 2);
                const [li, zhang] = list.rows;
                assert.deepEqual([zhang.employee_name, zhang.day, zhang.new_customers, zhang.follow_ups, zhang.amount], ['张三', '2024-07-08', 2, 3, 25000]);
                assert.deepEqual([zhang.reason, zhang.plan], SEED[0].slice(5));
                assert.deepEqual([li.employee_name, li.day, li.new_customers, li.follow_ups, li.amount], ['李四', '2024-07-08', 1, 2, 15000]);
                assert.deepEqual([li.reason, li.plan], SEED[1].slice(5));
                for (const r of [zhang, li]) {
                    assert.equal(r.state, 'returned');
                    assert.equal(r.unit_name, '上海一部');
                    assert.match(r.return_reason, /talking points/);
                    assert.match(r.return_reason, /contract number/);
                }
            });

            it('sum to 3, 5 and 40,000.00 under the list and on the board of the day and of week 28', async () => {
                const list = ok(await admin.get(`${PATH}${SEED_WEEK}`));
                assert.deepEqual([list.json.sums.new_customers, list.json.sums.follow_ups, list.json.sums.amount], [3, 5, 40000]);
                assert.match(list.text, /"amount":40000\.00/);
                assert.match(ok(await admin.get(`${PATH}${SEED_WEEK}`, { html: true })).text, /<tfoot[^]*40,000\.00/);
                for (const query of ['day=2024-07-08', 'week=2024-07-08', 'week=2024-07-14']) {
                    const board = ok(await admin.get(`${PATH}/board?${query}`)).json, team = cells_of(board.team);
                    assert.deepEqual([team.new_customers, team.follow_ups, team.amount, board.team.reports], [3, 5, 40000, 2], query);
                    const both = board.people.filter((p) => p.reports);
                    assert.deepEqual(both.map((p) => [p.name, cells_of(p).amount]), [['张三', 25000], ['李四', 15000]], 'ranked by the amount');
                }
                assert.match(ok(await admin.get(`${PATH}/board?week=2024-07-08`)).json.week_text, /28/);
                assert.match(ok(await admin.get(`${PATH}/board?week=2024-07-08`, { html: true })).text, /40,000\.00/);
                assert.equal(ok(await admin.get(`${PATH}/board?day=2024-07-09`)).json.team.reports, 0);
            });

            it('go out under the same headings first, and in again without a change', async () => {
                const zh = app.visitor({ lang: 'zh-CN' });
                ok(await zh.login('admin'));
                ok(await zh.post('/account/language', { json: { lang: 'zh_CN' } }));
                const csv_file = ok(await zh.get(`${PATH}/export.xlsx${SEED_WEEK}&format=csv&sort=amount`)), rows = read_csv(csv_file.data);
                const plain = (s) => s.replaceAll('（', '(').replaceAll('）', ')').replaceAll(' ', '');
                assert.deepEqual(rows[0].slice(0, 7).map(plain), HEADINGS);
                assert.deepEqual(rows[2].slice(0, 7), ['2024-07-08', '张三', '2', '3', '25000.00', ...SEED[0].slice(5)]);
                assert.equal(rows.length, 3);
                const book = ok(await zh.get(`${PATH}/export.xlsx${SEED_WEEK}&sort=amount`)), cells = read_xlsx(book.data);
                assert.deepEqual(cells[0].slice(0, 7).map(plain), HEADINGS);
                assert.deepEqual([day_of_serial(cells[2][0]), ...cells[2].slice(1, 7)], ['2024-07-08', '张三', 2, 3, 25000, ...SEED[0].slice(5)]);
                for (const [name, data] of [['again.csv', csv_file.data], ['again.xlsx', book.data]]) {
                    const again = ok(await zh.post(`${PATH}/import?mode=all`, sheet_file(name, data))).json.counts;
                    assert.deepEqual(again, { rows: 2, good: 2, bad: 0, new: 0, update: 0, unchanged: 2 }, name);
                }
                assert.ok((await admin.get(`${PATH}${SEED_WEEK}`)).json.rows.every((r) => r.version === 1 && r.state === 'returned'));
                ok(await zh.post('/account/language', { json: { lang: 'en' } }));
            });

            it('are complete, and go to review, once the salesperson adds what lacks', async () => {
                const [li] = ok(await admin.get(`${PATH}${SEED_WEEK}&sort=amount`)).json.rows;
                await app.make_account({ login: 'li', name: '李四', roles: ['rep'], employee_id: co.person.li.id });
                const who = await app.log_in('li');
                assert.match(ok(await who.get(`${PATH}/${li.id}/edit`, { html: true })).text, /Write a line of talking points/);
                ok(await who.post(PATH, { json: { day: li.day, contract_no: 'HT-2024-1', talk_points: '只有一行' } }), 422);
                const sent = ok(await who.post(PATH, { json: { day: li.day, contract_no: 'HT-2024-1', talk_points: points(2) } })).json;
                assert.deepEqual([sent.state, sent.return_reason, sent.amount, sent.reason], ['late', '', 15000, SEED[1][5]]);
                assert.equal(ok(await admin.get(`${PATH}/queue`)).json.count, 1);
            });

            it('change only where the sheet does, when it is sent again', async () => {
                const changed = SEED.map((r) => [...r]);
                changed[1][4] = '1.6万';
                const counts = ok(await admin.post(`${PATH}/import?mode=all`, sheet_file('日报.csv', csv([HEADINGS, ...changed])))).json.counts;
                assert.deepEqual([counts.update, counts.unchanged, counts.new], [1, 1, 0]);
                assert.equal(ok(await admin.get(`${PATH}${SEED_WEEK}`)).json.sums.amount, 41000);
                ok(await admin.post(`${PATH}/import?mode=all`, sheet_file('日报.csv', csv([HEADINGS, ...SEED]))));
                assert.equal(ok(await admin.get(`${PATH}${SEED_WEEK}`)).json.sums.amount, 40000);
            });
        });
    }
});

describe('entry', () => {
    let app, co, rep, day;
    before(async () => {
        app = await start_app();
        co = await found_company(app);
        rep = await co.as('rep_a');
        day = today();
        await co.set_day(day, 'work');
        await co.set('report.deadline', '23:59');
    });
    after(() => app.stop());
    let used = 0;
    const fresh_day = () => today(-1 - (used++ % 30)); /* tests that need a report of their own take days one after the other */

    it('asks on the web form for a line of talking points for each follow-up and a contract number, beside the fields, and keeps what was typed', async () => {
        const form = ok(await rep.get(`${PATH}/new`, { html: true })).text;
        for (const name of ['new_customers', 'follow_ups', 'amount', 'visits', 'calls', 'leads', 'talk_points', 'contract_no', 'reason', 'plan']) assert.match(form, new RegExp(`name="${name}"`));
        const typed = { day, new_customers: '7', follow_ups: '3', amount: '25,000', talk_points: '甲公司\n乙公司', plan: '跟进<b>A</b>' };
        const page = await rep.post(PATH, { html: true, form: { _csrf: rep.csrf, do: 'submit', ...typed } });
        ok(page, 422);
        assert.match(page.text, /id="talk_points-error">[^<]*2 of 3/);
        assert.match(page.text, /id="contract_no-error">[^<]+</);
        for (const kept of ['value="7"', 'value="25,000"', '甲公司\n乙公司', '跟进&lt;b&gt;A&lt;/b&gt;']) assert.ok(page.text.includes(kept), kept);
        assert.equal((await rep.get(`${PATH}?day_from=${day}`)).json.total, 0, 'nothing is stored');
    });

    it('says the same to programs and in an import, per row and column', async () => {
        const r = ok(await rep.post(PATH, { json: { day, follow_ups: 2, amount: '0.01', talk_points: '一' } }), 422);
        assert.match(r.type, /application\/problem\+json/);
        assert.match(field_of(r, 'talk_points'), /1 of 2/);
        assert.ok(field_of(r, 'contract_no'));
        const rows = [['日期', '新客户开发数量(个)', '意向客户跟进次数(次)', '成交金额(元)', '沟通要点', '合同编号'], [day, 1, 1, 0, '', ''], [fresh_day(), 1, 0, 5, '', ''], [fresh_day(), 1, 1, 5, '一', 'HT-1']];
        const dry = ok(await rep.post(`${PATH}/import?dry_run=1`, sheet_file('a.xlsx', xlsx(rows)))).json;
        assert.deepEqual([dry.counts.bad, dry.counts.good], [2, 1], JSON.stringify(dry));
        const all = ok(await rep.post(`${PATH}/import?mode=all`, sheet_file('a.xlsx', xlsx(rows))), 422).json;
        assert.deepEqual(all.rows.map((x) => x.row).sort(), [2, 3]);
        assert.equal((await rep.get(PATH)).json.total, 0, 'all or nothing');
        const skip = ok(await rep.post(`${PATH}/import?mode=skip`, sheet_file('a.xlsx', xlsx(rows)))).json;
        assert.deepEqual([skip.counts.new, skip.counts.bad], [1, 2]);
    });

    it('takes lines in JSON as well as members, and answers with both', async () => {
        const r = await co.report(rep, { day: fresh_day(), lines: [{ item: 'visits', value: 3 }, { item: 'amount', value: '1,234.5' }, { item: 'calls', value: '８' }], contract_no: 'HT-7' });
        assert.deepEqual([r.visits, r.amount, r.calls, r.leads], [3, 1234.5, 8, 0]);
        assert.deepEqual(r.lines.find((l) => l.item === 'amount'), { item: 'amount', value: 1234.5, unit: 'yuan' });
        for (const lines of [[{ item: 'nothing', value: 1 }], [{ item: 'state', value: 1 }], [{ value: 1 }], [1], [null], 'visits', { item: 'visits' }, [{ item: 'visits', value: -1 }], [{ item: 'visits', value: { a: 1 } }], [{ item: 'visits', value: true }],
            [{ item: 'visits', value: 2.5 }], [{ item: 'amount', value: 2.555 }]]) {
            const bad = await rep.post(PATH, { json: { day: today(-20), lines } });
            assert.ok([400, 422].includes(bad.status), `${JSON.stringify(lines)}: ${bad.status} ${bad.text.slice(0, 300)}`);
        }
    });

    it('takes numbers as people write them, and refuses what is none', async () => {
        const table = [
            ['visits', '0', 0], ['visits', '', 0], ['visits', ' 7 ', 7], ['visits', '１２', 12], ['visits', '1,000', 1000], ['visits', '100000', 100000],
            ['visits', '100001'], ['visits', '-1'], ['visits', '1.5'], ['visits', '1e3'], ['visits', '0x10'], ['visits', '1,00'], ['visits', '三'], ['visits', '3个'],
            ['visits', '9223372036854775807'], ['visits', '9223372036854775808'], ['visits', '-9223372036854775808'], ['visits', '99999999999999999999999999'], ['visits', 'NaN'],
            ['amount', '25000', 25000], ['amount', '25,000.00', 25000], ['amount', '2.5万', 25000], ['amount', '３００', 300], ['amount', '￥1,234.5', 1234.5], ['amount', '1亿', 100000000],
            ['amount', '0.01', 0.01], ['amount', '10000000000000', 10000000000000], ['amount', '0', 0],
            ['amount', '10000000000000.01'], ['amount', '-0.01'], ['amount', '0.001'], ['amount', '1,23'], ['amount', '12.345'], ['amount', '1e400'], ['amount', 'Infinity'], ['amount', '万'], ['amount', '1 2'],
            ['amount', '9223372036854775807'], ['amount', '999999999999999999999999'],
        ];
        const when = fresh_day();
        for (const [name, text, value] of table) {
            const r = await rep.post(PATH, { html: false, form: { day: when, contract_no: 'HT-1', [name]: text } });
            if (value === undefined) {
                assert.equal(r.status, 422, `${name} ${text}: ${r.text.slice(0, 300)}`);
                assert.ok(field_of(r, name), `${name} ${text}`);
            } else {
                assert.ok([200, 201].includes(r.status), `${name} ${text}: ${r.status} ${r.text.slice(0, 300)}`);
                assert.equal(r.json[name], value, `${name} ${text}`);
            }
        }
        for (const [json, value] of [[{ visits: 3 }, 3], [{ visits: 3.0 }, 3], [{ visits: true }], [{ visits: 2.5 }], [{ visits: [1] }], [{ visits: null }, 0]]) {
            const r = await rep.post(PATH, { json: { day: when, contract_no: 'HT-1', ...json } });
            if (value !== undefined) assert.equal(r.json.visits, value, JSON.stringify(json));
        }
        for (const cents of [1, 29, 57, 1999, 100000000001]) {
            const r = await rep.post(PATH, { json: { day: when, contract_no: 'HT-1', amount: cents / 100 } });
            assert.equal(r.json.amount, cents / 100, 'amounts as JSON numbers lose no 分');
        }
    });

    it('refuses a day to come and one too far back, which a lead may still enter', async () => {
        const write = async (who, d, more = {}) => who.post(PATH, { json: { day: d, ...more } });
        for (const d of [today(1), today(400), '2027-02-30', '明天', '0000-00-00', '2026-13-01']) {
            const r = ok(await write(rep, d), 422);
            assert.ok(field_of(r, 'day'), d);
        }
        ok(await rep.get(`${PATH}/new?day=${today(1)}`, { html: true }), 400);
        const edge = await write(rep, today(-31));
        assert.ok([200, 201].includes(edge.status), edge.text);
        ok(await write(rep, today(-32)), 422);
        const lead = await co.as('lead_a');
        ok(await write(lead, today(-32), { employee_id: co.person.shan.id }), 201);
        await co.set('report.back_days', '2');
        ok(await write(await co.as('rep_a2'), today(-3)), 422);
        ok(await write(await co.as('rep_a2'), today(-2)), 201);
        await co.set('report.back_days', '31');
    });

    it('is for oneself: not for a colleague, not for another team, not on a colleague’s report', async () => {
        const wang = await co.as('rep_a2'), lead = await co.as('lead_a');
        const mine = await co.report(wang, { day: fresh_day(), visits: 4 });
        for (const who of ['wang', 'zeng', 'lin']) ok(await rep.post(PATH, { json: { day: today(-9), employee_id: co.person[who].id, visits: 1 } }), 403);
        ok(await rep.post(PATH, { json: { day: mine.day, employee_id: co.person.wang.id, visits: 99 } }), 403);
        ok(await rep.post(PATH, { json: { day: today(-9), employee_id: 999999, visits: 1 } }), 422);
        for (const method of ['POST', 'PUT', 'PATCH']) ok(await rep.call(method, `${PATH}/${mine.id}`, { json: { visits: 99 } }), 404);
        ok(await rep.get(`${PATH}/${mine.id}/edit`, { html: true }), 404);
        assert.equal((await row_of(wang, mine.id)).visits, 4);
        assert.equal((await row_of(lead, mine.id)).visits, 4);
        const sheet = xlsx([['日期', '销售人员', '客户拜访量(次)'], [day_cell(mine.day), '王梓涵', 99]]);
        const r = await rep.post(`${PATH}/import?mode=all`, sheet_file('a.xlsx', sheet));
        assert.ok([403, 422].includes(r.status), r.text);
        assert.equal((await row_of(wang, mine.id)).visits, 4);
        ok(await lead.post(PATH, { json: { day: today(-9), employee_id: co.person.zeng.id } }), 403);
        const for_him = ok(await lead.post(PATH, { json: { day: today(-9), employee_id: co.person.ouyang.id, visits: 2 } }), 201).json;
        assert.equal(for_him.employee_name, '欧阳雪');
    });

    it('takes a second report of the same day as a correction: one row, version 2, and what it does not name stays', async () => {
        const when = fresh_day(), first = await co.report(rep, { day: when, visits: 1, plan: '甲' });
        const second = ok(await rep.post(PATH, { json: { day: when, visits: 2 } })).json;
        assert.deepEqual([second.id, second.version, second.visits, second.plan], [first.id, 2, 2, '甲']);
        assert.equal((await rep.get(`${PATH}?day_from=${when}&day_to=${when}`)).json.total, 1);
        assert.deepEqual(await history(rep, first.id), ['Changed', 'Created']);
        const same = ok(await rep.post(PATH, { json: { day: when, visits: 2 } })).json;
        assert.equal(same.version, 2, 'a correction that changes nothing is no version');
        const moved = await rep.call('PATCH', `${PATH}/${first.id}`, { json: { day: today(-30), employee_id: co.person.wang.id, visits: 3 } });
        assert.deepEqual([moved.status, moved.json.day, moved.json.employee_id, moved.json.visits], [200, when, co.person.shan.id, 3], 'day and person are fixed');
    });

    it('takes the same Idempotency-Key fifty times at once with one effect', async () => {
        const when = fresh_day(), headers = { 'idempotency-key': 'b9c1f8d0-phone-1' };
        const answers = await Promise.all(Array.from({ length: 50 }, () => rep.post(PATH, { json: { day: when, visits: 5 }, headers })));
        assert.deepEqual([...new Set(answers.map((r) => r.status))].sort(), [200, 201]);
        assert.equal(answers.filter((r) => r.status === 201).length, 1);
        assert.equal(new Set(answers.map((r) => `${r.json.id} ${r.json.version} ${r.json.visits}`)).size, 1);
        const id = answers[0].json.id;
        assert.deepEqual(await history(rep, id), ['Created']);
        ok(await rep.post(PATH, { json: { day: when, visits: 6 } }));
        const late = ok(await rep.post(PATH, { json: { day: when, visits: 5 }, headers })).json;
        assert.ok([5, 6].includes(late.visits));
        ok(await rep.post(PATH, { json: { day: when, visits: 5 }, headers: { 'idempotency-key': 'x'.repeat(65) } }), 422);
    });

    it('tells the second of two editors that the report has changed', async () => {
        const r = await co.report(rep, { day: fresh_day(), visits: 1 });
        ok(await rep.call('PUT', `${PATH}/${r.id}`, { json: { version: 1, visits: 2 } }));
        const lost = ok(await rep.call('PUT', `${PATH}/${r.id}`, { json: { version: 1, visits: 3 } }), 409);
        assert.match(lost.type, /problem\+json/);
        const page = await rep.post(PATH, { html: true, form: { _csrf: rep.csrf, day: r.day, version: 1, visits: 3, talk_points: '' } });
        ok(page, 409);
        assert.match(page.text, /<form[^>]*class="report"/, 'the browser gets its form back');
        assert.equal((await row_of(rep, r.id)).visits, 2);
        const both = await Promise.all([7, 8].map((visits) => rep.call('PUT', `${PATH}/${r.id}`, { json: { version: 2, visits } })));
        assert.deepEqual(both.map((x) => x.status).sort(), [200, 409]);
    });

    it('never takes from the writer what only the system may say', async () => {
        const r = await co.report(rep, { day: fresh_day(), visits: 1, state: 'approved', unit_id: co.unit.b.id, reviewer_id: co.person.shan.id, reviewed_at: '2020-01-01T00:00:00Z',
            submitted_at: '2020-01-01T00:00:00Z', return_reason: 'x', id: 5, imported: 1, n1: 77, client_key: 'k', created_by: 9 });
        assert.notEqual(r.state, 'approved');
        assert.deepEqual([r.unit_id, r.reviewer_id, r.return_reason, r.new_customers, r.reviewed_at], [co.unit.a.id, null, '', 0, null]);
        assert.notEqual(r.id, 5);
        assert.doesNotMatch(r.submitted_at, /^2020/);
        for (const hidden of ['client_key', 'imported', 'n1']) assert.ok(!(hidden in r), hidden);
    });
});

describe('deadline', () => {
    let app, co;
    before(async () => {
        app = await start_app();
        co = await found_company(app);
    });
    after(() => app.stop());

    it('makes a report late or in time by the setting', async () => {
        await co.set_day(today(), 'work');
        await co.set('report.deadline', '23:59');
        assert.equal((await co.report(await co.as('rep_a'), { day: today() })).state, 'submitted');
        await co.set('report.deadline', '00:00');
        assert.equal((await co.report(await co.as('rep_a2'), { day: today() })).state, 'late');
        ok(await co.admin.post('/settings', { json: { 'report.deadline': '25:00' } }), 422);
    });

    it('of a day off is that of the next working day, 调休 included', async () => {
        for (const [n, kind] of [[-3, 'work'], [-2, 'rest'], [-1, 'rest'], [0, 'work']]) await co.set_day(today(n), kind);
        await co.set('report.deadline', '23:59');
        const rep = await co.as('rep_b');
        assert.equal((await co.report(rep, { day: today(-2) })).state, 'submitted', 'due today');
        assert.equal((await co.report(rep, { day: today(-3) })).state, 'late');
        await co.set_day(today(-1), 'work');
        assert.equal((await co.report(rep, { day: today(-1) })).state, 'late');
    });

    it('stays missed when a late report is corrected', async () => {
        await co.set_day(today(-4), 'work');
        const rep = await co.as('rep_a'), r = await co.report(rep, { day: today(-4), visits: 1 });
        assert.equal(r.state, 'late');
        await co.set('report.deadline', '23:59');
        assert.equal(ok(await rep.post(PATH, { json: { day: today(-4), visits: 2 } })).json.state, 'late');
    });
});

describe('review', () => {
    let app, co, rep, lead, used = 0;
    before(async () => {
        app = await start_app();
        co = await found_company(app);
        [rep, lead] = [await co.as('rep_a'), await co.as('lead_a')];
    });
    after(() => app.stop());
    const fresh_day = () => today(-1 - used++);
    const write = (more = {}) => co.report(rep, { day: fresh_day(), visits: 1, ...more });

    it('goes on with a report that came with a key, as every browser sends one', async () => {
        const key = 'key-review-1', body = { day: today(-25), talk_points: points(1), follow_ups: 1 };
        const sent = ok(await rep.post(PATH, { json: body, headers: { 'Idempotency-Key': key } }), 201).json;
        const back = ok(await lead.post(`${PATH}/${sent.id}/return`, { json: { reason: '再写细一点' } }));
        assert.equal(ok(await rep.get(`${PATH}/${sent.id}`)).json.state, 'returned', back.text);
        ok(await rep.post(PATH, { json: body, headers: { 'Idempotency-Key': key } }), 200, 'a late repeat changes nothing');
        assert.equal(ok(await rep.get(`${PATH}/${sent.id}`)).json.state, 'returned');
        ok(await rep.post(PATH, { json: { ...body, visits: 2 }, headers: { 'Idempotency-Key': 'key-review-2' } }), 200);
        ok(await lead.post(`${PATH}/${sent.id}/approve`, { json: {} }), 200);
        const now = ok(await rep.get(`${PATH}/${sent.id}`)).json;
        assert.deepEqual([now.state, now.visits], ['approved', 2]);
    });

    it('leads a report from draft to approved, with a reasoned return between', async () => {
        const draft = await write({ state: 'draft', follow_ups: 3 });
        assert.equal(draft.state, 'draft', 'a draft needs no talking points yet');
        assert.equal(draft.submitted_at, null);
        ok(await lead.get(`${PATH}/${draft.id}`), 404, 'a draft is its author\'s alone');
        ok(await lead.post(`${PATH}/${draft.id}/approve`, { json: {} }), 404);
        const sent = ok(await rep.post(PATH, { json: { day: draft.day, talk_points: points(3) } })).json;
        assert.ok(['submitted', 'late'].includes(sent.state));
        assert.equal(sent.follow_ups, 3);
        ok(await rep.post(`${PATH}/${draft.id}/approve`, { json: {} }), 403);
        ok(await lead.post(`${PATH}/${draft.id}/return`, { json: {} }), 422);
        ok(await lead.post(`${PATH}/${draft.id}/return`, { json: { reason: '  \u3000 ' } }), 422);
        const reason = '请补充<b>客户名称</b> & "电话"';
        ok(await lead.post(`${PATH}/${draft.id}/return`, { json: { reason } }));
        const returned = await row_of(rep, draft.id);
        assert.deepEqual([returned.state, returned.return_reason, returned.reviewer_name], ['returned', reason, '林晓燕']);
        const notice = ok(await rep.get('/notices')).json.notices[0];
        assert.ok(notice.text.includes(reason) && notice.text.includes(draft.day), notice.text);
        const form = ok(await rep.get(notice.href, { html: true })).text;
        assert.ok(form.includes('请补充&lt;b&gt;客户名称&lt;/b&gt; &amp; &quot;电话&quot;'));
        const again = ok(await rep.post(PATH, { json: { day: draft.day, visits: 2 } })).json;
        assert.ok(['submitted', 'late'].includes(again.state), 'resubmitted');
        assert.equal(again.return_reason, '');
        ok(await lead.post(`${PATH}/${draft.id}/approve`, { json: { version: again.version } }));
        const approved = await row_of(rep, draft.id);
        assert.deepEqual([approved.state, approved.reviewer_name], ['approved', '林晓燕']);
        assert.deepEqual((await history(lead, draft.id)).slice(0, 2), ['Approve', 'Changed']);
    });

    it('locks what is approved, for everybody and on every way in', async () => {
        const r = await write();
        ok(await lead.post(`${PATH}/${r.id}/approve`, { json: {} }));
        for (const who of [rep, lead, co.admin]) {
            ok(await who.call('PATCH', `${PATH}/${r.id}`, { json: { visits: 50 } }), 409);
            ok(await who.post(PATH, { json: { day: r.day, employee_id: co.person.shan.id, visits: 50 } }), 409);
            ok(await who.get(`${PATH}/${r.id}/edit`, { html: true }), 409);
        }
        ok(await rep.get(`${PATH}/new?day=${r.day}`, { html: true }), 303);
        for (const action of ['approve', 'return']) ok(await lead.post(`${PATH}/${r.id}/${action}`, { json: { reason: 'x' } }), 409);
        const sheet = csv([['日期', '销售人员', '客户拜访量(次)'], [r.day, '单雄信', 50]]);
        for (const who of [rep, lead, co.admin]) {
            const answer = await who.post(`${PATH}/import?mode=all`, sheet_file('a.csv', sheet));
            assert.ok([403, 409, 422].includes(answer.status), `${answer.status} ${answer.text}`);
        }
        const now = await row_of(lead, r.id);
        assert.deepEqual([now.visits, now.state], [1, 'approved']);
    });

    it('is not done by oneself: a lead’s own report waits for somebody else', async () => {
        const own = await co.report(lead, { day: fresh_day(), visits: 1 });
        ok(await lead.post(`${PATH}/${own.id}/approve`, { json: {} }), 409);
        ok(await lead.post(`${PATH}/bulk`, { json: { action: 'approve', ids: [own.id] } }), 409);
        assert.ok(!(await lead.get(`${PATH}/queue`)).json.reports.some((x) => x.id === own.id));
        const manager = await co.as('manager');
        assert.ok((await manager.get(`${PATH}/queue`)).json.reports.some((x) => x.id === own.id));
        ok(await manager.post(`${PATH}/${own.id}/approve`, { json: {} }));
    });

    it('in bulk is all or nothing', async () => {
        const [a, b, done] = [await write(), await write(), await write()];
        const foreign = await co.report(await co.as('rep_b'), { day: today(-1), visits: 1 });
        ok(await lead.post(`${PATH}/${done.id}/approve`, { json: {} }));
        const states = async () => [(await row_of(rep, a.id)).state, (await row_of(rep, b.id)).state];
        const waiting = await states();
        for (const [other, status] of [[done.id, 409], [foreign.id, 404], [123456789, 404]]) {
            ok(await lead.post(`${PATH}/bulk`, { json: { action: 'approve', ids: [a.id, other, b.id] } }), status);
            assert.deepEqual(await states(), waiting);
        }
        ok(await lead.post(`${PATH}/bulk`, { json: { action: 'return', ids: [a.id, b.id] } }), 422);
        ok(await lead.post(`${PATH}/bulk`, { json: { action: 'approve', ids: [] } }), 422);
        ok(await lead.post(`${PATH}/bulk`, { json: { action: 'delete', ids: [a.id] } }), 422);
        ok(await rep.post(`${PATH}/bulk`, { json: { action: 'approve', ids: [a.id] } }), 403);
        const page = await lead.post(`${PATH}/bulk`, { html: true, form: { _csrf: lead.csrf, action: 'approve', id: [String(a.id), String(b.id)], back: `${PATH}/queue` } });
        assert.deepEqual([page.status, page.location], [303, `${PATH}/queue`]);
        assert.deepEqual(await states(), ['approved', 'approved']);
        assert.equal((await row_of(await co.as('rep_b'), foreign.id)).state, foreign.state);
    });

    it('of the same report by two leads at once is done once', async () => {
        const r = await write(), manager = await co.as('manager');
        const both = await Promise.all([lead, manager, co.admin, lead, manager].map((who) => who.post(`${PATH}/${r.id}/approve`, { json: {} })));
        assert.deepEqual(both.map((x) => x.status).sort(), [200, 409, 409, 409, 409]);
        assert.equal((await history(lead, r.id)).filter((x) => x === 'Approve').length, 1);
    });

    it('never goes back to a foreign page afterwards', async () => {
        for (const back of ['//evil.example', 'https://evil.example', '/\\evil.example', '/\t/evil.example', '/\n/evil.example', 'javascript:alert(1)']) {
            const r = await write();
            const page = ok(await lead.post(`${PATH}/${r.id}/approve`, { html: true, form: { _csrf: lead.csrf, back } }), 303);
            assert.doesNotMatch(page.location.replace(/[\t\r\n]/g, ''), /^(\/\/|\/\\|https?:|javascript:)/, JSON.stringify(back));
        }
    });

    it('has a queue of one’s own team, oldest first, with the numbers', async () => {
        const all = await lead.get(`${PATH}?state=submitted`), late = await lead.get(`${PATH}?state=late`);
        for (const r of [...all.json.rows, ...late.json.rows]) if (r.employee_id !== co.person.lin.id) ok(await lead.post(`${PATH}/${r.id}/approve`, { json: {} }));
        assert.deepEqual(ok(await lead.get(`${PATH}/queue`)).json.reports, []);
        assert.match(ok(await lead.get(`${PATH}/queue`, { html: true })).text, /Nothing to review/);
        const newer = await write({ amount: '47,500', contract_no: 'HT-9' }), older = await write({ state: 'submit' });
        await write({ state: 'draft' });
        const queue = ok(await lead.get(`${PATH}/queue`)).json;
        assert.deepEqual(queue.reports.map((x) => x.id), [older.id, newer.id]);
        assert.equal(queue.count, 2);
        assert.equal(queue.reports[1].items.find((x) => x.label === 'Amount signed').text, '47,500.00');
        assert.match(ok(await lead.get('/', { html: true })).text, /Reports to review/);
        ok(await rep.get(`${PATH}/queue`), 403);
    });
});

describe('who has not reported', () => {
    let app, co, lead, day;
    before(async () => {
        app = await start_app();
        co = await found_company(app);
        lead = await co.as('lead_a');
        day = today();
        await co.set_day(day, 'work');
    });
    after(() => app.stop());
    const page = async (who, d = day) => ok(await who.get(`${PATH}/missing?day=${d}`)).json;
    const names = (p) => p.teams.flatMap((t) => t.people.map((x) => x.name)).sort();

    it('is every salesperson of one’s teams, but not the leads', async () => {
        assert.deepEqual(names(await page(lead)), ['单雄信', '欧阳雪', '王梓涵'].sort());
        assert.deepEqual(names(await page(await co.as('manager'))), ['单雄信', '欧阳雪', '王梓涵'].sort());
        assert.deepEqual(names(await page(co.admin)), ['单雄信', '欧阳雪', '王梓涵', '曾国强', '覃小曼'].sort());
        assert.match(ok(await lead.get(`${PATH}/missing`, { html: true })).text, /欧阳雪/);
        ok(await (await co.as('rep_a')).get(`${PATH}/missing`), 403);
    });

    it('is nobody who has reported, a draft not counting', async () => {
        const rep = await co.as('rep_a');
        await co.report(rep, { day, state: 'draft', visits: 1 });
        assert.deepEqual(names(await page(lead)), ['单雄信', '欧阳雪', '王梓涵'].sort());
        ok(await rep.post(PATH, { json: { day, visits: 1 } }));
        const p = await page(lead);
        assert.deepEqual(names(p), ['欧阳雪', '王梓涵'].sort());
        assert.deepEqual([p.expected, p.reported, p.missing], [3, 1, 2]);
    });

    it('is nobody who is on leave that day', async () => {
        const leave = await co.make('/leave', { employee_id: co.person.ouyang.id, first_day: day, last_day: today(1), kind: 'annual' });
        const p = await page(lead);
        assert.deepEqual(names(p), ['王梓涵']);
        assert.deepEqual([p.expected, p.on_leave], [2, 1]);
        ok(await co.admin.post(`/leave/${leave.id}/delete`, { json: {} }));
        assert.deepEqual(names(await page(lead)), ['欧阳雪', '王梓涵'].sort());
    });

    it('is nobody on a day off, and everybody on a 调休 weekend day', async () => {
        let saturday = day_after(day, -1);
        while (new Date(`${saturday}T00:00:00Z`).getUTCDay() !== 6) saturday = day_after(saturday, -1);
        await co.set_day(saturday, 'rest');
        const off = await page(lead, saturday);
        assert.deepEqual([off.expected, off.missing, off.teams], [0, 0, []]);
        await co.set_day(saturday, 'work');
        const on = await page(lead, saturday);
        assert.deepEqual([on.expected, on.missing], [3, 3]);
        const monday = day_after(saturday, 2);
        await co.set_day(monday, 'rest');
        assert.equal((await page(lead, monday)).expected, 0);
        ok(await co.admin.post('/calendar', { json: { day: monday, kind: '' } }));
    });

    it('is not somebody who came or left at another time', async () => {
        await co.add_person('late', '刚入职', 'a', { hired_on: day });
        assert.ok(names(await page(lead)).includes('刚入职'));
        const before = day_after(day, -1);
        await co.set_day(before, 'work');
        assert.ok(!names(await page(lead, before)).includes('刚入职'));
        ok(await co.admin.post(`/people/${co.person.late.id}/leave`, { json: { reason: '试用期未过' } }));
        assert.ok(!names(await page(lead)).includes('刚入职'));
    });

    it('is reminded by the lead, alone or all, and finds the form behind the message', async () => {
        const wang = await co.as('rep_a2'), zeng = await co.as('rep_b');
        const one = ok(await lead.post(`${PATH}/missing/remind?employee=${co.person.wang.id}`, { json: { day } })).json;
        assert.match(one.message, /^1 /);
        const notice = ok(await wang.get('/notices')).json.notices[0];
        assert.equal(notice.href, `${PATH}/new?day=${day}`);
        assert.ok(notice.unread && notice.text.includes(day));
        ok(await wang.get(notice.href, { html: true }));
        ok(await lead.post(`${PATH}/missing/remind?employee=${co.person.zeng.id}`, { json: { day } }));
        assert.equal((await zeng.get('/notices')).json.notices.length, 0, 'not of another team');
        ok(await (await co.as('rep_a')).post(`${PATH}/missing/remind`, { json: { day } }), 403);
        assert.ok(!(await (await co.as('rep_a')).get('/notices')).json.notices.some((n) => n.unread), 'who has reported is left alone');
    });
});

describe('the board', () => {
    let app, co;
    before(async () => {
        app = await start_app();
        co = await found_company(app);
    });
    after(() => app.stop());
    const board = async (who, d) => ok(await who.get(`${PATH}/board?day=${d}`)).json;
    const list_sum = async (who, d) => ok(await who.get(`${PATH}?day_from=${d}&day_to=${d}`)).json.sums?.amount ?? 0;
    const amount = (row) => cells_of(row).amount;

    it('ranks by the amount, counts no drafts, and sums what its reader may see', async () => {
        const day = today(-1), write = (who, more) => co.admin.post(PATH, { json: { day, employee_id: co.person[who].id, contract_no: 'HT-1', ...more } });
        for (const [who, more] of [['shan', { amount: '100.01' }], ['wang', { amount: '300', visits: 2 }], ['zeng', { amount: '5000.99' }]]) ok(await write(who, more), 201);
        ok(await write('ouyang', { amount: '77', state: 'draft' }), 403); /* drafts are the salesperson's alone */
        await app.make_account({ login: 'ouyang', name: '欧阳雪', roles: ['rep'], employee_id: co.person.ouyang.id });
        await co.report(await app.log_in('ouyang'), { day, amount: '77', state: 'draft' });
        const a = await board(await co.as('lead_a'), day), all = await board(co.admin, day);
        assert.deepEqual(a.people.map((p) => [p.name, amount(p), p.reports]), [['王梓涵', 300, 1], ['单雄信', 100.01, 1], ['欧阳雪', 0, 0]]);
        assert.deepEqual([amount(a.team), a.team.reports], [400.01, 2]);
        assert.deepEqual([amount(all.team), all.team.reports], [5401, 3]);
        assert.match(ok(await (await co.as('lead_a')).get(`${PATH}/board?day=${day}`, { html: true })).text, /400\.01/);
    });

    it('of a day that is past stays as it was when people leave or move, for each reader equal to the list', async () => {
        const day = today(-1), lead_a = await co.as('lead_a'), lead_b = await co.as('lead_b');
        ok(await co.admin.post(`/people/${co.person.wang.id}/leave`, { json: { reason: '离职' } }));
        ok(await co.admin.post(`/people/${co.person.shan.id}/transfer`, { json: { unit_id: co.unit.b.id, effective: today() } }));
        assert.equal(amount((await board(lead_a, day)).team), 400.01);
        assert.equal(amount((await board(lead_b, day)).team), 5000.99);
        assert.equal(amount((await board(co.admin, day)).team), 5401);
        const rep = await co.as('rep_b');
        assert.equal(amount((await board(rep, day)).team), 5000.99);
        await co.report(lead_a, { day, amount: '10', contract_no: 'HT-2' });
        for (const who of [lead_a, lead_b, rep, co.admin, await co.as('manager'), await co.as('finance')]) assert.equal(amount((await board(who, day)).team), await list_sum(who, day));
        assert.ok(!(await board(lead_a, today())).people.some((p) => p.name === '王梓涵'), 'who has left is on no later board');
    });
});

describe('items', () => {
    let app, co, rep, day;
    before(async () => {
        app = await start_app();
        co = await found_company(app);
        rep = await co.as('rep_a');
        day = today();
    });
    after(() => app.stop());

    it('that an administrator adds in the browser appear in the form, list, board, export and import', async () => {
        const form = ok(await co.admin.get('/numbers/metrics/new', { html: true })).text;
        assert.match(form, /name="unit"/);
        const made = await co.admin.post('/numbers/metrics', { html: true, form: { _csrf: co.admin.csrf, name: '样品寄送', code: 'samples', unit: 'pieces', rule: 'none', in_report: '1', active: '1', _bools: 'active in_report' } });
        ok(made, 303);
        assert.match(ok(await rep.get(`${PATH}/new`, { html: true })).text, /样品寄送[^]*name="samples"/);
        const r = await co.report(rep, { day, samples: 4, lines: [{ item: 'visits', value: 1 }] });
        assert.equal(r.samples, 4);
        assert.deepEqual(r.lines.find((l) => l.item === 'samples'), { item: 'samples', value: 4, unit: 'pieces' });
        const list = ok(await rep.get(PATH)).json;
        assert.ok(list.columns.some((x) => x.name === 'samples'));
        assert.equal(list.sums.samples, 4);
        const board = ok(await rep.get(`${PATH}/board`)).json;
        assert.equal(cells_of(board.team).samples, 4);
        assert.ok(board.columns.some((x) => x.item === 'samples'));
        const rows = read_csv(ok(await rep.get(`${PATH}/export.xlsx?format=csv`)).data), at = rows[0].findIndex((h) => h.includes('样品寄送'));
        assert.ok(at > 6, 'after the columns of the source sheet');
        assert.equal(rows[1][at], '4');
        assert.ok(read_xlsx(ok(await rep.get(`${PATH}/import/template.xlsx`)).data)[0].includes(rows[0][at]));
        const counts = ok(await rep.post(`${PATH}/import?mode=all`, sheet_file('a.csv', csv([['日期', '样品寄送'], [day, 9]])))).json.counts;
        assert.equal(counts.update, 1);
        assert.equal((await row_of(rep, r.id)).samples, 9);
        assert.match(ok(await rep.get('/openapi.json')).text, /samples/);
    });

    it('out of use vanish from the form and keep their numbers', async () => {
        const item = ok(await co.admin.get('/numbers/metrics?q=samples')).json.rows[0] ?? ok(await co.admin.get('/numbers/metrics')).json.rows.find((x) => x.code === 'samples');
        ok(await co.admin.call('PATCH', `/numbers/metrics/${item.id}`, { json: { active: false } }));
        assert.doesNotMatch(ok(await rep.get(`${PATH}/new`, { html: true })).text, /name="samples"/);
        assert.ok(!(await rep.get(PATH)).json.columns.some((x) => x.name === 'samples'));
        ok(await rep.post(PATH, { json: { day, visits: 2, samples: 1 } }));
        ok(await co.admin.call('PATCH', `/numbers/metrics/${item.id}`, { json: { active: true } }));
        assert.equal((await rep.get(PATH)).json.rows[0].samples, 9);
    });

    it('need a code of their own that no other column has, and only an administrator', async () => {
        for (const code of ['samples', 'visits', 'state', 'day', 'employee_id', 'talk_points', 'id', 'version', 'reason', 'q', 'page', 'sort', 'Visits', '1a', 'a b', 'état', '', 'x'.repeat(31)]) {
            const r = await co.admin.post('/numbers/metrics', { json: { in_report: true, name: `项目 ${code}`, code, unit: 'times' } });
            assert.ok([409, 422].includes(r.status), `${code}: ${r.status} ${r.text.slice(0, 200)}`);
        }
        for (const who of [rep, await co.as('lead_a'), await co.as('trainer')]) ok(await who.post('/numbers/metrics', { json: { in_report: true, name: 'x', code: 'x', unit: 'times' } }), 403);
        for (const rule of [{ unit: 'times', rule: 'contract_no' }, { unit: 'yuan', rule: 'talk_points' }]) ok(await co.admin.post('/numbers/metrics', { json: { in_report: true, name: 'x', code: 'xy', ...rule } }), 422);
    });

    it('are at most 24, and never share a column', async () => {
        let made = 0;
        for (let i = 0; i < 30; i++) {
            const r = await co.admin.post('/numbers/metrics', { json: { in_report: true, name: `多 ${i}`, code: `more_${i}`, unit: 'times' } });
            if (r.status === 201) made++;
            else ok(r, 409);
        }
        assert.equal(made, 24 - 7);
        const numbers = Object.fromEntries(Array.from({ length: 17 }, (_, i) => [`more_${i}`, i + 1]));
        const r = ok(await rep.post(PATH, { json: { day, ...numbers } })).json;
        for (const [code, n] of Object.entries(numbers)) assert.equal(r[code], n, code);
        ok(await rep.get(`${PATH}/new`, { html: true }));
        ok(await rep.get(`${PATH}/board`, { html: true }));
    });
});

describe('photos', () => {
    let app, co, rep;
    before(async () => {
        app = await start_app();
        co = await found_company(app);
        rep = await co.as('rep_a');
    });
    after(() => app.stop());
    const png = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');

    it('come with the report, are seen by those who see it, and by nobody else', async () => {
        const r = ok(await rep.post(PATH, { form: { day: today(), visits: '1' }, files: { photo: { name: '门店.png', type: 'image/png', data: png } } }), 201).json;
        assert.equal(r.photos.length, 1);
        const { href } = r.photos[0];
        for (const who of [rep, await co.as('lead_a'), await co.as('manager'), co.admin]) {
            const photo = ok(await who.get(href));
            assert.match(photo.type, /^image\//);
            assert.equal(photo.headers['x-content-type-options'], 'nosniff');
        }
        for (const who of [await co.as('rep_a2'), await co.as('rep_b'), await co.as('lead_b')]) ok(await who.get(href), 404);
        ok(await app.visitor().get(href), 401);
        const other = await co.report(await co.as('rep_b'), { day: today(), visits: 1 });
        ok(await (await co.as('rep_b')).get(`${PATH}/${other.id}/photos/${r.photos[0].id}`), 404);
    });

    it('are images by their content, and at most six', async () => {
        for (const data of [Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'), Buffer.from('MZ evil'), png.subarray(0, 20)]) {
            const r = await rep.post(PATH, { form: { day: today(-1), visits: '1' }, files: { photo: { name: 'a.png', type: 'image/png', data } } });
            ok(r, 422);
            assert.ok(field_of(r, 'photo'), r.text);
        }
        for (let i = 0; i < 8; i++) {
            const r = await rep.post(PATH, { form: { day: today(-2), visits: String(i) }, files: { photo: { name: `${i}.png`, type: 'image/png', data: png } } });
            ok(r, i < 6 ? (i ? 200 : 201) : 422);
        }
        const list = (await rep.get(`${PATH}?day_from=${today(-2)}&day_to=${today(-2)}`)).json;
        assert.equal((await row_of(rep, list.rows[0].id)).photos.length, 6);
    });
});
