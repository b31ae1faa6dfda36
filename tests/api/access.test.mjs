/* access.test.mjs - who may do what: every route for every role, and everything of other teams and people. The policy that the program prints
 * (`xiaoguan access`) says what is expected, so a new route is tested from its first day. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { ROLES, start_app } from '../support/app.mjs';
import { found_company, ok, today } from '../support/company.mjs';
import { csv, read_xlsx, unzip, xlsx } from '../support/sheet.mjs';

const NOBODY = '987654321'; /* an id that no row has */
const png = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');

/* [{method, path}] of the program, and which roles may use each: policy('rep', route). */
async function read_policy(app) {
    const routes = (await app.run('routes')).out.trim().split('\n').map((l) => ({ method: l.split(/\s+/)[0], path: l.split(/\s+/)[1] }));
    const allowed = new Set((await app.run('access')).out.trim().split('\n').map((l) => l.split(/\s+/).join(' ')));
    return { routes, policy: (role, r) => allowed.has(`${role} ${r.method} ${r.path}`) };
}

/* Rows of both teams, with words that stand nowhere else. */
async function fill(co) {
    const rows = {};
    for (const [side, rep, key, colleague, words] of [['a', 'rep_a', 'shan', 'ouyang', '沪上客户甲'], ['b', 'rep_b', 'zeng', 'qin', '鹏城机密乙']]) {
        const who = await co.as(rep), p = co.person[key];
        ok(await co.admin.call('PATCH', `/people/${p.id}`, { json: { phone: side === 'a' ? '13800000001' : '13987654321', email: `${key}@${side}.example`, region: `${words}区` } }));
        const report = ok(await who.post('/reports/daily', {
            form: { day: today(), visits: '3', amount: '4321.09', contract_no: `HT-${words}`, reason: `${words}理由`, plan: `${words}计划`, talk_points: `${words}要点` },
            files: { photo: { name: `${words}.png`, type: 'image/png', data: png } },
        }), 201).json;
        const leave = await co.make('/leave', { employee_id: p.id, first_day: today(40), last_day: today(41), kind: 'sick', note: `${words}病假` });
        const post = await co.make('/posts', { employee_id: p.id, unit_id: co.unit[side].id, title: `${words}兼职`, first_day: today(), note: words });
        const upload = await who.post('/reports/daily/import', { html: true, form: { _csrf: who.csrf }, files: { file: { name: `${words}.csv`, data: csv([['日期', '原因'], [today(-1), words]]) } } });
        const job = ok(upload, 303).location.match(/(\d+)$/)[1];
        const metrics = ok(await co.admin.get('/numbers/metrics?per_page=200')).json.rows, item = metrics[0], counted = metrics.find((m) => m.code === 'promoted_count'), day = ok(await co.admin.get('/calendar/days')).json.rows[0];
        const fact = ok(await who.get('/numbers/facts')).json.rows[0];
        const dimension = await co.make('/numbers/dimensions', { name: `产品${side}`, kind: 'product' });
        const value = await co.make('/numbers/values', { metric_id: counted.id, employee_id: p.id, month: today(), value: 1, evidence: `${words}依据` });
        const feed = await co.make('/intake/feeds', { name: `数据源${side}`, person_column: '工号', day_column: '日期', key_columns: '单号', rules: 'visits = count' });
        const run = ok(await co.admin.post(`/intake/${feed.id}/rows`, { json: [{ 单号: '1', 工号: p.no, 日期: today() }] })).json;
        const alias = await co.make('/intake/aliases', { kind: 'product', name: `别名${side}`, dimension_id: dimension.id });
        const weekly = ok(await who.post('/reports/weekly', { json: { week: today(-7), problem: `${words}问题`, next_focus: `${words}重点` } }), 201).json;
        const monthly = ok(await who.post('/reports/monthly', { json: { month: today(), highlights: `${words}亮点`, problem: words, measures: words } }), 201).json;
        const schedule = ok(await who.post('/sheets/schedules', { json: { name: `${words}报表`, href: '/board', format: 'xlsx', every: 'workday', hour: 8, active: true } }), 201).json;
        const account = ok(await co.admin.get(`/accounts?q=${rep}`)).json.rows.find((a) => a.login === rep);
        const position = await co.make('/positions', { name: `岗位${side}` });
        const objective = ok(await who.post('/okr/objectives', { json: { title: `${words}目标` } }), 201).json;
        const result = ok(await who.post('/okr/results', { json: { objective_id: objective.id, title: `${words}成果`, metric_id: item.id, target_value: 9 } }), 201).json;
        ok(await who.post(`/okr/objectives/${objective.id}/start`, { json: {} }));
        const action = await co.make('/key-actions', { name: `${words}动作`, metric_id: item.id, amount: 1, applies: 'person', employee_id: p.id });
        const plan = await co.make('/tracking/plans', { name: `${words}跟踪`, unit_id: co.unit[side].id, owner_id: p.id, metric1_id: item.id, under: 80, under_periods: 2, good: 90, good_periods: 2 });
        const invoice = ok(await who.get('/key-actions/invoices')).json.rows[0];
        rows[side] = {
            person: p, colleague: co.person[colleague], report, leave, post, job, words,
            id: { '/people': p.id, '/reports/daily': report.id, '/leave': leave.id, '/posts': post.id, '/units': co.unit[side].id, '/accounts': account.id, '/positions': position.id, '/numbers/metrics': item.id, '/numbers/facts': fact.id, '/numbers/values': value.id, '/numbers/dimensions': dimension.id, '/intake/feeds': feed.id, '/intake/runs': run.id, '/intake/aliases': alias.id, '/calendar/days': day.id, '/okr/objectives': objective.id, '/okr/results': result.id, '/key-actions': action.id, '/key-actions/invoices': invoice.id, '/tracking/plans': plan.id, '/reports/weekly': weekly.id, '/reports/monthly': monthly.id, '/sheets/schedules': schedule.id },
            names: [p.name, co.person[colleague].name, words, side === 'a' ? '13800000001' : '13987654321', `${key}@${side}.example`],
        };
    }
    return rows;
}

/* The path of a route with ids of that team's rows put in. */
function path_of(route, row) {
    const base = Object.keys(row?.id ?? {}).sort((a, b) => b.length - a.length).find((p) => route.path.startsWith(`${p}/`));
    return route.path.replace('/import/{id}', `/import/${row?.job ?? NOBODY}`).replace('{id}', row?.id[base] ?? NOBODY)
        .replace('{file}', route.path.startsWith('/assets/') ? 'no.css' : row?.report.photos[0].id ?? NOBODY).replace('{token}', 'A'.repeat(43));
}

/* The texts of an answer; a workbook's cells are texts too. */
const text_of = (r) => (/spreadsheetml/.test(r.type) && r.status === 200 ? JSON.stringify(read_xlsx(r.data)) : r.text);

/* Fails with the table and the first line that differs: two whole backups side by side say nothing. */
function assert_same_tables(now, before) {
    assert.deepEqual(Object.keys(now).sort(), Object.keys(before).sort(), 'the same tables');
    for (const [table, text] of Object.entries(before)) {
        const then = text.split('\n'), lines = now[table].split('\n');
        const at = Array.from({ length: Math.max(then.length, lines.length) }, (_, i) => i).find((i) => then[i] !== lines[i]);
        assert.ok(at === undefined, `${table} has changed, line ${at + 1}:\n  before: ${then[at] ?? '(none)'}\n  after:  ${lines[at] ?? '(none)'}`);
    }
}

function assert_headers(r, what) {
    const h = r.headers;
    assert.equal(h['x-content-type-options'], 'nosniff', what);
    assert.equal(h['referrer-policy'], 'same-origin', what);
    assert.equal(h['cross-origin-opener-policy'], 'same-origin', what);
    assert.equal(h['cross-origin-resource-policy'], 'same-origin', what);
    assert.equal(h['strict-transport-security'], 'max-age=63072000; includeSubDomains', what);
    const csp = h['content-security-policy'] ?? '';
    assert.match(csp, /^default-src 'none';/, what);
    assert.match(csp, /frame-ancestors 'none'/, what);
    assert.doesNotMatch(csp, /unsafe-inline|unsafe-eval|\*/, what);
    assert.ok(!('server' in h) && !('x-powered-by' in h), what);
    assert.ok(!('access-control-allow-origin' in h), what);
    const path = what.split(' ')[1];
    if (/\/photos\//.test(path)) assert.match(h['cache-control'], /^(no-store$|private)/, what);
    else if (!/^\/(assets\/|sw\.js|manifest|favicon)/.test(path)) assert.equal(h['cache-control'], 'no-store', what);
    if (r.data.length) assert.match(r.type, /^(image\/|application\/(vnd\.openxml|octet-stream|manifest)|.*charset=utf-8$)/, `${what}: ${r.type}`);
    if (!/^text\/html/.test(r.type) || !r.text.includes('<html')) return;
    for (const part of ["script-src 'nonce-", "form-action 'self'", "base-uri 'none'", "object-src 'none'", "require-trusted-types-for 'script'"]) assert.ok(csp.includes(part), `${what}: ${part}`);
    assert.ok(h['permissions-policy'], what);
    const nonce = csp.match(/'nonce-([\w-]{16,})'/)[1];
    for (const [tag] of r.text.matchAll(/<script[^>]*>/g)) assert.ok(tag.includes(`nonce="${nonce}"`), `${what}: ${tag}`);
    assert.doesNotMatch(r.text, /<[a-z][^>]*\s(style|on[a-z]+)="/, what);
    assert.doesNotMatch(r.text, /(src|href)="(https?:)?\/\//, `${what} loads from another host`);
}

describe('every route', () => {
    let app, co, rows, routes, policy;
    before(async () => {
        app = await start_app({ env: { XIAOGUAN_HTTPS: 'yes' } });
        co = await found_company(app);
        rows = await fill(co);
        ({ routes, policy } = await read_policy(app));
    });
    after(() => app.stop());
    const login_of = { rep: 'rep_a', lead: 'lead_a', manager: 'manager', trainer: 'trainer', finance: 'finance', admin: 'admin' };
    const nonces = new Set();
    const ends_session = (r) => r.method === 'POST' && r.path === '/logout';
    const second_step = (r) => r.path === '/login/code'; /* 401 for whoever has not taken the first */

    it('has a policy that names known roles only', async () => {
        assert.ok(routes.length > 100);
        const roles = new Set((await app.run('access')).out.trim().split('\n').map((l) => l.split(/\s+/)[0]));
        assert.deepEqual([...roles].sort(), ['visitor', ...ROLES].sort());
        assert.equal((await app.run('access', '--check')).code, 0);
        for (const r of routes) assert.ok(['admin', ...ROLES, 'visitor'].some((role) => policy(role, r)), `${r.method} ${r.path} is nobody's`);
    });

    it('sends a visitor who is not allowed to the log-in page, a program 401', async () => {
        for (const r of routes) {
            const visitor = app.visitor(), what = `${r.method} ${r.path}`, path = path_of(r, rows.a);
            const json = await visitor.call(r.method, path, r.method === 'GET' ? {} : { json: {} });
            const html = await visitor.call(r.method, path, r.method === 'GET' ? { html: true } : { html: true, form: { x: '1' } });
            for (const x of [json, html]) {
                assert.ok(x.status < 500, `${what}: ${x.status}`);
                assert_headers(x, what);
            }
            if (policy('visitor', r)) {
                assert.ok(json.status !== 405 && (json.status !== 401 || second_step(r)), `${what}: ${json.status} ${json.text.slice(0, 200)}`);
                continue;
            }
            assert.equal(json.status, 401, what);
            assert.match(json.type, /problem\+json/, what);
            assert.equal(html.status, 303, what);
            assert.match(html.location, /^\/login(\?next=|$)/, what);
            for (const x of [json, html]) for (const name of [...rows.a.names, ...rows.b.names]) assert.ok(!text_of(x).includes(name), `${what} tells a visitor ${name}`);
        }
    });

    for (const role of ROLES) {
        it(`answers a ${role} by the policy: 403 where it is not for this role, else never 401, 403, 405 or 5xx`, async () => {
            const client = await co.as(login_of[role]);
            for (const r of routes) {
                if (ends_session(r)) continue;
                const unsafe = r.method !== 'GET', what = `${r.method} ${r.path} as ${role}`, path = path_of(r, unsafe ? null : rows.a);
                const answers = [
                    await client.call(r.method, path, unsafe ? { json: {} } : {}),
                    await client.call(r.method, path, unsafe ? { html: true, form: { _csrf: client.csrf, x: '1' } } : { html: true }),
                ];
                if (!unsafe) answers.push(await client.call(r.method, path, { html: true, headers: { 'hx-request': 'true' } }));
                for (const x of answers) {
                    assert.ok(x.status < 500, `${what}: ${x.status} ${x.text.slice(0, 300)}`);
                    assert_headers(x, what);
                    const nonce = x.headers['content-security-policy'].match(/nonce-([\w-]+)/)?.[1];
                    if (nonce) assert.ok(!nonces.has(nonce) && nonces.add(nonce), 'a nonce is used once');
                    if (policy(role, r)) {
                        assert.ok(x.status !== 405 && (x.status !== 401 || second_step(r)), `${what}: ${x.status} ${x.text.slice(0, 300)}`);
                        if (r.path === '/metrics') continue; /* has a rule of its own: this machine, or an administrator */
                        assert.ok(x.status !== 403, `${what}: ${x.status} ${x.text.slice(0, 300)}`);
                        if (!unsafe && !r.path.includes('{')) assert.ok([200, 303, 404, 409].includes(x.status), `${what}: ${x.status} ${x.text.slice(0, 300)}`);
                    } else assert.equal(x.status, 403, what);
                }
                if (!policy(role, r)) {
                    assert.match(answers[0].type, /problem\+json/, what);
                    assert.match(answers[1].type, /text\/html/, what);
                }
            }
        });
    }

    it('opens its own GET pages for an administrator', async () => {
        const admin = co.admin;
        for (const r of routes.filter((x) => x.method === 'GET' && !/\{token\}|\/assets\/|\/login|failed\.xlsx|^\/report$|(daily|weekly|monthly)\/new|sheets\/files/.test(x.path))) {
            const x = await admin.call('GET', path_of(r, r.path.includes('/import/{id}') ? rows.b : rows.a), { html: true });
            if (r.path.includes('/import/{id}') && !r.path.startsWith('/reports/daily')) assert.equal(x.status, 404, r.path);
            else assert.equal(x.status, 200, `${r.path}: ${x.status} ${x.location}`);
        }
    });

    it('ends with the session', async () => {
        const rep = await co.as('rep_a2'), cookies = new Map(rep.cookies);
        ok(await rep.logout());
        rep.cookies = cookies;
        for (const r of routes.filter((x) => x.method === 'GET' && !policy('visitor', x))) assert.equal((await rep.get(path_of(r, rows.a))).status, 401, r.path);
    });

    it('that is a GET changes nothing', async () => {
        const dump = async (name) => {
            const path = join(app.dir, name), ran = await app.run('backup', path);
            assert.equal(ran.code, 0, ran.err);
            const tables = {};
            for (const [file, data] of Object.entries(unzip(readFileSync(path)))) {
                if (!file.startsWith('tables/')) continue;
                /* Sessions note when they were seen; exports and backups are written down, as they must be. */
                const lines = data.toString('utf8').split('\n').filter((l) => !/session/.test(file) && !(/audit\.jsonl/.test(file) && /"(export|backup)"/.test(l)));
                tables[file] = lines.join('\n');
            }
            return tables;
        };
        const before = await dump('before.zip');
        assert.ok(Object.keys(before).length > 10);
        for (const role of ROLES) {
            const client = await co.as(login_of[role]);
            for (const r of routes.filter((x) => x.method === 'GET' && policy(role, x))) {
                for (const row of [rows.a, rows.b]) for (const html of [true, false]) await client.get(path_of(r, row), { html });
            }
        }
        assert_same_tables(await dump('after.zip'), before);
    });
});

describe('other people’s data', () => {
    let app, co, rows, routes;
    before(async () => {
        app = await start_app();
        co = await found_company(app);
        rows = await fill(co);
        ({ routes } = await read_policy(app));
    });
    after(() => app.stop());

    /* Questions that could bring a foreign row to light. */
    const questions = () => {
        const { zeng, qin } = co.person, b = co.unit.b.id;
        return [
            ...['zengguoqiang', 'zgq', 'zgq', 'Zeng', zeng.no, qin.no, '139876', 'HT-', '%', '_', ''].flatMap((q) => ['/people', '/reports/daily', '/leave', '/posts'].flatMap((p) => [`${p}?q=${encodeURIComponent(q)}`, `${p}/search?q=${encodeURIComponent(q)}`])),
            ...[zeng.id, qin.id].flatMap((id) => [`/reports/daily?employee_id=${id}`, `/leave?employee_id=${id}`, `/posts?employee_id=${id}`, `/people?manager_id=${id}`, `/reports/daily/export.xlsx?employee_id=${id}`, `/reports/daily/new?employee_id=${id}`, `/leave/new?employee_id=${id}`]),
            `/people?unit_id=${b}`, `/reports/daily?unit_id=${b}`, `/posts?unit_id=${b}`, `/people/export.xlsx?unit_id=${b}`, `/reports/daily?day_from=2000-01-01&sort=employee_id&per_page=500`, '/reports/daily?sort=-amount&day_from=2000-01-01',
            `/reports/daily/board?day=${today()}`, `/reports/daily/board?week=${today()}`, `/reports/daily/board?employee_id=${zeng.id}&unit_id=${b}`, `/reports/daily/missing?day=${today()}`, `/reports/daily/missing?day=${today(-1)}&unit_id=${b}`,
            ...['/people', '/reports/daily', '/leave', '/posts'].flatMap((p) => [`${p}/export.xlsx?format=csv&day_from=2000-01-01`, `${p}/export.xlsx?day_from=2000-01-01`, `${p}?per_page=500&day_from=2000-01-01`]),
            `/org?unit=${b}`,
        ];
    };

    async function walk(client, foreign, who) {
        const paths = new Set(routes.filter((r) => r.method === 'GET' && r.path !== '/logout').map((r) => path_of(r, foreign)).concat(questions()));
        for (const path of paths) {
            for (const options of [{}, { html: true }, { html: true, headers: { 'hx-request': 'true' } }]) {
                const x = await client.get(path, options);
                assert.ok(x.status < 500, `${path}: ${x.status}`);
                const text = text_of(x);
                for (const name of foreign.names) assert.ok(!text.includes(name), `${who} reads ${name} on ${path} (${x.status}): …${text.slice(Math.max(0, text.indexOf(name) - 200), text.indexOf(name) + 100)}`);
            }
        }
        for (const p of ['/people', '/reports/daily', '/leave', '/posts']) {
            for (const suffix of ['', '/edit']) {
                const x = await client.get(`${p}/${foreign.id[p]}${suffix}`);
                assert.ok([403, 404].includes(x.status), `${p}${suffix}: ${x.status}`);
            }
        }
        for (const path of [`/reports/daily/import/${foreign.job}`, `/reports/daily/import/${foreign.job}/failed.xlsx`, foreign.report.photos[0].href]) ok(await client.get(path), 404);
    }

    for (const who of ['lead_a', 'rep_a', 'manager']) {
        it(`of another team are on no page for ${who}, whatever is asked`, async () => walk(await co.as(who), rows.b, who));
    }
    it('are there for those who may: the test would see them', async () => {
        const seen = new Set();
        for (const who of ['lead_b', 'admin', 'trainer']) {
            const client = await co.as(who);
            for (const path of ['/people', '/reports/daily', '/leave', '/posts', '/reports/daily/export.xlsx', '/people/export.xlsx', `/people/${co.person.zeng.id}`, `/reports/daily/${rows.b.report.id}`]) {
                const text = text_of(await client.get(path));
                for (const name of rows.b.names) if (text.includes(name)) seen.add(name);
            }
        }
        assert.deepEqual([...seen].sort(), [...rows.b.names].sort());
    });

    it('of a colleague in the same team are not for a salesperson', async () => {
        const rep = await co.as('rep_a2');
        await walk(rep, rows.a, 'rep_a2');
        for (const p of ['/people', '/reports/daily', '/leave']) {
            const list = ok(await rep.get(`${p}?per_page=500`)).json;
            assert.ok(list.rows.every((r) => (r.employee_id ?? r.id) === co.person.wang.id), p);
            assert.equal(list.total, list.rows.length);
        }
        assert.deepEqual(ok(await rep.get('/reports/daily/board')).json.people.map((p) => p.name), ['王梓涵']);
    });

    it('are summed and counted for nobody else', async () => {
        const lead = await co.as('lead_a'), list = ok(await lead.get(`/reports/daily?day_from=${today()}&day_to=${today()}`)).json;
        assert.deepEqual([list.total, list.sums.amount, list.sums.visits], [1, 4321.09, 3]);
        const board = ok(await lead.get(`/reports/daily/board?day=${today()}`)).json;
        assert.equal(board.team.cells.find((x) => x.item === 'amount').value, 4321.09);
        assert.equal((await lead.get(`/reports/daily/queue`)).json.count, 1);
        for (const filter of [`employee_id=${co.person.zeng.id}`, `unit_id=${co.unit.b.id}`]) {
            const none = ok(await lead.get(`/reports/daily?${filter}&day_from=2000-01-01`)).json;
            assert.deepEqual([none.total, none.rows.length], [0, 0]);
            assert.ok(!none.sums?.amount);
        }
    });

    it('cannot be changed, acted on, deleted or filed by a lead of another team, and stay as they are', async () => {
        const lead = await co.as('lead_a'), stored = async () => {
            const out = {};
            for (const p of ['/people', '/reports/daily', '/leave', '/posts', '/units', '/accounts']) {
                out[p] = ok(await co.admin.get(`${p}/${rows.b.id[p]}`)).json;
                delete out[p].seen_at;
            }
            return out;
        };
        const before = await stored(), junk = { name: '改名', visits: 99, reason: '改', note: '改', title: '改', last_day: today(50), state: 'approved', action: 'approve', ids: [rows.b.report.id], id: [rows.b.report.id], roles: ['admin'], unit_id: co.unit.a.id, effective: today(), version: 1 };
        for (const r of routes.filter((x) => x.method !== 'GET' && x.path.includes('{id}') && !/^\/(account|reports\/items|calendar|positions)\b/.test(x.path))) {
            for (const o of [{ json: junk }, { html: true, form: { _csrf: lead.csrf, ...junk } }]) {
                const x = await lead.call(r.method, path_of(r, rows.b), o);
                assert.ok([403, 404].includes(x.status), `${r.method} ${r.path}: ${x.status} ${x.text.slice(0, 300)}`);
                for (const name of rows.b.names) assert.ok(!x.text.includes(name), `${r.method} ${r.path} tells ${name}`);
            }
        }
        ok(await lead.post('/reports/daily/bulk', { json: { action: 'approve', ids: [rows.b.report.id] } }), 404);
        for (const id of [co.person.zeng.id, co.person.zeng.no, co.person.zeng.name]) {
            ok(await lead.post('/leave', { json: { employee_id: id, first_day: today(60), last_day: today(61), kind: 'annual' } }), 403);
            ok(await lead.post('/reports/daily', { json: { employee_id: id, day: today(), visits: 99 } }), 403);
            ok(await lead.post('/reports/daily', { json: { employee_id: id, day: today(-5), visits: 99 } }), 403);
        }
        const imports = [
            ['/reports/daily', [['日期', '销售人员', '客户拜访量(次)'], [today(), '曾国强', 99]]],
            ['/reports/daily', [['日期', '销售人员', '客户拜访量(次)'], [today(-6), '曾国强', 99]]],
            ['/leave', [['Person', 'From', 'To', 'Note'], ['曾国强', today(40), today(45), '改']]],
            ['/leave', [['Person', 'From', 'To', 'Note'], ['曾国强', today(70), today(75), '新']]],
        ];
        for (const [path, table] of imports) {
            for (const how of ['mode=all', 'mode=skip', 'dry_run=1']) {
                const x = await lead.post(`${path}/import?${how}`, { files: { file: { name: 'a.xlsx', data: xlsx(table) } } });
                assert.ok(x.status === 403 || x.status === 422 || (x.json.counts.bad === 1 && x.json.counts.good === 0), `${path} ${how}: ${x.status} ${x.text.slice(0, 400)}`);
                assert.ok(!x.text.includes(rows.b.words));
            }
        }
        assert.deepEqual(await stored(), before);
        assert.equal(ok(await co.admin.get('/leave?per_page=500')).json.total, 2);
        assert.equal(ok(await co.admin.get('/reports/daily?per_page=500&day_from=2000-01-01')).json.total, 2);
    });

    it('do not come from another reader’s cache', async () => {
        for (const path of ['/people', '/reports/daily', '/reports/daily/board', '/leave', '/', '/reports/daily/queue']) {
            const theirs = await (await co.as('lead_b')).get(path, { html: true }), tag = theirs.headers.etag;
            if (!tag) continue;
            const mine = await (await co.as('lead_a')).get(path, { html: true, headers: { 'if-none-match': tag } });
            assert.equal(mine.status, 200, path);
            const again = await (await co.as('lead_b')).get(path, { html: true, headers: { 'if-none-match': tag } });
            assert.ok([200, 304].includes(again.status));
            assert_no_names(mine, rows.b, path);
        }
    });
    const assert_no_names = (x, foreign, what) => { for (const name of foreign.names) assert.ok(!x.text.includes(name), `${what}: ${name}`); };

    it('follow a person to the new team at once, and leave with the old lead only what was the old team’s', async () => {
        const [old_lead, new_lead] = [await co.as('lead_a'), await co.as('lead_b')];
        ok(await new_lead.get(`/people/${co.person.wang.id}`), 404);
        ok(await co.admin.post(`/people/${co.person.wang.id}/transfer`, { json: { unit_id: co.unit.b.id, effective: today() } }));
        ok(await new_lead.get(`/people/${co.person.wang.id}`));
        ok(await old_lead.get(`/people/${co.person.wang.id}`), 404);
        ok(await co.admin.call('PATCH', `/units/${co.unit.b.id}`, { json: { leader_id: null } }));
        ok(await new_lead.get(`/people/${co.person.wang.id}`), 404);
        assert.deepEqual(ok(await new_lead.get('/people')).json.rows.map((p) => p.name), ['梁俊杰'], 'who leads nothing sees himself');
        ok(await co.admin.call('PATCH', `/units/${co.unit.b.id}`, { json: { leader_id: co.person.liang.id } }));
        ok(await new_lead.get(`/people/${co.person.wang.id}`));
    });
});
