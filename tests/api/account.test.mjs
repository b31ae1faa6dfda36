/* account.test.mjs - log-in, set-up, passwords, links, second step, sessions, tokens, and accounts as administrators keep them. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { PASSWORD, ROLES, SETUP, start_app, totp } from '../support/app.mjs';

const field_of = (r, name) => r.json?.fields?.find((f) => f.field === name)?.message;
const NEW_PASSWORD = 'seven purple elephants';

describe('first run', () => {
    let app;
    before(async () => { app = await start_app({ setup: false }); });
    after(() => app.stop());

    it('prints a set-up link and has no password that works', async () => {
        assert.match(app.setup_path, /^\/setup\/[A-Za-z0-9_-]{43}$/);
        for (const password of ['admin', 'password', '12345678', 'xiaoguan']) {
            assert.equal((await app.visitor().login('admin', password)).status, 422);
        }
    });

    it('tells visitors of the log-in page that the system is not set up', async () => {
        const r = await app.visitor().get('/login', { html: true });
        assert.equal(r.status, 200);
        assert.match(r.text, /not been set up/);
    });

    it('refuses any other link', async () => {
        for (const path of ['/setup/x', `/setup/${'A'.repeat(43)}`, `${app.setup_path}x`]) {
            assert.equal((await app.visitor().get(path)).status, 404);
            assert.equal((await app.visitor().post(path, { json: SETUP })).status, 404);
        }
    });

    it('shows a form that works without script, with each error at its field', async () => {
        const visitor = app.visitor(), page = await visitor.get(app.setup_path, { html: true });
        assert.equal(page.status, 200);
        for (const name of ['company', 'name', 'login', 'password', 'password2']) assert.match(page.text, new RegExp(`name="${name}"`));
        const again = await visitor.post(app.setup_path, { html: true, form: { ...SETUP, name: '', login: 'a b', password2: 'another one' } });
        assert.equal(again.status, 422);
        for (const name of ['name', 'login', 'password2']) assert.match(again.text, new RegExp(`id="${name}-error"`));
        assert.match(again.text, /value="销冠测试公司"/);
        assert.doesNotMatch(again.text, /correct horse/);
        const r = await visitor.post(app.setup_path, { json: { ...SETUP, company: '', password: '12345678', password2: '12345678' } });
        assert.equal(r.status, 422);
        assert.match(r.type, /problem\+json/);
        assert.deepEqual(r.json.fields.map((f) => f.field).sort(), ['company', 'password']);
    });

    it('refuses a password made of the company or the log-in', async () => {
        for (const [login, password] of [['superuser', 'superuser12'], ['admin', '销冠测试公司1']]) {
            const r = await app.visitor().post(app.setup_path, { json: { ...SETUP, login, password, password2: password } });
            assert.equal(r.status, 422);
            assert.ok(field_of(r, 'password'), password);
        }
    });

    it('makes a new link at each start, and only the newest works', async () => {
        const old = app.setup_path;
        await app.restart();
        assert.notEqual(app.setup_path, old);
        assert.equal((await app.visitor().get(old)).status, 404);
        assert.equal((await app.visitor().get(app.setup_path)).status, 200);
    });

    it('makes the company and its administrator, who is logged in, once', async () => {
        const visitor = app.visitor();
        const both = await Promise.all([visitor, app.visitor()].map((v) => v.post(app.setup_path, { json: { ...SETUP, login: ' Admin ' } })));
        assert.deepEqual(both.map((r) => r.status).sort(), [200, 404]);
        const winner = both[0].status === 200 ? both[0] : both[1];
        assert.ok(winner.set_cookies.some((c) => /^__Host-sid=[A-Za-z0-9_-]{43}; Path=\/; HttpOnly; SameSite=Lax; Secure$/.test(c)), String(winner.set_cookies));
        assert.equal((await app.visitor().get(app.setup_path)).status, 404);
        const admin = await app.log_in('admin');
        const me = (await admin.get('/account')).json;
        assert.equal(me.login, 'admin');
        assert.deepEqual(me.roles, ['admin']);
        const units = (await admin.get('/units')).json;
        assert.equal(units.total, 1);
        assert.equal(units.rows[0].name, SETUP.company);
    });

    it('offers no link once there is an administrator', async () => {
        app.setup_path = null;
        await app.restart();
        assert.equal(app.setup_path, null);
        assert.doesNotMatch((await app.visitor().get('/login', { html: true })).text, /not been set up/);
    });

    it('keeps the secrets of links out of its log', async () => {
        assert.ok(!app.lines.some((l) => /path="?\/setup\/[A-Za-z0-9_-]{20}/.test(l)), app.lines.find((l) => /setup\//.test(l)));
    });
});

describe('log-in', () => {
    let app, admin;
    before(async () => {
        app = await start_app();
        admin = await app.as('admin');
        await app.make_account({ login: 'wang.fang', name: '王芳', roles: ['rep'] });
        await app.make_account({ login: 'gone', name: '走了', roles: ['rep'] });
    });
    after(() => app.stop());

    it('answers a wrong name, a wrong password and a disabled account with the same words', async () => {
        const gone = (await admin.get('/accounts?q=gone')).json.rows[0];
        assert.equal((await admin.post(`/accounts/${gone.id}/disable`, { json: {} })).status, 200);
        const answers = [];
        for (const [login, password] of [['nobody', PASSWORD], ['wang.fang', 'wrong wrong'], ['gone', PASSWORD]]) {
            const r = await app.visitor().login(login, password);
            answers.push(JSON.stringify({ ...r.json, request_id: undefined, status: r.status }));
        }
        assert.equal(new Set(answers).size, 1, answers.join('\n'));
        assert.equal(JSON.parse(answers[0]).status, 422);
        assert.equal(JSON.parse(answers[0]).code, 'log_in_failed');
    });

    it('takes the name however it is typed, the password exactly', async () => {
        await app.make_account({ login: 'typed', name: 'Typed', roles: ['rep'] });
        for (const login of ['typed', ' Typed ', 'ＴＹＰＥＤ']) assert.equal((await app.visitor().login(login)).status, 200, login);
        for (const password of [PASSWORD.toUpperCase(), `${PASSWORD} `, PASSWORD.slice(0, -1)]) {
            assert.equal((await app.visitor().login('typed', password)).status, 422, password);
        }
    });

    it('is a form that works without script: wrong once, right, on to the page that was asked for', async () => {
        const visitor = app.visitor();
        const asked = await visitor.get('/people', { html: true });
        assert.equal(asked.status, 303);
        assert.equal(asked.location, '/login?next=/people');
        const page = await visitor.get(asked.location, { html: true });
        assert.match(page.text, /name="next" value="\/people"/);
        const wrong = await visitor.post('/login', { html: true, form: { login: 'typed', password: 'wrong', next: '/people' } });
        assert.equal(wrong.status, 422);
        assert.match(wrong.text, /value="typed"/);
        assert.match(wrong.text, /name="next" value="\/people"/);
        assert.doesNotMatch(wrong.text, /value="wrong"/);
        const right = await visitor.post('/login', { html: true, form: { login: 'typed', password: PASSWORD, next: '/people' } });
        assert.equal(right.status, 303);
        assert.equal(right.location, '/people');
        assert.equal((await visitor.get('/people', { html: true })).status, 200);
    });

    it('leads to our own pages only', async () => {
        for (const next of ['//evil.example', 'https://evil.example/', '/\\evil.example', '/\t/evil.example', 'javascript:alert(1)', '/logout', '']) {
            const r = await app.visitor().post('/login', { html: true, form: { login: 'typed', password: PASSWORD, next } });
            assert.equal(r.location, '/', JSON.stringify(next));
        }
    });

    it('asks for what is missing, at its field', async () => {
        assert.ok(field_of(await app.visitor().post('/login', { json: { password: 'x' } }), 'login'));
        assert.ok(field_of(await app.visitor().post('/login', { json: { login: 'x' } }), 'password'));
        assert.equal((await app.visitor().post('/login', { form: {} })).status, 422);
    });

    it('gives a new token at each log-in and ends the old session of that browser', async () => {
        const client = await app.log_in('typed'), old = client.cookies.get('__Host-sid');
        const again = await client.login('typed');
        assert.equal(again.status, 200);
        assert.notEqual(client.cookies.get('__Host-sid'), old);
        const thief = app.visitor();
        thief.cookies.set('__Host-sid', old);
        assert.equal((await thief.get('/account')).status, 401);
    });

    it('does not take a session token that it did not make', async () => {
        const client = app.visitor();
        client.cookies.set('__Host-sid', 'A'.repeat(43));
        await client.login('typed');
        assert.notEqual(client.cookies.get('__Host-sid'), 'A'.repeat(43));
    });

    it('keeps a trusted phone for 30 days and other browsers until they are closed', async () => {
        const plain = await app.visitor().login('typed'), trusted = await app.visitor().login('typed', PASSWORD, { trust: true });
        const sid = (r) => r.set_cookies.find((c) => c.startsWith('__Host-sid='));
        assert.doesNotMatch(sid(plain), /Max-Age/);
        assert.match(sid(trusted), /Max-Age=2592000/);
    });

    it('keeps at most five sessions', async () => {
        const clients = [];
        for (let i = 0; i < 7; i++) clients.push(await app.log_in('typed'));
        assert.equal((await clients[6].get('/account')).json.sessions.length, 5);
        assert.equal((await clients[0].get('/account')).status, 401);
        assert.equal((await clients[6].get('/account')).status, 200);
    });

    it('ends with log-out, on the server too', async () => {
        const client = await app.log_in('typed'), sid = client.cookies.get('__Host-sid');
        const out = await client.logout();
        assert.equal(out.status, 200);
        assert.match(out.headers['clear-site-data'], /"storage"/);
        assert.equal(client.cookies.has('__Host-sid'), false);
        client.cookies.set('__Host-sid', sid);
        assert.equal((await client.get('/account')).status, 401);
        assert.equal((await app.visitor().post('/logout', { json: {} })).status, 200);
    });

    it('needs the token of the session for unsafe requests, and its own site', async () => {
        const client = await app.log_in('typed'), csrf = client.csrf;
        client.csrf = null;
        assert.equal((await client.post('/account/language', { json: { lang: 'en' } })).status, 403);
        client.csrf = csrf;
        assert.equal((await client.post('/account/language', { json: { lang: 'en' }, headers: { 'sec-fetch-site': 'cross-site' } })).status, 403);
        assert.equal((await client.post('/account/language', { json: { lang: 'en' }, headers: { origin: 'http://evil.example' } })).status, 403);
        assert.equal((await client.post('/account/language', { json: { lang: 'en' } })).status, 200);
        assert.equal((await app.visitor().post('/login', { json: { login: 'typed', password: PASSWORD }, headers: { 'sec-fetch-site': 'cross-site' } })).status, 403);
    });

    it('goes straight on for who is logged in already', async () => {
        const client = await app.log_in('typed');
        assert.equal((await client.get('/login?next=/account', { html: true })).location, '/account');
        assert.equal((await client.get('/login?next=//evil.example', { html: true })).location, '/');
    });

    it('writes log-ins and failures down', async () => {
        const visitor = app.visitor();
        await visitor.login('nobody', 'wrong');
        const r = await app.run('audit', 'verify');
        assert.equal(r.code, 0, r.err);
    });
});

describe('log-in limits', () => {
    let app;
    before(async () => {
        app = await start_app();
        for (const login of ['slow', 'other', 'coder']) await app.make_account({ login, name: login, roles: ['rep'] });
    });
    after(() => app.stop());

    it('make an account wait after five failures, whatever the address, and tell its owner', async () => {
        for (let i = 0; i < 5; i++) assert.equal((await app.visitor().login('slow', `wrong ${i}`)).status, 422, `try ${i}`);
        const r = await app.visitor().login('slow');
        assert.equal(r.status, 429);
        assert.equal(r.json.code, 'too_many');
        assert.ok(Number(r.headers['retry-after']) >= 1 && Number(r.headers['retry-after']) <= 15, r.headers['retry-after']);
        const page = await app.visitor().post('/login', { html: true, form: { login: 'slow', password: PASSWORD } });
        assert.equal(page.status, 429);
        assert.ok(page.headers['retry-after']);
        assert.match(page.text, /name="login"/);
        assert.equal((await app.visitor().login('other')).status, 200);
    });

    it('do not tell whether the account exists', async () => {
        for (let i = 0; i < 5; i++) assert.equal((await app.visitor().login('never.was', `wrong ${i}`)).status, 422);
        assert.equal((await app.visitor().login('never.was', 'wrong')).status, 429);
    });

    it('hold for the old password of one who is logged in', async () => {
        const client = await app.log_in('other');
        const change = (old_password) => client.post('/account/password', { json: { old_password, password: NEW_PASSWORD, password2: NEW_PASSWORD } });
        for (let i = 0; i < 5; i++) assert.ok(field_of(await change('wrong'), 'old_password'));
        assert.equal((await change(PASSWORD)).status, 429);
    });

    it('allow thirty tries a minute from one address, over all accounts', async () => {
        const visitor = app.visitor(), seen = [];
        for (let i = 0; i < 34; i++) seen.push((await visitor.login(`guess${i}`, 'wrong')).status);
        assert.equal(seen.filter((s) => s === 429).length > 0, true, seen.join(' '));
        assert.ok(seen.slice(0, 30).every((s) => s === 422), seen.join(' '));
        assert.equal((await app.visitor().login('coder')).status, 200);
    });
});

describe('passwords', () => {
    let app;
    before(async () => {
        app = await start_app();
        for (const login of ['li.na', 'li.lei', 'must']) await app.make_account({ login, name: login, roles: ['rep'] });
    });
    after(() => app.stop());

    it('are changed with the old one; the other sessions end', async () => {
        const here = await app.log_in('li.na'), there = await app.log_in('li.na');
        const r = await here.post('/account/password', { json: { old_password: PASSWORD, password: NEW_PASSWORD, password2: NEW_PASSWORD } });
        assert.equal(r.status, 200, r.text);
        assert.equal((await here.get('/account')).status, 200);
        assert.equal((await there.get('/account')).status, 401);
        assert.equal((await app.visitor().login('li.na')).status, 422);
        assert.equal((await app.visitor().login('li.na', NEW_PASSWORD)).status, 200);
    });

    it('are refused with the reason at the field', async () => {
        const client = await app.log_in('li.lei');
        const change = (more) => client.post('/account/password', { json: { old_password: PASSWORD, password: NEW_PASSWORD, password2: NEW_PASSWORD, ...more } });
        assert.ok(field_of(await change({ old_password: 'wrong' }), 'old_password'));
        assert.ok(field_of(await change({ password2: 'different one' }), 'password2'));
        for (const password of ['short', '12345678', 'password1', 'aaaaaaaa', 'li.lei123', 'x'.repeat(129), '销冠测试公司', PASSWORD]) {
            assert.ok(field_of(await change({ password, password2: password }), 'password'), password);
        }
        const page = await client.post('/account/password', { html: true, form: { old_password: 'wrong', password: 'x', password2: 'x', _csrf: client.csrf } });
        assert.equal(page.status, 422);
        assert.match(page.text, /id="old_password-error"/);
        assert.match(page.text, /id="password-error"/);
        assert.equal((await client.get('/account')).status, 200);
    });

    it('may be long, with spaces, in any script, and are not cut', async () => {
        const client = await app.log_in('li.lei'), long = `  我们 like ${'长'.repeat(100)} 密码 `;
        const r = await client.post('/account/password', { json: { old_password: PASSWORD, password: long, password2: long } });
        assert.equal(r.status, 200, r.text);
        assert.equal((await app.visitor().login('li.lei', long)).status, 200);
        assert.equal((await app.visitor().login('li.lei', long.trim())).status, 422);
        assert.equal((await app.visitor().login('li.lei', long.slice(0, 72))).status, 422);
    });

    it('are set by a link that works once, without ending the need for one', async () => {
        const admin = await app.as('admin'), row = (await admin.get('/accounts?q=must')).json.rows[0];
        const old = await app.log_in('must');
        const first = (await admin.post(`/accounts/${row.id}/invite`, { json: {} })).json;
        const link = (await admin.post(`/accounts/${row.id}/invite`, { json: {} })).json;
        const minutes = (Date.parse(link.until) - Date.now()) / 60000;
        assert.ok(minutes > 14 && minutes <= 15, `${minutes}`);
        assert.equal((await app.visitor().get(first.path)).status, 404, 'a newer link replaces it');
        const visitor = app.visitor(), page = await visitor.get(link.path, { html: true });
        assert.equal(page.status, 200);
        assert.match(page.text, /must/);
        const bad = await visitor.post(link.path, { html: true, form: { password: 'short', password2: 'short' } });
        assert.equal(bad.status, 422);
        assert.match(bad.text, /id="password-error"/);
        assert.equal((await old.get('/account')).status, 200, 'nothing has happened yet');
        const set = await visitor.post(link.path, { html: true, form: { password: NEW_PASSWORD, password2: NEW_PASSWORD } });
        assert.equal(set.status, 303);
        assert.equal((await visitor.get('/account')).json.login, 'must');
        assert.equal((await old.get('/account')).status, 401);
        assert.equal((await app.visitor().get(link.path)).status, 404);
        assert.equal((await app.visitor().post(link.path, { json: { password: PASSWORD, password2: PASSWORD } })).status, 404);
    });

    it('links of disabled accounts do not work', async () => {
        const admin = await app.as('admin'), made = (await admin.post('/accounts', { json: { login: 'later', name: 'Later', roles: ['rep'] } })).json;
        const link = (await admin.post(`/accounts/${made.id}/invite`, { json: {} })).json;
        assert.ok(Date.parse(link.until) - Date.now() > 6.9 * 86400000);
        await admin.post(`/accounts/${made.id}/disable`, { json: {} });
        assert.equal((await app.visitor().get(link.path)).status, 404);
        assert.equal((await admin.post(`/accounts/${made.id}/invite`, { json: {} })).status, 409);
    });

    it('keep the secrets of links out of the log', () => {
        assert.ok(!app.lines.some((l) => /\/invite\/[A-Za-z0-9_-]{20}/.test(l)), app.lines.find((l) => /invite\/[A-Za-z0-9_-]{20}/.test(l)));
    });
});

describe('the second step', () => {
    let app, secret, codes, used;
    const at = (offset) => totp(secret, Date.now() + offset * 30000);
    before(async () => {
        app = await start_app();
        for (const login of ['totp', 'totp.off']) await app.make_account({ login, name: login, roles: ['rep'] });
    });
    after(() => app.stop());

    it('is switched on with a first code; recovery codes are shown once', async () => {
        const client = await app.log_in('totp'), other = await app.log_in('totp');
        const offer = (await client.get('/account/totp')).json;
        assert.match(offer.secret, /^[A-Z2-7]{32}$/);
        assert.match(offer.uri, /^otpauth:\/\/totp\/Xiaoguan:totp\?secret=/);
        assert.notEqual((await client.get('/account/totp')).json.secret, offer.secret);
        secret = offer.secret;
        assert.ok(field_of(await client.post('/account/totp', { json: { setup: offer.setup, code: '000000' } }), 'code'));
        assert.ok(field_of(await client.post('/account/totp', { json: { setup: offer.setup.replace(secret, 'A'.repeat(32)), code: totp('A'.repeat(32)) } }), 'code'));
        assert.ok(field_of(await other.post('/account/totp', { json: { setup: 'x', code: at(0) } }), 'code'));
        let on, step; /* a step may end on the way, and with it the time of the code before it */
        do {
            step = Math.floor(Date.now() / 30000);
            on = await client.post('/account/totp', { json: { setup: offer.setup, code: at(-1) } });
        } while (on.status === 422 && step !== Math.floor(Date.now() / 30000));
        assert.equal(on.status, 200, on.text);
        codes = on.json.recovery_codes;
        assert.equal(codes.length, 10);
        assert.equal(new Set(codes).size, 10);
        for (const code of codes) assert.match(code, /^[a-z2-9]{4}(-[a-z2-9]{4}){3}$/);
        assert.equal((await other.get('/account')).status, 401, 'other sessions end');
        const mine = await client.get('/account');
        assert.equal(mine.json.totp_on, true);
        assert.equal(mine.json.recovery_left, 10);
        assert.ok(!mine.text.includes(codes[0]) && !mine.text.includes(secret));
        assert.equal((await client.post('/account/totp', { json: { setup: offer.setup, code: at(0) } })).status, 409);
    });

    it('shows the QR code and the codes on pages that need no script', async () => {
        const client = await app.log_in('totp.off'), page = await client.get('/account/totp', { html: true });
        assert.match(page.text, /<img src="data:image\/svg\+xml;base64,[A-Za-z0-9+/=]+"/);
        const setup = page.text.match(/name="setup" value="([^"]+)"/)[1], key = page.text.match(/<code>([A-Z2-7]{32})<\/code>/)[1];
        const bad = await client.post('/account/totp', { html: true, form: { setup, code: '1', _csrf: client.csrf } });
        assert.equal(bad.status, 422);
        assert.ok(bad.text.includes(key), 'the same secret is offered again');
        const on = await client.post('/account/totp', { html: true, form: { setup, code: totp(key), _csrf: client.csrf } });
        assert.equal(on.status, 200);
        assert.match(on.text, /[a-z2-9]{4}(-[a-z2-9]{4}){3}/);
    });

    it('asks for the code after the password, and gives no session before', async () => {
        const visitor = app.visitor(), first = await visitor.login('totp', PASSWORD, { next: '/people?x=1' });
        assert.equal(first.status, 200);
        assert.equal(first.json.second_step, true);
        assert.ok(!first.set_cookies.some((c) => c.startsWith('__Host-sid=')));
        assert.match(first.set_cookies.find((c) => c.startsWith('login_step=')), /Path=\/login; Max-Age=300; HttpOnly; SameSite=Lax/);
        assert.equal((await visitor.get('/account')).status, 401);
        assert.equal((await visitor.get('/login/code', { html: true })).status, 200);
        assert.ok(field_of(await visitor.post('/login/code', { json: { code: '000000' } }), 'code'));
        used = at(0);
        const second = await visitor.post('/login/code', { json: { code: used } });
        assert.equal(second.status, 200, second.text);
        assert.equal(second.location, '/people?x=1');
        assert.equal((await visitor.get('/account')).json.login, 'totp');
        assert.equal(visitor.cookies.has('login_step'), false);
    });

    it('takes each code once', async () => {
        const visitor = app.visitor();
        await visitor.login('totp');
        assert.ok(field_of(await visitor.post('/login/code', { json: { code: used } }), 'code'), 'used before');
        const twins = [app.visitor(), app.visitor()];
        for (const v of twins) await v.login('totp');
        const code = at(1), both = await Promise.all(twins.map((v) => v.post('/login/code', { json: { code } })));
        assert.deepEqual(both.map((r) => r.status).sort(), [200, 422]);
    });

    it('takes each recovery code once, however it is typed', async () => {
        for (const [i, typed] of [codes[0], codes[1].toUpperCase().replaceAll('-', ' ')].entries()) {
            const visitor = app.visitor();
            await visitor.login('totp');
            assert.equal((await visitor.post('/login/code', { json: { code: typed } })).status, 200, typed);
            assert.equal((await visitor.get('/account')).json.recovery_left, 9 - i);
        }
        const visitor = app.visitor();
        await visitor.login('totp');
        assert.ok(field_of(await visitor.post('/login/code', { json: { code: codes[0] } }), 'code'));
    });

    it('cannot be passed by a forged, borrowed or foreign ticket', async () => {
        const honest = app.visitor();
        await honest.login('totp');
        const ticket = honest.cookies.get('login_step'), other = ticket.replace(/^\d+/, (n) => String(Number(n) + 1));
        for (const forged of [other, ticket.replace(/^(\d+)\.\d+/, '$1.9999999999999999'), `${ticket}x`, 'x', '1.2.3.4']) {
            const visitor = app.visitor();
            visitor.cookies.set('login_step', forged);
            assert.equal((await visitor.post('/login/code', { json: { code: codes[2] } })).status, 401, forged);
            assert.equal((await visitor.get('/login/code', { html: true })).location, '/login');
        }
    });

    it('makes an account wait after five wrong codes', async () => {
        const visitor = app.visitor();
        await visitor.login('totp.off');
        for (let i = 0; i < 5; i++) assert.equal((await visitor.post('/login/code', { json: { code: `00000${i}` } })).status, 422);
        assert.equal((await visitor.post('/login/code', { json: { code: '000009' } })).status, 429);
    });

    it('is not passed by a link to set the password', async () => {
        const admin = await app.as('admin'), row = (await admin.get('/accounts?q=totp')).json.rows.find((r) => r.login === 'totp');
        const link = (await admin.post(`/accounts/${row.id}/invite`, { json: {} })).json, visitor = app.visitor();
        const between = app.visitor();
        await between.login('totp');
        const set = await visitor.post(link.path, { json: { password: NEW_PASSWORD, password2: NEW_PASSWORD } });
        assert.equal(set.location, '/login');
        assert.equal((await visitor.get('/account')).status, 401);
        assert.equal((await between.post('/login/code', { json: { code: codes[3] } })).status, 401, 'a ticket ends with its password');
        await visitor.login('totp', NEW_PASSWORD);
        assert.equal((await visitor.post('/login/code', { json: { code: codes[3] } })).status, 200);
    });

    it('is switched off with the password only', async () => {
        const client = app.visitor();
        await client.login('totp', NEW_PASSWORD);
        await client.post('/login/code', { json: { code: codes[4] } });
        assert.ok(field_of(await client.post('/account/totp/off', { json: { password: 'wrong' } }), 'password'));
        assert.equal((await client.get('/account')).json.totp_on, true);
        assert.equal((await client.post('/account/totp/off', { json: { password: NEW_PASSWORD } })).status, 200);
        assert.equal((await client.get('/account')).json.totp_on, false);
        assert.equal((await app.visitor().login('totp', NEW_PASSWORD)).json.second_step, false);
    });

    it('is switched off by an administrator when the phone is lost', async () => {
        const admin = await app.as('admin'), row = (await admin.get('/accounts?q=totp.off')).json.rows[0];
        assert.equal((await admin.get(`/accounts/${row.id}`)).json.has_totp, true);
        assert.equal((await admin.post(`/accounts/${row.id}/reset_totp`, { json: {} })).status, 200);
        assert.equal((await admin.get(`/accounts/${row.id}`)).json.has_totp, false);
        assert.equal((await app.visitor().login('totp.off')).json.second_step, false);
        assert.equal((await admin.post(`/accounts/${row.id}/reset_totp`, { json: {} })).status, 409);
    });

    it('is not switched on or off by an access token', async () => {
        const client = await app.log_in('totp', NEW_PASSWORD);
        const token = (await client.post('/account/tokens', { json: { name: 'x' } })).json.token, program = app.visitor({ token });
        const offer = (await program.get('/account/totp')).json;
        assert.equal((await program.post('/account/totp', { json: { setup: offer.setup, code: totp(offer.secret) } })).status, 403);
    });
});

describe('my account', () => {
    let app;
    before(async () => {
        app = await start_app();
        await app.make_account({ login: 'me', name: '我', roles: ['rep', 'lead'] });
        await app.make_account({ login: 'you', name: '你', roles: ['rep'] });
    });
    after(() => app.stop());

    it('shows where I am logged in, and ends a session', async () => {
        const here = await app.log_in('me'), there = app.visitor();
        await here.post('/account/sessions/end-others', { json: {} });
        await there.post('/login', { json: { login: 'me', password: PASSWORD }, headers: { 'user-agent': 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Mobile/15E148 MicroMessenger/8.0' } });
        const me = (await here.get('/account')).json;
        assert.deepEqual(me.roles, ['rep', 'lead']);
        assert.equal(me.sessions.length, 2);
        assert.deepEqual(me.sessions.map((s) => s.current).sort(), [false, true]);
        const other = me.sessions.find((s) => !s.current);
        assert.equal(other.device, 'WeChat on iPhone');
        assert.equal(other.address, there.address);
        assert.equal((await here.post(`/account/sessions/${other.id}/end`, { json: {} })).status, 200);
        assert.equal((await there.get('/account')).status, 401);
        assert.equal((await here.post(`/account/sessions/${other.id}/end`, { json: {} })).status, 404);
        assert.equal((await here.get('/account')).status, 200);
    });

    it('ends all other sessions at once', async () => {
        const here = await app.log_in('me'), there = await app.log_in('me');
        assert.equal((await here.post('/account/sessions/end-others', { json: {} })).status, 200);
        assert.equal((await there.get('/account')).status, 401);
        assert.equal((await here.get('/account')).json.sessions.length, 1);
    });

    it('does not reach the sessions and tokens of others', async () => {
        const me = await app.log_in('me'), you = await app.log_in('you');
        const session = (await you.get('/account')).json.sessions[0].id;
        await you.post('/account/tokens', { json: { name: 'yours' } });
        const token = (await you.get('/account')).json.tokens[0].id;
        assert.equal((await me.post(`/account/sessions/${session}/end`, { json: {} })).status, 404);
        assert.equal((await me.post(`/account/tokens/${token}/end`, { json: {} })).status, 404);
        assert.equal((await you.get('/account')).status, 200);
        assert.equal((await you.get('/account')).json.tokens.length, 1);
    });

    it('makes a token, shows it once, and ends it at once', async () => {
        const me = await app.log_in('me');
        assert.ok(field_of(await me.post('/account/tokens', { json: { name: ' ' } }), 'name'));
        const made = await me.post('/account/tokens', { json: { name: '报表' } });
        assert.equal(made.status, 201);
        assert.match(made.json.token, /^xg_[A-Za-z0-9_-]{43}$/);
        const program = app.visitor({ token: made.json.token });
        assert.equal((await program.get('/account')).json.login, 'me');
        const list = await me.get('/account');
        assert.ok(!list.text.includes(made.json.token));
        const row = list.json.tokens.find((t) => t.name === '报表');
        assert.ok(row.last_used_at);
        assert.equal((await me.post(`/account/tokens/${row.id}/end`, { json: {} })).status, 200);
        assert.equal((await program.get('/account')).status, 401);
        assert.equal((await program.post('/login', { json: {} })).status, 401);
    });

    it('shows a new token on the page too', async () => {
        const me = await app.log_in('me');
        const page = await me.post('/account/tokens', { html: true, form: { name: 'page', _csrf: me.csrf } });
        assert.equal(page.status, 200);
        assert.match(page.text, /xg_[A-Za-z0-9_-]{43}/);
        assert.doesNotMatch((await me.get('/account', { html: true })).text, /xg_[A-Za-z0-9_-]{43}/);
    });

    it('has at most twenty tokens', async () => {
        const you = await app.log_in('you');
        let last;
        for (let i = 0; i < 21; i++) last = await you.post('/account/tokens', { json: { name: `n${i}` } });
        assert.equal(last.status, 409);
    });

    it('makes a token on the command line', async () => {
        const r = await app.run('token', 'new', 'me');
        assert.equal(r.code, 0, r.err);
        assert.equal((await app.visitor({ token: r.out.trim() }).get('/account')).json.login, 'me');
        assert.notEqual((await app.run('token', 'new', 'nobody.at.all')).code, 0);
    });

    it('chooses the language, which stays', async () => {
        const me = await app.log_in('me');
        assert.match((await me.get('/account', { html: true })).text, /lang="en"/);
        const r = await me.post('/account/language', { html: true, form: { lang: 'zh_CN', next: '/account', _csrf: me.csrf } });
        assert.equal(r.status, 303);
        assert.equal(r.location, '/account');
        assert.match((await me.get('/account', { html: true })).text, /lang="zh-CN"/);
        const elsewhere = await app.log_in('me');
        assert.equal((await elsewhere.get('/account')).json.lang, 'zh_CN');
        assert.equal((await me.post('/account/language', { json: { lang: 'tlh' } })).status, 422);
        await me.post('/account/language', { json: { lang: 'en' } });
    });

    it('lets visitors choose the language by a cookie, and leads to our own pages only', async () => {
        const visitor = app.visitor();
        const r = await visitor.post('/account/language', { html: true, form: { lang: 'zh_CN', next: '/login' } });
        assert.equal(r.location, '/login');
        assert.equal(visitor.cookies.get('lang'), 'zh_CN');
        assert.match((await visitor.get('/login', { html: true })).text, /lang="zh-CN"/);
        for (const next of ['//evil.example', 'https://evil.example/', '/\\evil.example']) {
            assert.equal((await visitor.post('/account/language', { html: true, form: { lang: 'en', next } })).location, '/');
        }
        const back = await visitor.post('/account/language?lang=en&next=/x', { html: true, headers: { referer: `http://${app.host}:${app.port}/invite/abc?d=1` } });
        assert.equal(back.location, '/invite/abc?d=1');
    });

    it('is for those who are logged in', async () => {
        for (const path of ['/account', '/account/password', '/account/totp', '/accounts']) {
            assert.equal((await app.visitor().get(path)).status, 401, path);
            assert.equal((await app.visitor().get(path, { html: true })).location, `/login?next=${path}`);
        }
    });

    it('changes nothing by being looked at', async () => {
        const me = await app.log_in('me'), before = (await me.get('/account')).json;
        for (const path of ['/login', '/login/code', '/account', '/account/password', '/account/totp']) {
            for (const html of [true, false]) assert.ok((await me.get(path, { html })).status < 400, path);
        }
        const now = (await me.get('/account')).json;
        assert.deepEqual({ ...now, sessions: now.sessions.length }, { ...before, sessions: before.sessions.length });
    });
});

describe('accounts, for administrators', () => {
    let app, admin;
    before(async () => {
        app = await start_app();
        admin = await app.as('admin');
    });
    after(() => app.stop());

    it('are nobody else\'s business', async () => {
        for (const role of ROLES.filter((x) => x !== 'admin')) {
            const client = await app.as(role);
            for (const path of ['/accounts', '/accounts/1', '/accounts/new', '/accounts/1/edit', '/accounts/search?q=a', '/accounts/export.xlsx']) {
                assert.equal((await client.get(path)).status, 403, `${role} ${path}`);
            }
            for (const path of ['/accounts', '/accounts/1', '/accounts/1/invite', '/accounts/1/disable', '/accounts/1/reset_totp', '/accounts/bulk']) {
                assert.equal((await client.post(path, { json: {} })).status, 403, `${role} ${path}`);
            }
        }
    });

    it('are made with roles as a list of codes', async () => {
        const r = await admin.post('/accounts', { json: { login: 'Zhao.Min', name: '赵敏', roles: ['lead', 'rep'], scope: 'subtree' } });
        assert.equal(r.status, 201, r.text);
        assert.equal(r.headers.location, `/accounts/${r.json.id}`);
        const row = (await admin.get(`/accounts/${r.json.id}`)).json;
        assert.equal(row.login, 'zhao.min');
        assert.deepEqual(row.roles, ['rep', 'lead']);
        assert.equal(row.scope, 'subtree');
        assert.equal(row.status, 'active');
        assert.equal(row.has_password, false);
        assert.ok(!('password_hash' in row) && !('scope_stored' in row));
        assert.equal((await app.visitor().login('zhao.min', '')).status, 422);
    });

    it('are refused with each error at its field', async () => {
        const post = (json) => admin.post('/accounts', { json: { login: 'fine', name: 'Fine', roles: ['rep'], ...json } });
        assert.ok(field_of(await post({ login: 'a b' }), 'login'));
        assert.ok(field_of(await post({ login: 'ADMIN' }), 'login'));
        assert.ok(field_of(await post({ name: '' }), 'name'));
        assert.ok(field_of(await post({ roles: [] }), 'roles'));
        assert.ok(field_of(await post({ roles: ['boss'] }), 'roles'));
        assert.ok(field_of(await post({ roles: ['rep', 7] }), 'roles'));
        assert.ok(field_of(await post({ scope: 'galaxy' }), 'scope'));
        assert.ok(field_of(await post({ employee_id: 999999 }), 'employee_id'));
        assert.equal((await admin.get('/accounts?q=fine')).json.total, 0);
    });

    it('take no field that is not theirs', async () => {
        const r = await admin.post('/accounts', { json: {
            login: 'extra', name: 'Extra', roles: ['rep'], status: 'disabled', password_hash: 'x', has_password: true, id: 77, scope_stored: 3, role_codes: 'admin', must_change: 1,
        } });
        assert.equal(r.status, 201);
        const row = (await admin.get(`/accounts/${r.json.id}`)).json;
        assert.equal(row.status, 'active');
        assert.equal(row.has_password, false);
        assert.deepEqual(row.roles, ['rep']);
        assert.equal(row.scope, 'by_role');
    });

    it('have a form with six boxes that works without script', async () => {
        const page = await admin.get('/accounts/new', { html: true });
        assert.equal(page.status, 200);
        assert.equal(page.text.match(/type="checkbox" name="roles"/g).length, 6);
        const bad = await admin.post('/accounts', { html: true, form: { login: 'boxes', name: '', _roles: '1', scope: 'team', _csrf: admin.csrf } });
        assert.equal(bad.status, 422);
        assert.match(bad.text, /id="name-error"/);
        const none = await admin.post('/accounts', { html: true, form: { login: 'boxes', name: 'Boxes', _roles: '1', scope: 'team', _csrf: admin.csrf } });
        assert.equal(none.status, 422);
        assert.match(none.text, /id="roles-error"/);
        assert.match(none.text, /value="team" selected/);
        const made = await admin.post('/accounts', { html: true, form: { login: 'boxes', name: 'Boxes', _roles: '1', roles: ['rep', 'finance'], scope: 'team', _csrf: admin.csrf } });
        assert.equal(made.status, 303);
        const detail = await admin.get(made.location, { html: true });
        assert.equal(detail.status, 200);
        assert.match(detail.text, /Salesperson, Finance/);
        const edit = await admin.get(`${made.location}/edit`, { html: true });
        assert.match(edit.text, /value="finance" checked/);
        assert.doesNotMatch(edit.text, /value="lead" checked/);
    });

    it('are changed in part, against their version', async () => {
        const row = await app.make_account({ login: 'partial', name: 'Partial', roles: ['rep'], scope: 'all' });
        const r = await admin.call('PATCH', `/accounts/${row.id}`, { json: { name: '改名', version: 1 } });
        assert.equal(r.status, 200, r.text);
        assert.equal(r.json.name, '改名');
        assert.deepEqual(r.json.roles, ['rep']);
        assert.equal(r.json.scope, 'all');
        assert.equal((await admin.call('PATCH', `/accounts/${row.id}`, { json: { name: 'Other', version: 1 } })).status, 409);
        const roles = await admin.call('PATCH', `/accounts/${row.id}`, { json: { roles: ['manager', 'trainer'], scope: 'by_role' } });
        assert.deepEqual(roles.json.roles, ['manager', 'trainer']);
        assert.equal(roles.json.scope, 'by_role');
    });

    it('let new roles take effect at once', async () => {
        const row = await app.make_account({ login: 'rises', name: 'Rises', roles: ['rep'] }), client = await app.log_in('rises');
        assert.equal((await client.get('/accounts')).status, 403);
        await admin.call('PATCH', `/accounts/${row.id}`, { json: { roles: ['admin'] } });
        if (process.env.XIAOGUAN_DB_ENGINE === 'postgres') await new Promise((done) => setTimeout(done, 1100));
        assert.equal((await client.get('/accounts')).status, 200);
        await admin.call('PATCH', `/accounts/${row.id}`, { json: { roles: ['rep'] } });
        if (process.env.XIAOGUAN_DB_ENGINE === 'postgres') await new Promise((done) => setTimeout(done, 1100));
        assert.equal((await client.get('/accounts')).status, 403);
    });

    it('end at once when disabled, with all sessions and tokens', async () => {
        const row = await app.make_account({ login: 'leaver', name: 'Leaver', roles: ['rep'] }), client = await app.log_in('leaver');
        const token = (await client.post('/account/tokens', { json: { name: 'x' } })).json.token, program = app.visitor({ token });
        assert.equal((await program.get('/account')).status, 200);
        assert.equal((await admin.post(`/accounts/${row.id}/disable`, { json: {} })).status, 200);
        assert.equal((await client.get('/account')).status, 401);
        assert.equal((await program.get('/account')).status, 401);
        assert.equal((await app.visitor().login('leaver')).status, 422);
        assert.equal((await admin.post(`/accounts/${row.id}/disable`, { json: {} })).status, 409);
        assert.equal((await admin.post(`/accounts/${row.id}/enable`, { json: {} })).status, 200);
        assert.equal((await app.visitor().login('leaver')).status, 200);
        assert.equal((await program.get('/account')).status, 401, 'its tokens stay dead');
    });

    it('belong to one person each, and end at once when that person leaves', async () => {
        const unit = (await admin.get('/units')).json.rows[0].id;
        const hired = await admin.post('/people', { json: { no: 'N001', name: '孙丽', unit_id: unit } });
        assert.equal(hired.status, 201, hired.text);
        const row = await app.make_account({ login: 'sun.li', name: '孙丽', roles: ['rep'], employee_id: hired.json.id });
        assert.equal((await admin.get(`/accounts/${row.id}`)).json.employee_name, '孙丽');
        assert.ok(field_of(await admin.post('/accounts', { json: { login: 'sun.li2', name: '孙丽', roles: ['rep'], employee_id: hired.json.id } }), 'employee_id'));
        const client = await app.log_in('sun.li'), token = (await client.post('/account/tokens', { json: { name: 'x' } })).json.token;
        const left = await admin.post(`/people/${hired.json.id}/leave`, { json: { reason: 'moved away' } });
        assert.equal(left.status, 200, left.text);
        assert.equal((await client.get('/account')).status, 401);
        assert.equal((await app.visitor({ token }).get('/account')).status, 401);
        assert.equal((await app.visitor().login('sun.li')).status, 422);
        assert.equal((await admin.get(`/accounts/${row.id}`)).json.status, 'disabled');
    });

    it('have their sessions ended by an administrator', async () => {
        const row = await app.make_account({ login: 'kicked', name: 'Kicked', roles: ['rep'] }), client = await app.log_in('kicked');
        assert.equal((await admin.post(`/accounts/${row.id}/end_sessions`, { json: {} })).status, 200);
        assert.equal((await client.get('/account')).status, 401);
    });

    it('always leave one administrator who can log in', async () => {
        const me = (await admin.get('/accounts?q=admin')).json.rows.find((r) => r.login === 'admin');
        const refuse = async () => {
            assert.equal((await admin.post(`/accounts/${me.id}/disable`, { json: {} })).status, 409);
            assert.equal((await admin.call('PATCH', `/accounts/${me.id}`, { json: { roles: ['rep'] } })).status, 409);
        };
        await refuse();
        const second = (await admin.post('/accounts', { json: { login: 'second', name: 'Second', roles: ['admin'] } })).json;
        await refuse(); /* the second has no password yet */
        const link = (await admin.post(`/accounts/${second.id}/invite`, { json: {} })).json, other = app.visitor();
        await other.post(link.path, { json: { password: NEW_PASSWORD, password2: NEW_PASSWORD } });
        assert.equal((await admin.call('PATCH', `/accounts/${me.id}`, { json: { roles: ['admin', 'rep'] } })).status, 200);
        const both = await Promise.all([admin.post(`/accounts/${second.id}/disable`, { json: {} }), other.post(`/accounts/${me.id}/disable`, { json: {} })]);
        const left = both.filter((r) => r.status === 200).length;
        assert.ok(left <= 1, both.map((r) => r.status).join(' '));
        const survivor = both[1].status === 200 ? other : admin;
        assert.equal((await survivor.get('/accounts')).status, 200);
        admin = survivor;
    });

    it('are told apart in the change history', async () => {
        const row = (await admin.post('/accounts', { json: { login: 'history', name: 'History', roles: ['rep'] } })).json;
        await admin.call('PATCH', `/accounts/${row.id}`, { json: { roles: ['lead'] } });
        const page = await admin.get(`/accounts/${row.id}`, { html: true });
        assert.match(page.text, /Salesperson[\s\S]*Team leader/);
    });
});
