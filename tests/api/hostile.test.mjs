/* hostile.test.mjs - what nobody should send: strings that mean something to HTML, SQL, spreadsheets, terminals or file systems; broken HTTP,
 * multipart and JSON; garbage cookies; too much of everything. The answer is a refusal or a faithful copy, never a 500, never a silence. */
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { start_app } from '../support/app.mjs';
import { field_of, found_company, ok, today } from '../support/company.mjs';
import { csv, read_csv, read_xlsx, xlsx } from '../support/sheet.mjs';

/* ---- strings ---- */

const STRINGS = [
    '<script>alert(1)</script>', '"><script>alert(1)</script>', "'><img src=x onerror=alert(1)>", '</textarea><script>alert(1)</script>', '</title><svg/onload=alert(1)>', '<!--', '-->', '<![CDATA[x]]>', '&lt;b&gt;', '&amp;', '&#x3c;b&#x3e;', '&',
    '<', '>', '"', "'", '`', '\\', '/', '<a href="javascript:alert(1)">x</a>', 'javascript:alert(1)', 'data:text/html,<script>alert(1)</script>', '" autofocus onfocus="alert(1)', "' or '1'='1", '<iframe src=//evil.example>', '<style>*{display:none}</style>',
    '<math><mtext></p><script>x</script>', '<b onmouseover=alert(1)>b</b>', '\u003cscript\u003e', '%3Cscript%3E',
    '{{name}}', '{{{name}}}', '{{#rows}}x{{/rows}}', '{{> layout}}', '{{=<% %>=}}', '{{&name}}', '{{!', '}}', '${7*7}', '#{7*7}', '<%= 7*7 %>', '{1}', '{2}', '{{1}}', '%s%s%n', '%d %p', '%', '%%', '%00', '$1', '$(id)', '`id`', '| id', '; id', '&& id',
    "'; DROP TABLE employee; --", "' OR 1=1 --", '" OR ""="', '1; SELECT pg_sleep(10)', "\\'; --", '/* */', '--', 'NULL', 'null', 'undefined', 'true', 'NaN', 'None', '0', '-1', '1e400', '1/0', '0x7f', '٣', '１２３', 'Infinity',
    '=1+1', '+1', '-1', '@SUM(A1)', "=cmd|'/c calc'!A1", '=HYPERLINK("http://evil.example")', '＝1+1', '|x',
    '../../etc/passwd', '..\\..\\windows', '/etc/passwd', 'C:\\x', 'file:///etc/passwd', 'CON', 'a/../b', '.', '..', '~', '*',
    '张三', '單雄信', '𠮷野家', '👨‍👩‍👧‍👦', '🇨🇳', '❤️', 'é', 'e\u0301', 'ﬀ', 'Ⅳ', 'İstanbul', 'ß', 'ſ', '\u202Eevil\u202C', 'abc\u200Bdef', '\u2066x\u2069', 'مرحبا', 'שלום', 'Z̷̡͉a̴l̵g̶o̸', '\uFFFD', '\uFFFF', '\u{10FFFF}', '\u2028x', 'x\u2029y', '\uFE0F', '\u00AD',
    'a\tb', 'x\u0085y', 'a  b', 'Set-Cookie: a=b', 'HTTP/1.1 200 OK', 'multipart/form-data', '--boundary--', 'id,name', 'a;b', 'a|b', 'a"b"c', 'x'.repeat(59), '字'.repeat(60), '\u{1F600}'.repeat(30),
];
/* What becomes of a text (base/text.h): control characters go, ends are trimmed of white space, CRLF is LF. */
const cleaned = (s) => s.replace(/\r\n/g, '\n').replace(/[\0-\x08\x0b-\x1f\x7f-\x9f]/g, '').replace(/^[ \t\n\u3000\u00a0\ufeff]+|[ \t\n\u3000\u00a0\ufeff]+$/g, '');
const escaped = (s) => s.replace(/[&<>"']/g, (ch) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' })[ch]);
const unescaped = (s) => s.replace(/&(lt|gt|quot|amp|#39|#x27|apos);/g, (_, e) => ({ lt: '<', gt: '>', quot: '"', amp: '&' })[e] ?? "'");
/* The page holds the text, and nothing of it as markup. */
function assert_inert(page, text, what) {
    assert.ok(unescaped(page).includes(text), `${what} does not show ${JSON.stringify(text)}`);
    if (/[<>]/.test(text) && text.length > 3) assert.ok(!page.includes(text), `${what} has ${JSON.stringify(text)} as markup`);
    for (const bad of [/<script>/, /<img src=x/, /<svg\/onload/, /<iframe/, /<style>\*/, /"\s*autofocus onfocus=/, /<b onmouseover/, /<a href="javascript:/]) assert.doesNotMatch(page, bad, what);
}

describe('strings', () => {
    let app, co, admin, rep;
    before(async () => {
        app = await start_app();
        admin = await app.as('admin');
        co = await found_company(app);
        rep = await co.as('rep_a');
    });
    after(() => app.stop());

    it('come back byte for byte from every text field of every entity, and inert on list, page and form', async () => {
        assert.ok(STRINGS.length >= 120, `${STRINGS.length}`);
        const entities = [
            ['/people', (s, i) => ({ name: s, grade: s.slice(0, 20), email: `${s}@`, region: s.slice(0, 40), unit_id: co.unit.a.id, no: `N${i}` }), ['name', 'grade', 'email', 'region']],
            ['/positions', (s, i) => ({ name: [...`${i} ${s}`].slice(0, 60).join(''), duties: `${s}\n${s}` }), ['name', 'duties']],
            ['/leave', (s, i) => ({ employee_id: co.person.ouyang.id, first_day: today(i + 1), last_day: today(i + 1), kind: 'other', note: s }), ['note']],
            ['/posts', (s) => ({ employee_id: co.person.wang.id, unit_id: co.unit.b.id, first_day: today(), title: s, note: s }), ['title', 'note']],
        ];
        for (const [path, fields_of, checked] of entities) {
            const made = [];
            for (const [i, s] of STRINGS.entries()) {
                if (!cleaned(s)) continue;
                const fields = fields_of(s, i), r = await admin.post(path, i % 2 ? { json: fields } : { form: fields });
                assert.ok([201, 422].includes(r.status), `${path} ${JSON.stringify(s)}: ${r.status} ${r.text.slice(0, 300)}`);
                if (r.status === 422) assert.fail(`${path} refuses ${JSON.stringify(s)}: ${r.text.slice(0, 300)}`);
                for (const name of checked) {
                    assert.equal(r.json[name], cleaned(fields[name]), `${path} ${name}`);
                    made.push([r.json.id, r.json[name]]);
                }
            }
            const list = ok(await admin.get(`${path}?per_page=500`, { html: true })).text;
            const [shown] = checked;
            for (const [i, s] of STRINGS.entries()) if (i % 8 === 0 && cleaned(s)) assert_inert(list, cleaned(fields_of(s, i)[shown]), path);
            for (const [id, text] of made.filter((_, i) => i % 5 === 0)) {
                for (const page of [`${path}/${id}`, `${path}/${id}/edit`]) assert_inert(ok(await admin.get(page, { html: true })).text, text, page);
            }
            const cells = read_xlsx(ok(await admin.get(`${path}/export.xlsx`)).data).flat().map(String), table = read_csv(ok(await admin.get(`${path}/export.xlsx?format=csv`)).data).flat();
            for (const [, text] of made) {
                assert.ok(cells.includes(text) || cells.some((c) => c.replace(/_x[0-9A-F]{4}_/g, '') === text) || /[\uFFFF]/.test(text), `${path}: the workbook lacks ${JSON.stringify(text)}`);
                assert.ok(table.includes(text) || table.includes(`'${text}`), `${path}: the CSV lacks ${JSON.stringify(text)}`);
            }
        }
    });

    it('do so through the daily report, its board, queue, and the messages about it', async () => {
        const lead = await co.as('lead_a');
        for (const [i, s] of STRINGS.entries()) {
            if (!cleaned(s)) continue;
            const day = today(-(i % 31)), fields = { day, employee_id: co.person.shan.id, visits: (i % 9) + 1, reason: s, plan: `${s}\n${s}`, talk_points: s, contract_no: s.slice(0, 100) };
            const r = await rep.post('/reports/daily', i % 2 ? { json: fields } : { form: fields });
            assert.ok([200, 201].includes(r.status), `${JSON.stringify(s)}: ${r.status} ${r.text.slice(0, 300)}`);
            for (const name of ['reason', 'plan', 'talk_points', 'contract_no']) assert.equal(r.json[name], cleaned(fields[name]), name);
            if (i % 4) continue;
            const path = `/reports/daily/${r.json.id}`;
            for (const page of [path, `${path}/edit`, '/reports/daily/queue']) assert_inert(ok(await lead.get(page, { html: true })).text, cleaned(s), page);
            ok(await lead.post(`${path}/return`, { json: { reason: `${s} !` } }));
            const notice = ok(await rep.get('/notices')).json.notices[0];
            assert.ok(notice.text.includes(cleaned(`${s} !`)), notice.text);
            for (const page of ['/notices', '/', `${path}/edit`]) assert_inert(ok(await rep.get(page, { html: true })).text, cleaned(s), page);
        }
    });

    it('do so through the cells of an import, and in its messages', async () => {
        const texts = STRINGS.filter((s) => cleaned(s) && !/[\uFFFF]/.test(s)), rows = texts.map((s, i) => [`批${String(i).padStart(3, '0')}`, s]);
        const book = ok(await admin.post('/positions/import?mode=all', { files: { file: { name: 'x.xlsx', data: xlsx([['岗位', '岗位职责'], ...rows]) } } })).json;
        assert.equal(book.counts.bad, 0);
        const stored = new Map(ok(await admin.get(`/positions?per_page=500&q=${encodeURIComponent('批')}`)).json.rows.map((r) => [r.name, r.duties]));
        for (const [name, s] of rows) assert.equal(stored.get(name), cleaned(s), JSON.stringify(s));
        const again = ok(await admin.post('/positions/import?mode=all', { files: { file: { name: 'x.csv', data: csv([['岗位', '岗位职责'], ...rows]) } } })).json;
        assert.deepEqual([again.counts.bad, again.counts.new], [0, 0]);
        for (const [name, s] of rows) assert.equal(ok(await admin.get(`/positions?q=${encodeURIComponent(name)}`)).json.rows[0].duties, cleaned(s));
        const evil = STRINGS.slice(0, 40);
        for (const s of evil.filter((x, i) => i % 5 === 0)) {
            const sent = await admin.post('/people/import', { html: true, form: { _csrf: admin.csrf }, files: { file: { name: `${s.replace(/["\\/]/g, '')}.csv`, data: csv([[s, '姓名', '团队'], [s, s, s], ['2', '某', '上海一部']]) } } });
            ok(sent, 303);
            assert_inert(ok(await admin.get(sent.location, { html: true })).text, cleaned(s), 'the preview');
        }
    });

    it('do so through units, items, settings, accounts, searches and addresses', async () => {
        for (const [i, s] of STRINGS.entries()) {
            if (i % 3 || !cleaned(s)) continue;
            const name = [...s].slice(0, 25).join('');
            const unit = ok(await admin.post('/units', { json: { name, kind: 'team', parent_id: co.unit.east.id } }), 201).json;
            assert.equal(unit.name, cleaned(name));
            ok(await admin.call('PATCH', `/units/${unit.id}`, { json: { status: 'closed' } }));
            ok(await admin.post('/settings', { json: { 'company.name': s.slice(0, 100) } }));
            for (const [page, text] of [['/units?status=closed', cleaned(name)], ['/settings', cleaned(s.slice(0, 100))], [`/people?q=${encodeURIComponent(s)}`, s], [`/people?grade=${encodeURIComponent(s)}`, s]]) {
                assert_inert(ok(await admin.get(page, { html: true })).text, text, page);
            }
            for (const page of [`/${encodeURIComponent(s)}`, `/people/${encodeURIComponent(s)}`, `/people?sort=${encodeURIComponent(s)}`, `/people?${encodeURIComponent(s)}=1`, `/calendar?year=${encodeURIComponent(s)}`, `/login?next=${encodeURIComponent(s)}`, `/assets/${encodeURIComponent(s)}`, `/setup/${encodeURIComponent(s)}`]) {
                const r = await app.visitor().get(page, { html: true }), mine = await admin.get(page, { html: true });
                for (const x of [r, mine]) {
                    assert.ok(x.status < 500, `${page}: ${x.status}`);
                    assert.doesNotMatch(x.text, /<script>|<img src=x|<svg\/onload|<iframe/, page);
                    if (x.location) assert.match(x.location, /^\/(?![/\\])/, page);
                }
            }
        }
        for (const [i, s] of ['<b>项</b>', '{{{x}}}', "'\"&"].entries()) {
            ok(await admin.post('/numbers/metrics', { json: { in_report: true, name: s, code: `evil_${i}`, unit: 'times' } }), 201);
            for (const page of ['/reports/daily/new', '/reports/daily', '/reports/daily/board']) assert_inert(ok(await rep.get(page, { html: true })).text, s, page);
        }
        ok(await app.make_account({ login: 'evil', name: '<b>{{{x}}}</b>', roles: ['rep'] }).then(() => admin.get('/accounts', { html: true })));
        const evil = await app.log_in('evil');
        for (const page of ['/', '/account', '/people']) assert_inert(ok(await evil.get(page, { html: true })).text, '<b>{{{x}}}</b>', page);
    });

    it('that are no UTF-8, hold NUL, or are far too long are refused where they come in', async () => {
        const raw = (bytes) => admin.post('/positions', { body: Buffer.concat([Buffer.from('name='), Buffer.from(bytes)]), headers: { 'content-type': 'application/x-www-form-urlencoded' } });
        for (const bytes of [[0xff], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xf5, 0x80, 0x80, 0x80], [0xe4, 0xb8], [0x80], [0xf8, 0x88, 0x80, 0x80, 0x80], [0xc3, 0x28]]) {
            ok(await raw(bytes), 400);
            ok(await raw(Buffer.from([...bytes].map((b) => `%${b.toString(16)}`).join(''))), 400);
            const boundary = 'xx', part = Buffer.concat([Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; name="name"\r\n\r\n`), Buffer.from(bytes), Buffer.from(`\r\n--${boundary}--\r\n`)]);
            ok(await admin.post('/positions', { body: part, headers: { 'content-type': `multipart/form-data; boundary=${boundary}` } }), 400);
            ok(await admin.post('/positions', { body: Buffer.concat([Buffer.from('{"name":"'), Buffer.from(bytes), Buffer.from('"}')]), headers: { 'content-type': 'application/json' } }), 400);
            const query = await admin.get(`/people?q=${[...bytes].map((b) => `%${b.toString(16)}`).join('')}`);
            assert.ok([200, 400].includes(query.status));
            assert.equal((await admin.get(`/people/${[...bytes].map((b) => `%${b.toString(16)}`).join('')}`)).status >= 400, true);
        }
        for (const body of ['name=a%00b', 'na%00me=x', 'name=%', 'name=%4', 'name=%zz']) ok(await admin.post('/positions', { body, headers: { 'content-type': 'application/x-www-form-urlencoded' } }), 400);
        ok(await admin.post('/positions', { body: '{"name":"a\\u0000b"}', headers: { 'content-type': 'application/json' } }), 400);
        ok(await admin.post('/positions', { body: '{"name":"\\ud800"}', headers: { 'content-type': 'application/json' } }), 400);
        for (const [path, name, more] of [['/people', 'name', { unit_id: co.unit.a.id }], ['/positions', 'duties', { name: 'lang' }], ['/units', 'name', { kind: 'team', parent_id: co.unit.root.id }], ['/leave', 'note', { first_day: today(300), last_day: today(300) }], ['/reports/daily', 'plan', { day: today() }]]) {
            const who = path.startsWith('/reports') || path === '/leave' ? rep : admin;
            const r = ok(await who.post(path, { json: { ...more, [name]: 'x'.repeat(100000) } }), 422);
            assert.ok(field_of(r, name), path);
            assert.ok(r.text.length < 5000, 'the answer does not repeat it');
        }
        for (const name of ['name', 'grade', 'phone', 'no']) ok(await admin.post('/people', { json: { unit_id: co.unit.a.id, name: 'ok', [name]: 'two\nlines' } }), 422);
        const trimmed = ok(await admin.post('/positions', { json: { name: ' \u3000\u0007两边\u001b[31m\u007f \n', duties: 'a\r\nb\u0000'.replace('\u0000', '') } }), 201).json;
        assert.deepEqual([trimmed.name, trimmed.duties], ['两边[31m', 'a\nb']);
    });

    it('do not reach a header or the log as lines of their own', async () => {
        const crlf = 'x\r\nSet-Cookie: evil=1\r\n\r\n<script>';
        const r = ok(await admin.post('/positions', { html: true, form: { _csrf: admin.csrf, name: crlf.slice(0, 20).replace(/[\r\n]/g, ''), duties: crlf } }), 303);
        assert.ok(!('evil' in r.headers));
        for (const back of [`/x${crlf}`, '/x%0d%0aSet-Cookie:evil=1']) {
            const page = await admin.post('/account/language', { html: true, form: { _csrf: admin.csrf, lang: 'en', next: back } });
            assert.ok(!page.set_cookies.some((c) => c.startsWith('evil')) && !/[\r\n]/.test(page.location ?? ''));
        }
        await app.visitor().get('/%0d%0alevel=error%20msg=forged%20%1b[2J', { html: true });
        await app.visitor().post('/login', { json: { login: 'x\nlevel=error msg=forged', password: 'y' } });
        assert.ok(!app.lines.some((l) => /^level=error msg=forged|^msg=forged/.test(l) || l.includes('\u001b')), app.lines.filter((l) => l.includes('forged')).join('\n'));
        const name = '"; filename="x.exe\r\nSet-Cookie: evil=1';
        ok(await admin.post('/people/columns', { form: { columns: name } }));
        const up = await admin.post('/people/import', { html: true, form: { _csrf: admin.csrf }, files: { file: { name: '..\\..\\a<b>;\'.csv', data: csv([['姓名', '团队'], ['', '']]) } } });
        assert.ok([303, 422].includes(up.status));
    });
});

/* ---- HTTP as it should not be ---- */

/* Sends bytes as they are; the whole answer, or '' when the server closes without one, or says nothing more for quiet_ms.
 * Where an answer must come, and the server closes after it, waiting for it long costs nothing. parts: bytes, or [bytes, pause in ms] */
const PATIENT_MS = 60000;
function raw(app, parts, quiet_ms = 2500) {
    return new Promise((done) => {
        const socket = connect({ host: app.host, port: app.port }), got = [];
        const end = () => { clearTimeout(timer); socket.destroy(); done(Buffer.concat(got).toString('latin1')); };
        let timer = null;
        const wait = () => { clearTimeout(timer); timer = setTimeout(end, quiet_ms); };
        socket.on('data', (d) => { got.push(d); wait(); });
        socket.on('close', end);
        socket.on('error', end); /* a reset is an answer too */
        (async () => {
            for (const [bytes, pause] of parts.map((p) => (Array.isArray(p) ? p : [p, 0]))) {
                if (socket.destroyed) return;
                socket.write(bytes);
                if (pause) await new Promise((next) => setTimeout(next, pause));
            }
            wait();
        })();
    });
}
const statuses = (answer) => [...answer.matchAll(/HTTP\/1\.[01] (\d{3})/g)].map((m) => Number(m[1]));

describe('broken HTTP', () => {
    let app;
    const slow_ones = []; /* promises of how long the server bore each */
    before(async () => {
        app = await start_app();
        for (const text of ['GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ', head('Content-Length: 100000\r\n\r\n{"login":"')]) {
            const began = Date.now(), socket = connect({ host: app.host, port: app.port });
            const drip = setInterval(() => socket.write('a'), 500);
            slow_ones.push(new Promise((done) => socket.on('error', () => {}).on('data', () => {}).on('close', () => { clearInterval(drip); done(Date.now() - began); })));
            socket.write(text);
        }
    });
    after(() => app.stop());
    const alive = async () => assert.equal((await app.visitor().get('/healthz')).status, 200);
    const head = (extra, method = 'POST', path = '/login') => `${method} ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\n${extra}`;
    const smuggled = 'GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n';

    it('with two lengths, or a length and chunks, smuggles no second request', async () => {
        for (const extra of [
            `Content-Length: 2\r\nContent-Length: ${smuggled.length + 2}\r\n\r\n{}${smuggled}`,
            `Content-Length: ${smuggled.length + 5}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${smuggled}`,
            `Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n${smuggled}`,
            `Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\nContent-Length: 3\r\n\r\n0\r\n\r\n${smuggled}`,
            `Transfer-Encoding : chunked\r\nContent-Length: 2\r\n\r\n{}${smuggled}`,
            `Transfer-Encoding: xchunked\r\nContent-Length: 2\r\n\r\n{}${smuggled}`,
            `Content-Length: +2\r\n\r\n{}${smuggled}`, `Content-Length: 2, 2\r\n\r\n{}${smuggled}`, `Content-Length: 0x2\r\n\r\n{}${smuggled}`, `Content-Length: -1\r\n\r\n{}${smuggled}`, `Content-Length: 99999999999999999999\r\n\r\n{}${smuggled}`,
        ]) {
            const answer = await raw(app, [head(extra)]);
            assert.ok(!answer.includes('xiaoguan_requests_total'), `a second request was answered:\n${extra.slice(0, 120)}`);
            for (const s of statuses(answer)) assert.ok(s >= 400 && s < 500, `${s} for ${extra.slice(0, 80)}`);
            await alive();
        }
    });

    it('with folded headers, bare line feeds, spaces and NULs is refused or read as one request', async () => {
        for (const text of [
            'GET /healthz HTTP/1.1\r\nHost: x\r\nX-A: b\r\n folded: c\r\nConnection: close\r\n\r\n', 'GET /healthz HTTP/1.1\nHost: x\nConnection: close\n\n', 'GET  /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
            'GET /healthz HTTP/1.1\r\nHost : x\r\nConnection: close\r\n\r\n', 'GET /healthz HTTP/1.1\r\n Host: x\r\nConnection: close\r\n\r\n', 'GET /healthz HTTP/1.1\r\nHost: x\r\nA\0B: c\r\nConnection: close\r\n\r\n', 'GET /health\0z HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
            'GET /healthz HTTP/9.9\r\nHost: x\r\nConnection: close\r\n\r\n', 'GET /healthz\r\n\r\n', 'BREW /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n', 'TRACE / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n', 'CONNECT evil:443 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n', 'OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
            'GET http://evil.example/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n', 'GET //healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n', 'GET /../../etc/passwd HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n', 'GET /assets/../../etc/passwd HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n', 'GET /assets/..%2f..%2fetc%2fpasswd HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
            'GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n', 'GET /healthz HTTP/1.1\r\nHost: a\r\nHost: b\r\nConnection: close\r\n\r\n', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', '\r\n\r\n\r\n\r\n', '\0'.repeat(100), 'x'.repeat(5000), `GET /${'a'.repeat(20000)} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`,
        ]) {
            const answer = await raw(app, [[Buffer.from(text, 'latin1'), 100], '\r\n\r\n']);
            const list = statuses(answer);
            assert.ok((list.length <= 1 || list.every((x) => x >= 400)) && list.every((x) => x < 500 || x === 501 || x === 505), `${JSON.stringify(text.slice(0, 60))}: ${list}`);
            assert.ok(!answer.includes('root:'), text);
            if (/TRACE/.test(text)) assert.ok(!answer.includes('TRACE / HTTP'), 'nothing is echoed');
        }
        await alive();
    });

    it('with a header of a megabyte, or ten thousand headers, is cut off', async () => {
        for (const text of [`GET / HTTP/1.1\r\nHost: x\r\nX-Big: ${'a'.repeat(1 << 20)}\r\n\r\n`, `GET / HTTP/1.1\r\nHost: x\r\n${Array.from({ length: 10000 }, (_, i) => `X-${i}: ${i}\r\n`).join('')}\r\n`, `GET / HTTP/1.1\r\nHost: x\r\nCookie: ${'a=b; '.repeat(100000)}\r\n\r\n`]) {
            const answer = await raw(app, [text]);
            assert.ok(statuses(answer).every((s) => [400, 413, 414, 431].includes(s)), String(statuses(answer)));
            await alive();
        }
    });

    it('with bad chunks is refused, with good ones read', async () => {
        const body = JSON.stringify({ login: 'a', password: 'b' }), chunked = (s) => head(`Transfer-Encoding: chunked\r\n\r\n${s}`);
        for (const bad of [`zz\r\n${body}\r\n0\r\n\r\n`, `-1\r\n${body}\r\n0\r\n\r\n`, `FFFFFFFFFFFFFFFFF\r\n${body}\r\n0\r\n\r\n`, `5\r\n${body}\r\n0\r\n\r\n`, `${body.length.toString(16)}${body}\r\n0\r\n\r\n`]) {
            const answer = await raw(app, [chunked(bad)]);
            assert.ok(statuses(answer).every((s) => s >= 400 && s < 500), `${bad}: ${statuses(answer)}`);
        }
        assert.deepEqual(statuses(await raw(app, [chunked(`${body.length.toString(16)};x=y\r\n${body}\r\n0\r\nTrailer: x\r\n\r\n`)], PATIENT_MS)), [422]);
        assert.deepEqual(statuses(await raw(app, [chunked([...body].map((ch) => `1\r\n${ch}\r\n`).join('') + '0\r\n\r\n')], PATIENT_MS)), [422], 'byte by byte');
        const big = 'x'.repeat(1 << 16), many = Array.from({ length: 64 }, () => `${big.length.toString(16)}\r\n${big}\r\n`).join('');
        assert.ok(statuses(await raw(app, [chunked(`${many}0\r\n\r\n`)])).every((s) => s === 413), 'a length that is not said beforehand is limited all the same');
    });

    it('that stops in the middle takes nothing away from others', async () => {
        const slow = Array.from({ length: 50 }, () => connect({ host: app.host, port: app.port }));
        for (const [i, s] of slow.entries()) {
            s.on('error', () => {}).resume();
            s.write(i % 2 ? head('Content-Length: 100\r\n\r\n{"login"') : 'GET / HTTP/1.1\r\nHost:');
        }
        await Promise.all(Array.from({ length: 20 }, alive));
        assert.ok(slow.every((s) => !s.destroyed), 'the others are served while these are borne');
        for (const s of slow) s.destroy();
        const answer = await raw(app, [[head('Content-Length: 30\r\n\r\n'), 200], ['{"login":"a",', 200], '"password":"b"}  '], PATIENT_MS);
        assert.deepEqual(statuses(answer), [422], 'a slow one that ends is served');
    });

    it('that drips is cut off after some seconds, before its head or its body is complete', async () => {
        const late = new Promise((done) => setTimeout(done, 40000, 'still open').unref());
        for (const one of slow_ones) {
            const took = await Promise.race([one, late]);
            assert.ok(took > 5000 && took < 30000, String(took));
        }
        await alive();
    });

    it('with several requests on one connection answers each in its turn', async () => {
        const one = 'GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n';
        assert.deepEqual(statuses(await raw(app, [one.repeat(20) + one.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n')], PATIENT_MS)), Array(21).fill(200));
    });
});

describe('broken bodies', () => {
    let app, co, admin, rep;
    before(async () => {
        app = await start_app();
        admin = await app.as('admin');
        co = await found_company(app);
        rep = await co.as('rep_a');
    });
    after(() => app.stop());
    const json = (body, path = '/positions') => admin.post(path, { body, headers: { 'content-type': 'application/json' } });

    it('in JSON: too deep, doubled, endless, or none', async () => {
        for (const body of ['['.repeat(10000), '['.repeat(10000) + ']'.repeat(10000), '{"a":'.repeat(10000) + '1' + '}'.repeat(10000), '{"name":"a","name":"b"}', '{"name":1e400}', '{"name":-1e999}', '{', '}', '{"name"}', "{'name':'x'}", '{"name":"x",}', '{"name":"x"} x', '\ufeff{"name":"x"}', 'NaN', '{"name":NaN}', '{"name":"\u0001"}', '{"name":01}', '{"name":"x"', '{"name":"\\x41"}', `{"name":${'9'.repeat(100000)}}`]) {
            const r = await json(body);
            assert.equal(r.status, 400, `${body.slice(0, 40)}: ${r.status} ${r.text.slice(0, 200)}`);
            assert.match(r.type, /problem\+json/);
            assert.ok(r.text.length < 2000);
        }
        for (const body of ['null', '[]', '1', '"x"', 'true', '[{"name":"x"}]']) assert.ok([400, 422].includes((await json(body)).status), body);
        for (const value of [{}, [], [1], { a: { b: 1 } }, null, true, 12345678901234567890, 1e300, -0.0, 1e-300]) {
            const r = await admin.post('/positions', { json: { name: '嵌套', duties: value, [`x${Math.random()}`]: value } });
            assert.ok([201, 400, 409, 422].includes(r.status), `${JSON.stringify(value)}: ${r.status} ${r.text.slice(0, 200)}`);
        }
        for (const n of ['1e400', '123456789012345678901234567890', '1e18', '-9223372036854775809', '1.7976931348623157e308', '0.1e-400']) {
            const r = await rep.post('/reports/daily', { body: `{"day":"${today()}","visits":${n},"amount":${n},"lines":[{"item":"calls","value":${n}}]}`, headers: { 'content-type': 'application/json' } });
            assert.ok([400, 422].includes(r.status) || (n.includes('e-') && r.status < 300), `${n}: ${r.status} ${r.text.slice(0, 200)}`);
        }
    });

    it('in multipart: no boundary, wrong ends, missing names, headers without end, thousands of parts', async () => {
        const send = (type, body, path = '/positions') => admin.post(path, { body, headers: { 'content-type': type } });
        const part = (name, value, b = 'B') => `--${b}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
        for (const [type, body] of [
            ['multipart/form-data', `${part('name', 'x')}--B--\r\n`], ['multipart/form-data; boundary=', `${part('name', 'x')}--B--\r\n`], [`multipart/form-data; boundary=${'b'.repeat(71)}`, 'x'], ['multipart/form-data; boundary=C', `${part('name', 'x')}--B--\r\n`],
            ['multipart/form-data; boundary=B', part('name', 'x')], ['multipart/form-data; boundary=B', '--B'], ['multipart/form-data; boundary=B', '--B\r\n'], ['multipart/form-data; boundary=B', '--B\r\nContent-Disposition: form-data; name="name"'],
            ['multipart/form-data; boundary=B', '--B\r\nContent-Disposition: form-data\r\n\r\nx\r\n--B--\r\n'], ['multipart/form-data; boundary=B', '--B\r\n\r\nx\r\n--B--\r\n'], ['multipart/form-data; boundary=B', `--B\r\n${'X: y\r\n'.repeat(5000)}`], ['multipart/form-data; boundary=B', `--B\r\nX: ${'y'.repeat(10000)}\r\n\r\nx\r\n--B--\r\n`],
            ['multipart/form-data; boundary=B', 'preamble without mark'], ['multipart/form-data; boundary="B', `${part('name', 'x')}--B-\r\n`], ['multipart/form-data; boundary=B', '--B\r\nContent-Disposition: form-data; name="na\xff"\r\n\r\nx\r\n--B--\r\n'],
        ]) {
            const r = await send(type, Buffer.from(body, 'latin1'));
            assert.ok([400, 422].includes(r.status), `${type} ${JSON.stringify(body.slice(0, 50))}: ${r.status} ${r.text.slice(0, 200)}`);
        }
        ok(await send('multipart/form-data; boundary=B', Array.from({ length: 1500 }, (_, i) => part(`f${i}`, '1')).join('') + '--B--\r\n'), 413);
        const good = ok(await send('multipart/form-data; boundary="B"', `${part('name', '多部分')}${part('duties', 'a\r\n--b\r\n--\r\nb')}--B--\r\n`), 201).json;
        assert.deepEqual([good.name, good.duties], ['多部分', 'a\n--b\n--\nb'], 'dashes in a text are text');
        ok(await send('Multipart/Form-Data; charset=utf-8; boundary=B', `${part('name', '多部分二')}--B--\r\n`), 201);
        const doubled = ok(await send('multipart/form-data; boundary=B', `${part('name', '第一')}${part('name', '第二')}--B--\r\n`), 201).json;
        assert.equal(doubled.name, '第一', 'the first of two');
        const file_as_text = await send('multipart/form-data; boundary=B', '--B\r\nContent-Disposition: form-data; name="name"; filename="a.txt"\r\n\r\nx\r\n--B--\r\n');
        ok(file_as_text, 422);
    });

    it('of the wrong kind or size', async () => {
        for (const type of ['', 'text/html', 'application/json5', 'multipart/mixed; boundary=B', 'application/x-www-form-urlencodedx', 'é', 'a'.repeat(3000)]) {
            const r = await admin.post('/positions', { body: 'name=x', headers: { 'content-type': type || null } });
            assert.ok([400, 415].includes(r.status), `${type.slice(0, 30)}: ${r.status}`);
        }
        ok(await json(`{"name":"x","duties":"${'y'.repeat((2 << 20) + 10)}"}`), 413);
        ok(await admin.post('/positions', { body: `name=${'y'.repeat((1 << 20) + 10)}`, headers: { 'content-type': 'application/x-www-form-urlencoded' } }), 413);
        const huge = Buffer.alloc(22 << 20, 0x61);
        const up = await admin.post('/people/import', { files: { file: { name: 'x.csv', data: huge } } });
        assert.ok([413, 422].includes(up.status), `${up.status}`);
        const photo = await rep.post('/reports/daily', { form: { day: today() }, files: { photo: { name: 'x.png', data: huge.subarray(0, 20 << 20) } } });
        assert.ok([413, 422].includes(photo.status), `${photo.status}`);
        ok(await app.visitor().get('/healthz'));
        const get_with_body = await admin.call('GET', '/people', { body: '{"name":1}', headers: { 'content-type': 'application/json' } });
        assert.ok([200, 400].includes(get_with_body.status));
    });

    it('of spreadsheets: bombs, foreign archives, DTDs, endless rows', async () => {
        const { zip } = await import('../support/sheet.mjs');
        const sheet = (rows) => `<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>${rows}</sheetData></worksheet>`;
        const book = xlsx([['岗位'], ['x']]), names = { 'xl/workbook.xml': '<workbook/>', '[Content_Types].xml': '<Types/>' };
        const cases = [
            zip({ 'a.txt': 'x' }), zip({ ...names, 'xl/worksheets/sheet1.xml': sheet('<row') }), zip({ ...names, 'xl/worksheets/sheet1.xml': `<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>${sheet('<row r="1"><c t="inlineStr"><is><t>&b;</t></is></c></row>')}` }),
            zip({ ...names, 'xl/worksheets/sheet1.xml': `<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>${sheet('<row r="1"><c t="inlineStr"><is><t>&a;</t></is></c></row>')}` }),
            zip({ ...names, 'xl/worksheets/sheet1.xml': sheet('<row r="99999999"><c r="ZZZZZ99999999"><v>1</v></c></row>') }), zip({ ...names, '../../etc/cron.d/x': 'x', 'xl/worksheets/sheet1.xml': sheet('') }), zip({ ...names, 'xl/worksheets/sheet1.xml': '<a>'.repeat(100000) }),
            book.subarray(0, book.length - 30), Buffer.concat([book, book]), Buffer.from('岗位\n"never closed'), Buffer.from(`岗位\n${'x'.repeat(100000)}\n`), Buffer.from(Array.from({ length: 600 }, (_, i) => `c${i}`).join(',')), Buffer.from('\ufeff岗位\r\r\r\n,,,,\n'),
        ];
        for (const [i, data] of cases.entries()) {
            const r = await admin.post('/positions/import?mode=skip', { files: { file: { name: 'x.xlsx', data } } });
            assert.ok([200, 400, 413, 422].includes(r.status), `case ${i}: ${r.status} ${r.text.slice(0, 300)}`);
            assert.ok(!r.text.includes('root:'), `case ${i}`);
        }
        assert.ok(!JSON.stringify(ok(await admin.get('/positions?per_page=500')).json).includes('root:'));
    });

    it('and cookies, tokens and origins that are not ours', async () => {
        for (const cookie of ['__Host-sid=x', '__Host-sid=', `__Host-sid=${'A'.repeat(43)}`, `__Host-sid=${'A'.repeat(1000)}`, '__Host-sid=\u00ff'.replace('\u00ff', '%ff'), '; ; =; a', 'flash=!!!!', `flash=${Buffer.from('success:<script>').toString('base64url')}`, 'flash=AAAA', '__Host-sid="quoted"', 'a='.repeat(500), "__Host-sid=' OR 1=1 --"]) {
            const visitor = app.visitor(), r = await visitor.get('/people', { html: true, headers: { cookie } });
            assert.equal(r.status, 303, cookie.slice(0, 40));
            const login = ok(await visitor.get('/login', { html: true, headers: { cookie } }));
            assert.doesNotMatch(login.text, /<script>/);
        }
        for (const authorization of ['Bearer', 'Bearer ', 'Bearer x', `Bearer ${'A'.repeat(43)}`, `Bearer xg_${'A'.repeat(43)}`, 'Basic YWRtaW46YWRtaW4=', 'bearer \'', `Bearer ${'x'.repeat(3000)}`]) {
            assert.equal((await app.visitor().get('/people', { headers: { authorization } })).status, 401, authorization.slice(0, 30));
        }
        for (const headers of [{ origin: 'https://evil.example' }, { 'sec-fetch-site': 'cross-site' }, { 'sec-fetch-site': 'same-site' }, { origin: 'null' }]) {
            assert.equal((await admin.post('/positions', { json: { name: '跨站' }, headers })).status, 403, JSON.stringify(headers));
            assert.equal((await app.visitor().post('/login', { json: { login: 'admin', password: 'x' }, headers })).status, 403, JSON.stringify(headers));
        }
        for (const token of ['', 'x', null, admin.csrf.slice(1), `${admin.csrf}x`, rep.csrf]) assert.equal((await admin.post('/positions', { json: { name: '无令牌' }, headers: { 'x-csrf-token': token } })).status, 403, String(token));
        assert.equal(ok(await admin.get(`/positions?q=${encodeURIComponent('跨站')}`)).json.total, 0);
        for (const headers of [{ 'x-forwarded-for': '127.0.0.1' }, { 'x-forwarded-host': 'evil.example' }, { 'x-http-method-override': 'DELETE' }, { 'x-original-url': '/accounts' }, { 'x-rewrite-url': '/accounts' }, { host: 'evil.example' }]) {
            const r = await rep.get('/people', { html: true, headers });
            ok(r);
            assert.ok(!r.text.includes('evil.example'));
        }
        ok(await app.visitor({ address: '127.9.9.9' }).get('/metrics', { headers: { 'x-forwarded-for': '127.0.0.1' } }), 403);
    });
});
