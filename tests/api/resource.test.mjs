/* resource.test.mjs - what every list, form and page gets from the resource engine, shown on the entities there are: filter, sort, page, sums,
 * columns, export, versions, history, errors, the OpenAPI document, search by pinyin, and what no form may set. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { engine, start_app } from '../support/app.mjs';
import { field_of, found_company, ok, today } from '../support/company.mjs';
import { csv, day_of_serial, read_csv, read_xlsx, xlsx } from '../support/sheet.mjs';

const names = (r) => r.json.rows.map((x) => x.name);
const encode = encodeURIComponent;

describe('a list', () => {
    let app, co, admin;
    before(async () => {
        app = await start_app();
        admin = await app.as('admin');
        co = await found_company(app);
        const rep = await co.as('rep_a');
        for (const [n, amount] of [[1, '100.10'], [2, '2,000'], [3, '30.05'], [4, '0']]) await co.report(rep, { day: today(-n), visits: n, amount, contract_no: 'HT-1', reason: n === 2 ? '100%_达成' : `理由${n}` });
        const grades = ['P1', 'P2', 'P3'];
        const table = [['姓名', '团队', '职级'], ...Array.from({ length: 60 }, (_, i) => [`员工${String(i).padStart(2, '0')}`, '深圳部', grades[i % 3]])];
        ok(await admin.post('/people/import?mode=all', { files: { file: { name: 'p.csv', data: csv(table) } } }));
    });
    after(() => app.stop());
    const list = async (query, who = admin) => ok(await who.get(query)).json;

    it('filters by choice, reference, text, range of days and of numbers', async () => {
        assert.equal((await list(`/people?unit_id=${co.unit.a.id}`)).total, 4);
        assert.equal((await list(`/people?unit_id=${encode('上海一部')}`)).total, 4);
        assert.equal((await list('/people?grade=P1')).total, 20);
        assert.equal((await list(`/people?grade=P1&unit_id=${co.unit.a.id}`)).total, 0);
        assert.equal((await list('/people?status=left')).total, 0);
        assert.deepEqual((await list(`/reports/daily?day_from=${today(-3)}&day_to=${today(-2)}`)).rows.map((r) => r.day), [today(-2), today(-3)]);
        assert.deepEqual((await list('/reports/daily?amount_from=100&sort=amount')).rows.map((r) => r.amount), [100.1, 2000]);
        assert.deepEqual((await list('/reports/daily?visits_from=2&visits_to=3&sort=visits')).rows.map((r) => r.visits), [2, 3]);
        assert.equal((await list('/people?unit_id=&grade=&page=1&utm_source=x&nothing=1')).total, 69, 'empty filters and foreign parameters are none');
    });

    it('says what it does not understand instead of showing everything', async () => {
        for (const query of ['/people?status=gone', '/people?page=0', '/people?page=x', '/people?page=-1', '/people?per_page=501', '/people?per_page=0', '/people?sort=phone', '/people?sort=nothing', '/people?sort=', '/people?page=99999999999999999999',
            '/reports/daily?day_from=yesterday', '/reports/daily?amount_from=x', '/reports/daily?visits=x', '/reports/daily?sort=client_key', '/reports/daily/board?day=x', '/reports/daily/missing?day=2026-02-30', '/calendar?year=x', '/calendar?year=1999']) {
            for (const options of [{}, { html: true }]) {
                const r = await admin.get(query, options);
                assert.ok([400, 422].includes(r.status), `${query}: ${r.status}`);
            }
        }
    });

    it('sorts up and down by any column, people by pinyin, and is stable from page to page', async () => {
        const amounts = (await list('/reports/daily?sort=-amount')).rows.map((r) => r.amount);
        assert.deepEqual(amounts, [2000, 100.1, 30.05, 0]);
        const sorted = names(ok(await admin.get(`/people?unit_id=${co.unit.a.id}&sort=name`)));
        assert.deepEqual(sorted, ['林晓燕', '欧阳雪', '单雄信', '王梓涵'], 'lin, ouyang, shan, wang');
        assert.deepEqual(names(ok(await admin.get(`/people?unit_id=${co.unit.a.id}&sort=-name`))), [...sorted].reverse());
        for (const sort of ['grade', '-grade', 'name', 'unit_id', '-unit_id', 'hired_on', 'no', 'status']) {
            const seen = [];
            for (let page = 1; page <= 7; page++) seen.push(...(await list(`/people?sort=${sort}&per_page=10&page=${page}`)).rows.map((r) => r.id));
            assert.equal(new Set(seen).size, 69, sort);
        }
    });

    it('pages', async () => {
        const p = await list('/people?per_page=20&page=4');
        assert.deepEqual([p.rows.length, p.total, p.page.number, p.page.count, p.page.first, p.page.last], [9, 69, 4, 4, 61, 69]);
        assert.deepEqual((await list('/people?per_page=20&page=1000000')).rows, []);
        const html = ok(await admin.get('/people?per_page=10&page=1&grade=P1', { html: true })).text;
        assert.match(html, /href="\/people\?per_page=10&amp;grade=P1&amp;page=2"/);
        const one = ok(await admin.get('/people?per_page=20&grade=P1&page=1', { html: true })).text;
        assert.doesNotMatch(one, /[?;]page=2"/, 'one page is enough for twenty rows');
    });

    it('sums all pages of what is filtered, not the page that is shown', async () => {
        assert.deepEqual([(await list('/reports/daily?per_page=1')).sums.amount, (await list('/reports/daily?per_page=1')).sums.visits], [2130.15, 10]);
        assert.equal((await list('/reports/daily?visits_from=3')).sums.amount, 30.05);
        assert.match(ok(await admin.get('/reports/daily?per_page=1', { html: true })).text, /2,130\.15/);
    });

    it('finds people by name, parts of it, pinyin, initials and number; surnames as they are read', async () => {
        for (const [name, words] of [['单雄信', ['单雄信', '雄信', 'shanxiongxin', 'SXX', 'sxx', 'shxx', 'shanxx', 'sxiongx', 'shan xx', 'xiongxin', ' 单雄信 ', 'ｓｘｘ']], ['曾国强', ['曾国强', '国强', 'zengguoqiang', 'zgq', 'ZGQ']], ['欧阳雪', ['ouyangxue', 'oyx', 'ouyx', 'oyxue']], ['覃小曼', ['qinxiaoman', 'qxm']]]) {
            for (const word of words) {
                assert.ok(names(ok(await admin.get(`/people?q=${encode(word)}`))).includes(name), `${name} by ${word}`);
                const picked = ok(await admin.get(`/people/search?q=${encode(word)}`)).json.items;
                assert.ok(picked.some((x) => x.title === name), `${name} by ${word} in the picker`);
            }
        }
        assert.deepEqual(names(ok(await admin.get(`/people?q=${co.person.zeng.no}`))), ['曾国强']);
        assert.ok((await list('/reports/daily?q=sxx&day_from=2000-01-01')).total === 4, 'reports by the initials of their writer');
        assert.equal((await list('/reports/daily?q=shanxx&day_from=2000-01-01')).total, 4, 'and by how else the name is typed');
        const lead = await co.as('lead_a');
        assert.deepEqual(names(ok(await lead.get('/people?q=shanxx'))), ['单雄信']);
        assert.deepEqual(names(ok(await lead.get('/people?q=zenggq'))), [], 'of another region');
        assert.equal(ok(await lead.get('/reports/daily?q=shanxx&day_from=2000-01-01')).json.total, 4);
        for (const word of ['qqqq', 'xxs', 'shxs', '...', "'-' '", 'x'.repeat(200)]) assert.equal((await list(`/people?q=${encode(word)}`)).total, 0, word);
    });

    it('takes wildcards as letters', async () => {
        for (const q of ['%', '_', '%%', '!', '!%', '\\', "'", '"', '*', '[', '员工%', '员工_1', "' OR 1=1 --"]) assert.equal((await list(`/people?q=${encode(q)}`)).total, 0, q);
        const r = await list(`/reports/daily?q=${encode('100%_达')}&day_from=2000-01-01`);
        assert.deepEqual(r.rows.map((x) => x.visits), [2]);
        assert.equal((await list(`/reports/daily?reason=${encode('%_')}&day_from=2000-01-01`)).total, 1);
        assert.equal((await list(`/reports/daily?reason=${encode('0__达')}&day_from=2000-01-01`)).total, 0);
        assert.equal((await list('/people?grade=P_')).total, 0);
    });

    it('keeps the columns one has chosen, for oneself', async () => {
        const trainer = await co.as('trainer'), head = async (who) => (await list('/people', who)).columns.map((x) => x.name), usual = await head(admin);
        ok(await trainer.post('/people/columns', { html: true, form: { _csrf: trainer.csrf, columns: ['name', 'phone', 'grade'] } }), 303);
        assert.deepEqual(await head(trainer), ['name', 'grade', 'phone']);
        assert.deepEqual(await head(admin), usual);
        ok(await trainer.post('/people/columns', { form: { columns: ['nothing', 'name_keys', '"><script>'] } }));
        const after_junk = await head(trainer);
        assert.ok(!after_junk.includes('name_keys') && after_junk.includes('name'), after_junk);
        assert.doesNotMatch(ok(await trainer.get('/people', { html: true })).text, /"><script>/);
    });

    it('goes out as XLSX and CSV with the filter and order of the page', async () => {
        const book = ok(await admin.get('/people/export.xlsx?grade=P1&sort=-no')), rows = read_xlsx(book.data);
        assert.match(book.headers['content-disposition'], /^attachment; filename="download\.xlsx"; filename\*=UTF-8''People-\d{4}-\d\d-\d\d\.xlsx$/);
        assert.equal(rows.length, 21);
        const path = join(app.dir, 'x.xlsx');
        writeFileSync(path, book.data);
        const sheet = execFileSync('unzip', ['-p', path, 'xl/workbook.xml'], { encoding: 'utf8' });
        assert.match(sheet, /<sheet name="People"/);
        execFileSync('unzip', ['-tq', path]);
        const text = read_csv(ok(await admin.get('/people/export.xlsx?grade=P1&sort=-no&format=csv')).data);
        assert.deepEqual(text.map((r) => r[1]), rows.map((r) => r[1]));
        const numbers = rows.slice(1).map((r) => String(r[0]));
        assert.deepEqual(numbers, [...numbers].sort((a, b) => (a < b ? 1 : -1)));
        const reports = read_xlsx(ok(await admin.get('/reports/daily/export.xlsx?sort=day')).data);
        assert.deepEqual(reports.slice(1).map((r) => [day_of_serial(r[0]), r[4]]), [[today(-4), 0], [today(-3), 30.05], [today(-2), 2000], [today(-1), 100.1]], 'dates and amounts are numbers');
        for (const p of ['/units', '/posts', '/leave', '/positions', '/accounts', '/calendar/days', '/numbers/metrics']) {
            assert.ok(read_xlsx(ok(await admin.get(`${p}/export.xlsx`)).data)[0].length > 1, p);
            assert.ok(read_csv(ok(await admin.get(`${p}/export.xlsx?format=csv`)).data)[0].length > 1, p);
        }
    });

    it('guards a spreadsheet program against cells that it would run', async () => {
        const evil = ['=1+1', '+1', '-1+1', '@SUM(A1)', '\t=1', '＝1+1', '=HYPERLINK("http://evil.example","x")', "=cmd|'/c calc'!A1", '|x', '\r=1'];
        for (const [i, duties] of evil.entries()) await co.make('/positions', { name: `公式${i}`, duties });
        const stored = (await list('/positions?per_page=100&sort=name')).rows;
        const cells = read_csv(ok(await admin.get('/positions/export.xlsx?format=csv')).data);
        for (const row of cells.slice(1)) for (const cell of row) assert.doesNotMatch(cell, /^[=+\-@\t\r＝＋－＠]/, cell);
        for (const row of stored.filter((r) => /^公式/.test(r.name))) {
            const cell = cells.find((x) => x[0] === row.name)[1];
            assert.ok(cell === row.duties || cell === `'${row.duties}`, cell);
        }
        const path = join(app.dir, 'f.xlsx');
        writeFileSync(path, ok(await admin.get('/positions/export.xlsx')).data);
        const sheet = execFileSync('unzip', ['-p', path, 'xl/worksheets/sheet1.xml'], { encoding: 'utf8' });
        assert.doesNotMatch(sheet, /<f>|<f /, 'no cell is a formula');
    });
});

describe('an entry', () => {
    let app, co, admin;
    before(async () => {
        app = await start_app();
        admin = await app.as('admin');
        co = await found_company(app);
    });
    after(() => app.stop());

    it('is made, read, changed and deleted, each with its answer', async () => {
        const made = ok(await admin.post('/positions', { json: { name: '讲师', duties: '第一行\n第二行' } }), 201);
        assert.equal(made.headers.location, `/positions/${made.json.id}`);
        assert.deepEqual([made.json.version, made.json.duties], [1, '第一行\n第二行']);
        const path = made.headers.location;
        assert.deepEqual(ok(await admin.get(path)).json, made.json);
        assert.equal(ok(await admin.call('PATCH', path, { json: { duties: '' } })).json.version, 2);
        assert.equal(ok(await admin.call('PUT', path, { json: { name: '首席讲师' } })).json.duties, '', 'what is not named stays');
        assert.equal(ok(await admin.call('PATCH', path, { json: { name: '首席讲师' } })).json.version, 3, 'saving what is there already is no version');
        ok(await admin.call('DELETE', path), 200);
        for (const method of ['GET', 'PATCH', 'DELETE']) ok(await admin.call(method, path, method === 'PATCH' ? { json: { name: 'x' } } : {}), 404);
    });

    it('works as a form without script: filled, refused beside the field with what was typed, saved', async () => {
        const form = ok(await admin.get('/people/new', { html: true })).text;
        for (const name of ['no', 'name', 'unit_id', 'grade', 'hired_on', 'phone', 'email']) assert.match(form, new RegExp(`name="${name}"`));
        assert.doesNotMatch(form, /name="(status|left_on|name_keys|leader_name)"/);
        const bad = await admin.post('/people', { html: true, form: { _csrf: admin.csrf, name: '', unit_id: '', phone: 'abc<', email: 'nobody', hired_on: '31/12/2026', grade: '"><b>' } });
        ok(bad, 422);
        for (const name of ['name', 'unit_id', 'hired_on']) assert.match(bad.text, new RegExp(`id="${name}-error"`), name);
        assert.ok(bad.text.includes('value="abc&lt;"') && bad.text.includes('value="&quot;&gt;&lt;b&gt;"'));
        const saved = await admin.post('/people', { html: true, form: { _csrf: admin.csrf, name: '韩雪松', unit_id: co.unit.a.id, hired_on: '2024/3/5' } });
        ok(saved, 303);
        const page = ok(await admin.get(saved.location, { html: true })).text;
        assert.ok(page.includes('韩雪松') && page.includes('2024-03-05') && page.includes('上海一部'));
        assert.match(page, /Saved/, 'the message rides along');
    });

    it('tells the second of two editors, whatever the way', async () => {
        const p = await co.make('/positions', { name: '两人编辑', duties: '甲' }), path = `/positions/${p.id}`;
        const form = ok(await admin.get(`${path}/edit`, { html: true })).text;
        assert.match(form, /name="version" value="1"/);
        ok(await admin.call('PATCH', path, { json: { version: 1, duties: '乙' } }));
        for (const [method, options] of [['PATCH', { json: { version: 1, duties: '丙' } }], ['PUT', { json: { version: 1, duties: '丙' } }], ['POST', { json: { version: 1, duties: '丙' } }]]) {
            const r = ok(await admin.call(method, path, options), 409);
            assert.deepEqual([r.json.status, r.json.code], [409, 'conflict']);
        }
        const html = ok(await admin.post(path, { html: true, form: { _csrf: admin.csrf, version: '1', name: '两人编辑', duties: '丙' } }), 409);
        assert.match(html.text, /<form/);
        assert.ok(html.text.includes('丙'), 'what was typed is not lost');
        assert.equal(ok(await admin.get(path)).json.duties, '乙');
        const race = await Promise.all(Array.from({ length: 20 }, (_, i) => admin.call('PATCH', path, { json: { version: 2, duties: `第${i}` } })));
        assert.equal(race.filter((r) => r.status === 200).length, 1);
        assert.ok(race.every((r) => [200, 409].includes(r.status)));
        for (const version of ['x', '1.5', '99999999999999999999', '-1']) assert.ok([409, 422].includes((await admin.call('PATCH', path, { json: { version, duties: '丁' } })).status), version);
    });

    it('shows who changed what, from what, to what', async () => {
        const p = await co.make('/people', { name: '履历人', unit_id: co.unit.a.id, grade: 'P3' }), path = `/people/${p.id}`;
        ok(await (await co.as('trainer')).call('PATCH', path, { json: { grade: 'P4<i>', job_profile_id: (await co.make('/positions', { name: '主任' })).id } }));
        const page = ok(await admin.get(path, { html: true })).text, history = page.slice(page.indexOf('class="timeline"'));
        for (const text of ['The trainer', '管理员', 'Created', 'Changed', 'P4&lt;i&gt;', 'P3', '主任', '上海一部']) assert.ok(history.includes(text), text);
        assert.doesNotMatch(history, /lvliren|name_keys|Search keys/, 'derived fields are nobody’s business');
    });

    it('is never read stale: a tag holds until anything changes', async () => {
        for (const options of [{ html: true }, {}]) {
            const p = await co.make('/positions', { name: `标签${options.html ?? ''}` }), path = `/positions/${p.id}`;
            await admin.get(path, options); /* takes the message of the last change with it */
            const first = ok(await admin.get(path, options)), ask = (tag) => admin.get(path, { ...options, headers: { 'if-none-match': tag } });
            if (engine === 'postgres' && !first.headers.etag) continue; /* another process may write, so nothing is tagged there */
            assert.ok(first.headers.etag, 'tagged');
            assert.equal((await ask(first.headers.etag)).status, 304);
            ok(await admin.call('PATCH', path, { json: { duties: '改过' } }));
            const second = ok(await ask(first.headers.etag));
            assert.ok(second.text.includes('改过'));
            assert.equal((await (await co.as('trainer')).get(path, { ...options, headers: { 'if-none-match': second.headers.etag } })).status, 200, 'of another reader');
            for (const tag of ['*', '""', 'W/"x"', '"', 'x'.repeat(1000)]) ok(await ask(tag));
        }
    });

    it('answers mistakes as problem+json with a number to ask for', async () => {
        const cases = [
            [await admin.post('/people', { json: {} }), 422, 'invalid'], [await admin.get('/people/99999999'), 404, 'not_found'], [await (await co.as('rep_a')).post('/people', { json: {} }), 403, 'denied'],
            [await app.visitor().get('/people'), 401, 'unauthorized'], [await admin.get('/people/x'), 404, 'not_found'], [await admin.get('/nowhere'), 404, 'not_found'],
        ];
        for (const [r, status, code] of cases) {
            ok(r, status);
            assert.match(r.type, /^application\/problem\+json/);
            assert.deepEqual([r.json.status, r.json.code], [status, code]);
            assert.ok(r.json.title && r.json.type && /^[0-9a-f]{16}$/.test(r.json.request_id));
        }
        const r = cases[0][0];
        assert.deepEqual(r.json.fields.map((f) => f.field).sort(), ['name', 'unit_id']);
        assert.ok(r.json.fields.every((f) => f.message));
    });

    it('has ids that are numbers, as they are', async () => {
        for (const id of ['0', '-1', '1.0', '01x', '%31%00', '1%20', '9223372036854775808', '99999999999999999999999', encode('１'), 'null', '..%2f1', '1;2', '1e1', '+1']) {
            const r = await admin.get(`/people/${id}`);
            assert.ok([400, 404].includes(r.status), `${id}: ${r.status}`);
        }
    });

    it('names methods, types and sizes that it does not take', async () => {
        for (const [method, path] of [['DELETE', '/people/1'], ['PUT', '/people'], ['PATCH', '/org'], ['POST', '/org'], ['DELETE', '/'], ['POST', '/healthz']]) {
            const r = await admin.call(method, path, method === 'DELETE' ? {} : { json: {} });
            assert.equal(r.status, 405, `${method} ${path}`);
            assert.equal(r.json.code, 'method_not_allowed');
        }
        for (const type of ['text/plain', 'application/xml', 'application/x-json', 'application/jsonx', 'text/json', 'image/png', 'application/octet-stream']) {
            const r = await admin.post('/positions', { body: '{"name":"x"}', headers: { 'content-type': type } });
            assert.equal(r.status, 415, type);
        }
        ok(await admin.post('/positions', { body: JSON.stringify({ name: 'x', duties: 'x'.repeat(3 << 20) }), headers: { 'content-type': 'application/json' } }), 413);
        ok(await admin.post('/positions', { form: { name: 'x', duties: 'x'.repeat(1100000) } }), 413);
        ok(await admin.post('/positions', { form: Object.fromEntries(Array.from({ length: 1100 }, (_, i) => [`f${i}`, '1'])) }), 413);
        ok(await admin.post('/positions', { json: Object.fromEntries(Array.from({ length: 1100 }, (_, i) => [`f${i}`, '1'])) }), 413);
        ok(await admin.post('/positions', { json: [1] }), 400);
        ok(await admin.post('/positions', { json: 'text' }), 400);
        const head = await admin.call('HEAD', '/people', { html: true });
        assert.deepEqual([head.status, head.data.length], [200, 0]);
    });

    it('never takes from a form what only the program sets', async () => {
        const forged = { id: 4242, version: 77, created_at: 1, created_by: 1, updated_at: 1, updated_by: 1, name_keys: 'zzz', status: 'left', left_on: '2020-01-01', shipped: true, slot: 1, source: 'national', main: true, seen_at: '2020-01-01T00:00:00Z',
            has_password: true, password_hash: '$argon2id$x', demo: true, leader_name: '林晓燕', office_name: '新办事处', employee_name: '别人', unit_name: '别处', __proto__x: 1, 'name; DROP TABLE employee': 1 };
        const person = ok(await admin.post('/people', { json: { name: '伪造', unit_id: co.unit.a.id, ...forged } }), 201).json;
        assert.notEqual(person.id, 4242);
        assert.deepEqual([person.version, person.status, person.left_on, person.unit_name], [1, 'active', null, '上海一部']);
        assert.equal(ok(await admin.get('/people?q=zzz')).json.total, 0);
        assert.equal(ok(await admin.get('/units?q=' + encode('新办事处'))).json.total, 0);
        const changed = ok(await admin.call('PATCH', `/people/${person.id}`, { json: { ...forged, version: 1, grade: 'P9' } })).json;
        assert.deepEqual([changed.id, changed.version, changed.status, changed.grade], [person.id, 2, 'active', 'P9']);
        const item = ok(await admin.post('/numbers/metrics', { json: { ...forged, in_report: true, name: '伪造项', code: 'forged', unit: 'times', version: undefined } }), 201).json;
        for (const hidden of ['slot', 'shipped', 'required']) assert.ok(!(hidden in item), hidden);
        assert.equal(ok(await admin.call('PATCH', `/numbers/metrics/${item.id}`, { json: { code: 'other', unit: 'yuan' } })).json.code, 'forged', 'fixed once made');
        const post = ok(await admin.post('/posts', { json: { ...forged, version: undefined, employee_id: person.id, unit_id: co.unit.b.id, first_day: today() } }), 201).json;
        assert.equal(post.main, false);
        const day = ok(await admin.post('/calendar/days', { json: { ...forged, version: undefined, day: '2031-01-01', kind: 'rest', name: '元旦' } }), 201).json;
        assert.equal(day.source, 'company');
        const table = csv([['姓名', '状态', 'Status', 'version', 'id', 'name_keys', 'left_on'], ['伪造', '离职', 'Left', '9', '1', 'zzz', '2020-01-01']]);
        ok(await admin.post('/people/import?mode=all', { files: { file: { name: 'x.csv', data: table } } }));
        assert.equal(ok(await admin.get(`/people/${person.id}`)).json.status, 'active');
    });

    it('gives nobody roles but by an administrator’s hand', async () => {
        const accounts = ok(await admin.get('/accounts')).json.rows;
        for (const who of ['rep_a', 'lead_a', 'manager', 'trainer', 'finance']) {
            const client = await co.as(who);
            for (const [method, path, fields] of [['POST', '/accounts', { login: 'evil', name: 'evil', roles: ['admin'] }], ...accounts.flatMap((a) => ['POST', 'PATCH', 'PUT'].map((m) => [m, `/accounts/${a.id}`, { roles: ['admin'], scope: 'all' }])),
                ['POST', '/settings', { 'report.back_days': '400' }], ['POST', '/account/language', { lang: 'en', roles: ['admin'] }], ['POST', '/account/password', { roles: ['admin'] }]]) {
                const r = await client.call(method, path, { json: fields });
                if (path.startsWith('/accounts') || path === '/settings') ok(r, 403);
            }
            assert.deepEqual(ok(await client.get('/account')).json.roles, [{ rep_a: 'rep', lead_a: 'lead', manager: 'manager', trainer: 'trainer', finance: 'finance' }[who]]);
        }
    });
});

describe('the OpenAPI document', () => {
    let app, doc, routes;
    before(async () => {
        app = await start_app();
        doc = ok(await app.visitor().get('/openapi.json')).json;
        routes = (await app.run('routes')).out.trim().split('\n').map((l) => l.split(/\s+/).slice(0, 2));
    });
    after(() => app.stop());

    it('has every route and no other', () => {
        assert.match(doc.openapi, /^3\./);
        const listed = Object.entries(doc.paths).flatMap(([path, item]) => Object.keys(item).filter((m) => /^(get|post|put|patch|delete)$/.test(m)).map((m) => `${m.toUpperCase()} ${path}`));
        assert.deepEqual(listed.sort(), routes.map(([m, p]) => `${m} ${p}`).sort());
    });

    it('refers only to what it defines', () => {
        const refs = new Set();
        (function walk(v) {
            if (!v || typeof v !== 'object') return;
            if (typeof v.$ref === 'string') refs.add(v.$ref);
            Object.values(v).forEach(walk);
        })(doc);
        assert.ok(refs.size > 5);
        for (const ref of refs) {
            assert.match(ref, /^#\//);
            const found = ref.slice(2).split('/').reduce((o, k) => o?.[k.replaceAll('~1', '/').replaceAll('~0', '~')], doc);
            assert.ok(found, ref);
        }
    });

    it('declares each parameter of a path, an answer for each operation, and names operations once', () => {
        const ids = new Set();
        for (const [path, item] of Object.entries(doc.paths)) {
            for (const [method, op] of Object.entries(item)) {
                if (!/^(get|post|put|patch|delete)$/.test(method)) continue;
                const wanted = [...path.matchAll(/\{(\w+)\}/g)].map((m) => m[1]).sort();
                const all = [...(item.parameters ?? []), ...(op.parameters ?? [])].map((p) => (p.$ref ? p.$ref.slice(2).split('/').reduce((o, k) => o[k], doc) : p));
                assert.deepEqual(all.filter((p) => p.in === 'path').map((p) => p.name).sort(), wanted, `${method} ${path}`);
                assert.ok(Object.keys(op.responses ?? {}).length, `${method} ${path} has no answer`);
                assert.ok(op.summary, `${method} ${path}`);
                if (op.operationId) assert.ok(!ids.has(op.operationId) && ids.add(op.operationId), op.operationId);
            }
        }
    });

    it('describes rows as they come', async () => {
        const co = await found_company(app), schemas = doc.components.schemas;
        const person = ok(await co.admin.get('/people')).json.rows[0];
        const schema = Object.values(schemas).find((s) => s.properties?.hired_on && s.properties?.id);
        assert.ok(schema, Object.keys(schemas).join());
        for (const name of Object.keys(person)) assert.ok(name in schema.properties, name);
        assert.ok(!('name_keys' in schema.properties));
    });
});

describe('import pages', () => {
    let app, co, admin;
    before(async () => {
        app = await start_app();
        admin = await app.as('admin');
        co = await found_company(app);
    });
    after(() => app.stop());

    it('let one say what unknown columns are, import the good rows, and give back the bad ones', async () => {
        const table = [['谁', '在哪', '多少'], ['甲一', '上海一部', 'P1'], ['乙二', '没有这个部门', 'P2'], ['丙三', '深圳部', 'P3']];
        const sent = ok(await admin.post('/people/import', { html: true, form: { _csrf: admin.csrf }, files: { file: { name: '名单.xlsx', data: xlsx(table) } } }), 303);
        const page = ok(await admin.get(sent.location, { html: true })).text;
        assert.match(page, /None of the headings is known/);
        const mapping = { column_1: 'name', column_2: 'unit_id', column_3: 'grade' };
        ok(await admin.post(`${sent.location}/mapping`, { html: true, form: { _csrf: admin.csrf, ...mapping } }), 303);
        assert.match(ok(await admin.get(sent.location, { html: true })).text, /没有这个部门/);
        ok(await admin.post(`${sent.location}/apply`, { html: true, form: { _csrf: admin.csrf, mode: 'all' } }), 422);
        assert.equal(ok(await admin.get(`/people?q=${encode('甲一')}`)).json.total, 0);
        ok(await admin.post(`${sent.location}/apply`, { html: true, form: { _csrf: admin.csrf, mode: 'skip' } }), 303);
        const result = ok(await admin.get(sent.location)).json;
        assert.deepEqual([result.status, result.counts.new, result.counts.bad], ['done', 2, 1]);
        assert.equal(ok(await admin.get(`/people?q=${encode('丙三')}`)).json.rows[0].grade, 'P3');
        const failed = read_xlsx(ok(await admin.get(`${sent.location}/failed.xlsx`)).data);
        assert.ok(JSON.stringify(failed).includes('乙二') && !JSON.stringify(failed).includes('甲一'));
        ok(await admin.post(`${sent.location}/apply`, { json: { mode: 'skip' } }), 409);
        for (const mode of ['none', 'ALL', '']) assert.ok([409, 422].includes((await admin.post(`${sent.location}/apply`, { json: { mode } })).status));
    });

    it('belong to who uploaded them', async () => {
        const sent = ok(await admin.post('/people/import', { html: true, form: { _csrf: admin.csrf }, files: { file: { name: 'a.csv', data: csv([['姓名', '团队'], ['某某', '上海一部']]) } } }), 303);
        const trainer = await co.as('trainer');
        ok(await trainer.get(sent.location), 404);
        for (const what of ['mapping', 'apply']) ok(await trainer.post(`${sent.location}/${what}`, { json: { column_1: 'name', mode: 'all' } }), 404);
        ok(await admin.get(sent.location.replace('/people/', '/units/')), 404);
    });

    it('take a template that they give, and refuse what is no sheet', async () => {
        for (const p of ['/people', '/units', '/leave', '/positions', '/calendar/days', '/reports/daily']) {
            const head = read_xlsx(ok(await admin.get(`${p}/import/template.xlsx`)).data)[0];
            assert.ok(head.length >= 2, p);
            const r = await admin.post(`${p}/import?dry_run=1`, { files: { file: { name: 't.xlsx', data: xlsx([head]) } } });
            assert.ok([200, 422].includes(r.status), `${p}: ${r.text}`);
        }
        for (const data of ['', ' ', '\n\n', 'PK\x03\x04 broken', Buffer.alloc(1000), Buffer.from([0xff, 0xfe, 0x00, 0xd8]), '%PDF-1.4', '<html></html>', Buffer.concat([xlsx([['姓名']]).subarray(0, 300)])]) {
            for (const path of ['/people/import', '/people/import?mode=all', '/people/import?dry_run=1']) {
                const r = await admin.post(path, { files: { file: { name: 'x.xlsx', data } } });
                assert.ok([200, 422, 400].includes(r.status), `${JSON.stringify(String(data).slice(0, 20))} ${path}: ${r.status} ${r.text.slice(0, 200)}`);
            }
        }
        ok(await admin.post('/people/import?mode=all', { form: { x: '1' } }), 422);
        ok(await admin.post('/people/import', { html: true, form: { _csrf: admin.csrf } }), 422);
    });
});
