/* app.mjs - the program under test: one server on a database of its own, and people who talk to it over HTTP.
 *
 *     const app = await start_app();              // set up: a company and its administrator
 *     const admin = await app.as('admin');        // also 'rep' 'lead' 'manager' 'trainer' 'finance': made when first asked for
 *     const r = await admin.call('POST', '/accounts', { json: { ... } });
 *     r.status, r.json, r.text, r.headers, r.location
 *     await app.stop();                           // fails if the program complained (sanitizers) or did not end well
 *
 * XIAOGUAN_BIN is the binary. XIAOGUAN_DB_ENGINE=postgres makes a fresh database on the server of XIAOGUAN_PG_URL, else SQLite is used.
 * Each client has an address of its own in 127.0.0.0/8, so that limits by address do not mix. No job runs by itself, or the schedule would walk
 * into a story at every quarter of an hour: run_job of company.mjs runs one; env: { XIAOGUAN_JOBS: '1' } gives the server its thread. */
import { execFile, spawn } from 'node:child_process';
import { createHmac, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const run_file = promisify(execFile);
const START_MS = 60000, STOP_MS = 30000, CALL_MS = 60000;
export const engine = process.env.XIAOGUAN_DB_ENGINE === 'postgres' ? 'postgres' : 'sqlite';
export const PASSWORD = 'correct horse battery';
export const ROLES = ['rep', 'lead', 'manager', 'trainer', 'finance', 'admin'];

let next_address = 2;
function fresh_address() {
    const n = next_address++;
    return `127.${1 + ((n >> 16) & 63)}.${(n >> 8) & 255}.${(n & 255) || 1}`;
}

/* ---- one person's browser or program ---- */

export class Client {
    constructor(app, options = {}) {
        this.app = app;
        this.cookies = new Map();
        this.csrf = null;
        this.token = options.token ?? null;
        this.address = options.address ?? fresh_address();
        this.lang = options.lang ?? 'en';
    }

    /* options: json (body as JSON), form (object; arrays give several values), files ({field: {name, type, data}}), body + headers as they
     * are, html (ask for the page rather than JSON), follow (go where a 303 leads). */
    async call(method, path, options = {}) {
        const headers = { accept: options.html ? 'text/html' : 'application/json', 'accept-language': this.lang };
        let body = options.body ?? null;
        if (this.cookies.size) headers.cookie = [...this.cookies].map(([k, v]) => `${k}=${v}`).join('; ');
        if (this.token) headers.authorization = `Bearer ${this.token}`;
        if (method !== 'GET' && method !== 'HEAD' && this.csrf) headers['x-csrf-token'] = this.csrf;
        if (options.json !== undefined) {
            body = JSON.stringify(options.json);
            headers['content-type'] = 'application/json';
        } else if (options.files) {
            const boundary = randomBytes(12).toString('hex');
            body = multipart(boundary, options.form ?? {}, options.files);
            headers['content-type'] = `multipart/form-data; boundary=${boundary}`;
        } else if (options.form) {
            body = urlencoded(options.form);
            headers['content-type'] = 'application/x-www-form-urlencoded';
        }
        for (const [k, v] of Object.entries(options.headers ?? {})) {
            if (v === null) delete headers[k.toLowerCase()];
            else headers[k.toLowerCase()] = v;
        }
        if (body !== null) headers['content-length'] = Buffer.byteLength(body);
        const answer = await this.send(method, path, headers, body);
        this.remember(answer);
        if (options.follow && answer.location && answer.status === 303) return this.call('GET', answer.location, { html: options.html, follow: true });
        return answer;
    }

    get(path, options) { return this.call('GET', path, options); }
    post(path, options) { return this.call('POST', path, options); }

    send(method, path, headers, body) {
        return new Promise((done, fail) => {
            const r = request({
                host: this.app.host, port: this.app.port, localAddress: this.address, method, path, headers, agent: this.app.agent,
            }, (res) => {
                const parts = [];
                res.on('data', (d) => parts.push(d));
                res.on('error', fail);
                res.on('end', () => done(answer_of(res, Buffer.concat(parts))));
            });
            r.setTimeout(CALL_MS, () => r.destroy(new Error(`${method} ${path}: no answer in ${CALL_MS} ms\n${this.app.output()}`)));
            r.on('error', fail);
            if (body !== null) r.write(body);
            r.end();
        });
    }

    remember(answer) {
        for (const line of answer.set_cookies) {
            const [pair, ...flags] = line.split(/;\s*/);
            const at = pair.indexOf('='), name = pair.slice(0, at), value = pair.slice(at + 1);
            if (!value || flags.some((f) => /^max-age=0$/i.test(f))) this.cookies.delete(name);
            else this.cookies.set(name, value);
        }
        const meta = answer.text.match(/<meta name="csrf" content="([^"]*)"/);
        if (meta) this.csrf = meta[1] || null;
        if (answer.json?.csrf) this.csrf = answer.json.csrf;
    }

    login(login, password = PASSWORD, more = {}) {
        return this.post('/login', { json: { login, password, ...more } });
    }

    async logout() {
        const answer = await this.post('/logout', { json: {} });
        this.csrf = null;
        return answer;
    }
}

function answer_of(res, data) {
    const type = res.headers['content-type'] ?? '', text = data.toString('utf8');
    let json = null;
    if (/json/.test(type)) {
        try {
            json = JSON.parse(text);
        } catch (e) {
            throw new Error(`not JSON: ${e.message}\n${text.slice(0, 500)}`);
        }
    }
    return {
        status: res.statusCode, headers: res.headers, type, data, text, json,
        location: res.headers.location ?? res.headers['hx-redirect'] ?? json?.location ?? null,
        set_cookies: res.headers['set-cookie'] ?? [],
    };
}

function urlencoded(form) {
    const out = new URLSearchParams();
    for (const [k, v] of Object.entries(form)) for (const one of Array.isArray(v) ? v : [v]) out.append(k, one);
    return out.toString();
}

function multipart(boundary, form, files) {
    const parts = [];
    const head = (line) => parts.push(Buffer.from(`--${boundary}\r\n${line}\r\n\r\n`));
    for (const [k, v] of Object.entries(form)) {
        head(`Content-Disposition: form-data; name="${k}"`);
        parts.push(Buffer.from(`${v}\r\n`));
    }
    for (const [k, f] of Object.entries(files)) {
        head(`Content-Disposition: form-data; name="${k}"; filename="${f.name}"\r\nContent-Type: ${f.type ?? 'application/octet-stream'}`);
        parts.push(Buffer.from(f.data), Buffer.from('\r\n'));
    }
    parts.push(Buffer.from(`--${boundary}--\r\n`));
    return Buffer.concat(parts);
}

/* The six digits an authenticator app shows (RFC 6238) at that moment. */
export function totp(secret, ms = Date.now()) {
    const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
    let bits = '';
    for (const c of secret.replace(/=+$/, '')) bits += digits.indexOf(c).toString(2).padStart(5, '0');
    const key = Buffer.from(bits.match(/.{8}/g).map((b) => parseInt(b, 2)));
    const step = Buffer.alloc(8);
    step.writeBigUInt64BE(BigInt(Math.floor(ms / 30000)));
    const mac = createHmac('sha1', key).update(step).digest(), at = mac[19] & 15;
    return String((mac.readUInt32BE(at) & 0x7fffffff) % 1000000).padStart(6, '0');
}

/* ---- databases ---- */

async function fresh_database(dir) {
    if (engine === 'sqlite') return { target: join(dir, 'test.db'), drop: async () => {} };
    const base = process.env.XIAOGUAN_PG_URL;
    if (!base) throw new Error('XIAOGUAN_PG_URL is not set');
    const name = `t_${process.pid}_${randomBytes(4).toString('hex')}`, url = new URL(base);
    await run_file('psql', ['-X', '-q', '-d', base, '-c', `CREATE DATABASE ${name}`]);
    url.pathname = `/${name}`;
    const drop = () => run_file('psql', ['-X', '-q', '-d', base, '-c', `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`]);
    return { target: url.toString(), drop };
}

/* ---- the server ---- */

class App {
    constructor(bin, dir, database, env) {
        Object.assign(this, { bin, dir, database, agent: new Agent({ keepAlive: true, maxSockets: 64 }), clients: new Map(), lines: [], setup_path: null });
        this.env = {
            ...process.env, LC_ALL: 'C.UTF-8', XIAOGUAN_DB: database.target, XIAOGUAN_LISTEN: '127.0.0.1:0', XIAOGUAN_FILES: join(dir, 'files'), XIAOGUAN_JOBS: '0', ...env,
        };
    }

    output() { return this.lines.slice(-80).join('\n'); }

    /* Everything the program prints; resolves once an address is among it. */
    async spawn() {
        this.child = spawn(this.bin, ['serve'], { cwd: this.dir, env: this.env, stdio: ['ignore', 'pipe', 'pipe'] });
        this.ended = new Promise((done) => this.child.on('exit', (code, signal) => done({ code, signal })));
        let address;
        const ready = new Promise((done) => {
            const read = (stream) => {
                let rest = '';
                stream.setEncoding('utf8');
                stream.on('data', (text) => {
                    const lines = (rest + text).split('\n');
                    rest = lines.pop();
                    for (const line of lines) {
                        this.lines.push(line);
                        if (this.lines.length > 5000) this.lines.splice(0, 1000);
                        const link = line.match(/\/setup\/[A-Za-z0-9_-]{20,}/);
                        if (link) this.setup_path = link[0];
                        const at = address ? null : line.match(/https?:\/\/([0-9.]+):(\d+)/);
                        if (at) done(address = at);
                    }
                });
            };
            read(this.child.stdout);
            read(this.child.stderr);
        });
        const late = new Promise((done) => setTimeout(done, START_MS, 'late').unref());
        const how = await Promise.race([ready, this.ended, late]);
        if (!address) throw new Error(`the program did not start (${JSON.stringify(how)}):\n${this.output()}`);
        [, this.host, this.port] = address;
        await this.answering();
    }

    /* The address may be printed a moment before it answers, and the set-up link a moment after. */
    async answering() {
        const visitor = new Client(this);
        for (let i = 0; ; i++) {
            const r = await visitor.get('/healthz').catch((e) => e);
            if (r.status === 200) return;
            if (i === 100) throw new Error(`/healthz does not answer (${r.status ?? r.message}):\n${this.output()}`);
            await new Promise((done) => setTimeout(done, 50));
        }
    }

    visitor(options) { return new Client(this, options); }

    /* A person of that role, logged in; the same one each time. */
    async as(role) {
        if (!this.clients.has(role)) this.clients.set(role, role === 'admin' ? this.log_in('admin') : this.hire(role));
        return this.clients.get(role);
    }

    async log_in(login, password = PASSWORD, options = {}) {
        const client = new Client(this, options);
        expect(await client.login(login, password), 200);
        return client;
    }

    async hire(role) {
        await this.make_account({ login: `the.${role}`, name: `The ${role}`, roles: [role] });
        return this.log_in(`the.${role}`);
    }

    /* An account with its password set by its invitation; returns its JSON. */
    async make_account(fields, password = PASSWORD) {
        const admin = await this.as('admin');
        const made = expect(await admin.post('/accounts', { json: fields }), 201).json;
        const link = expect(await admin.post(`/accounts/${made.id}/invite`, { json: {} }), 200).json;
        expect(await new Client(this).post(link.path, { json: { password, password2: password } }), 200);
        return made;
    }

    /* A command on the same database: {code, out, err}. */
    async run(...args) {
        try {
            const { stdout, stderr } = await run_file(this.bin, args, { cwd: this.dir, env: this.env, timeout: 300000, maxBuffer: 64 << 20 });
            return { code: 0, out: stdout, err: stderr };
        } catch (e) {
            if (e.code === undefined || typeof e.code !== 'number') throw e;
            return { code: e.code, out: e.stdout, err: e.stderr };
        }
    }

    async halt(signal = 'SIGTERM') {
        this.agent.destroy();
        this.child.kill(signal);
        const late = new Promise((done) => setTimeout(done, STOP_MS, null).unref());
        const how = await Promise.race([this.ended, late]);
        if (!how) this.child.kill('SIGKILL');
        return how;
    }

    /* The same database, a new process. */
    async restart(signal) {
        await this.halt(signal);
        this.agent = new Agent({ keepAlive: true, maxSockets: 64 });
        await this.spawn();
    }

    async stop() {
        const how = await this.halt();
        await this.database.drop();
        rmSync(this.dir, { recursive: true, force: true });
        const complaint = this.lines.find((l) => /AddressSanitizer|LeakSanitizer|runtime error:|internal error/.test(l));
        if (complaint) throw new Error(`the program complained: ${complaint}\n${this.output()}`);
        if (!how || how.code !== 0) throw new Error(`the program did not end well (${JSON.stringify(how)}):\n${this.output()}`);
    }
}

function expect(answer, status) {
    if (answer.status !== status) throw new Error(`${answer.status} instead of ${status}: ${answer.text.slice(0, 1000)}`);
    return answer;
}

export const SETUP = { company: '销冠测试公司', name: '管理员', login: 'admin', password: PASSWORD, password2: PASSWORD };

/* options: setup (false: leave the set-up link unused), demo (fill with demo data first), env (more environment). */
export async function start_app(options = {}) {
    if (!process.env.XIAOGUAN_BIN) throw new Error('XIAOGUAN_BIN is not set');
    const dir = mkdtempSync(join(tmpdir(), 'xiaoguan-test-'));
    const app = new App(resolve(process.env.XIAOGUAN_BIN), dir, await fresh_database(dir), options.env);
    try {
        if (options.demo) {
            const filled = await app.run('demo');
            if (filled.code) throw new Error(`demo failed: ${filled.err}${filled.out}`);
            app.demo_text = filled.out;
        }
        await app.spawn();
        if (options.demo || options.setup === false) return app;
        const client = new Client(app);
        expect(await client.post(app.setup_path, { json: SETUP }), 200);
        app.clients.set('admin', client);
        return app;
    } catch (e) {
        await app.halt('SIGKILL').catch(() => {});
        await app.database.drop().catch(() => {});
        rmSync(dir, { recursive: true, force: true });
        throw e;
    }
}
