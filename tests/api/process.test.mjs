/* process.test.mjs - the program as its operator meets it: starting, a second writer, the command line beside a server, stopping. */
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { engine, start_app } from '../support/app.mjs';
import { sql } from '../support/company.mjs';

const bin = process.env.XIAOGUAN_BIN;
const sqlite_only = { skip: engine === 'sqlite' ? false : 'SQLite only' };
let app, dir;

/* Runs the program to its end, whatever comes of it. */
function program(args, env = app?.env ?? process.env) {
    return new Promise((done) => execFile(bin, args, { env, cwd: dir }, (error, stdout, stderr) => done({ code: error?.code ?? 0, stdout, stderr })));
}

before(async () => {
    dir = mkdtempSync(join(tmpdir(), 'xg-process-'));
    app = await start_app();
});
after(async () => {
    await app.stop();
    rmSync(dir, { recursive: true, force: true });
});

test('a second writing process is refused with a sentence that names the first', sqlite_only, async () => {
    const second = await program(['serve', '--listen', '127.0.0.1:0']);
    assert.equal(second.code, 1);
    assert.match(second.stderr, new RegExp(`already being written by xiaoguan serve \\(process ${app.child.pid}\\)`));
});

test('the local socket beside the database may be opened by its owner alone', sqlite_only, () => {
    assert.equal(statSync(`${app.database.target}.sock`).mode & 0o777, 0o600);
});

test('a token made on the command line while the server runs works at once, and a wrong one is refused', async () => {
    const made = await program(['token', 'new', 'admin']);
    assert.equal(made.code, 0, made.stderr);
    const me = app.visitor();
    me.token = made.stdout.trim();
    assert.equal((await me.get('/people')).status, 200);
    me.token += 'x';
    assert.equal((await me.get('/people')).status, 401);
    const nobody = await program(['token', 'new', 'nobody']);
    assert.equal(nobody.code, 1);
    assert.match(nobody.stderr, /nobody|account/i);
});

test('import and export on the command line work beside the running server', async () => {
    const file = join(dir, 'people.csv'), out = join(dir, 'out.csv');
    writeFileSync(file, '工号,姓名,团队,大区\n9001,周命令,,\n');
    const refused = await program(['import', 'employee', file]);
    assert.equal(refused.code, 1, 'a person needs a team');
    writeFileSync(file, '工号,姓名,办事处\n9001,周命令,命令行部\n');
    const dry = await program(['import', 'employee', file, '--dry-run']);
    assert.match(dry.stdout, /1 new/);
    assert.equal((await (await app.as('admin')).get('/people?q=9001')).json.total, 0, 'a dry run writes nothing');
    const done = await program(['import', 'employee', 'people.csv']);
    assert.equal(done.code, 0, done.stderr + done.stdout);
    assert.equal((await (await app.as('admin')).get('/people?q=zhoumingling')).json.total, 1, 'found by pinyin');
    const exported = await program(['export', 'employee', out]);
    assert.equal(exported.code, 0, exported.stderr);
    assert.ok(existsSync(out));
});

test('health and metrics answer without an account, and the description covers every route', async () => {
    const visitor = app.visitor();
    assert.deepEqual((await visitor.get('/healthz')).json, { status: 'ok', product: 'xiaoguan' });
    const routes = (await program(['routes'])).stdout.trim().split('\n').map((line) => line.split(/\s+/).slice(0, 2));
    const { paths } = (await visitor.get('/openapi.json')).json;
    for (const [method, path] of routes) assert.ok(paths[path]?.[method.toLowerCase()], `${method} ${path} is described`);
});

test('metrics are Prometheus text and count requests', async () => {
    const count = (text) => Number(text.match(/^xiaoguan_requests_total (\d+)$/m)[1]);
    const local = app.visitor();
    local.address = '127.0.0.1';
    const first = await local.get('/metrics'), second = await local.get('/metrics');
    assert.match(first.type, /version=0\.0\.4/);
    assert.ok(count(second.text) > count(first.text));
    assert.match(second.text, /xiaoguan_request_seconds_bucket\{le="\+Inf"\} \d+/);
});

test('with jobs = 0 the server runs no job: what is due waits for the command', async () => {
    assert.equal(app.env.XIAOGUAN_JOBS, '0');
    await app.halt();
    await sql(app, "UPDATE job SET due_at = 0 WHERE kind = 'session.sweep'");
    await app.restart();
    const ran = await program(['job', 'run']);
    assert.match(ran.stdout, /^[1-9]\d* jobs run$/m, ran.stdout + ran.stderr);
});

test('an unknown command, option or resource gets a sentence and a non-zero status', async () => {
    for (const args of [['fly'], ['serve', '--colour', 'red'], ['import', 'dragons', 'x.csv'], ['import', 'employee', 'missing.csv']]) {
        const r = await program(args);
        assert.equal(r.code, 1, args.join(' '));
        assert.match(r.stderr, /^xiaoguan: .{10,}/, args.join(' '));
    }
});

test('the documented sample configuration is accepted as it is', async () => {
    const sample = await program(['config', '--sample']);
    writeFileSync(join(dir, 'sample.conf'), sample.stdout);
    const read = await program(['config', '--config', 'sample.conf']);
    assert.equal(read.code, 0, read.stderr);
});

test('the audit log of all that was done so far is in order', async () => {
    const r = await program(['audit', 'verify']);
    assert.equal(r.code, 0, r.stdout + r.stderr);
    assert.match(r.stdout, / 0 findings/);
});

test('a database with demo accounts refuses to listen beyond loopback', sqlite_only, async () => {
    const env = { ...process.env, XIAOGUAN_DB: join(dir, 'demo.db'), XIAOGUAN_FILES: join(dir, 'demo.files') };
    assert.equal((await program(['demo'], env)).code, 0);
    const open = await program(['serve', '--listen', '0.0.0.0:0'], env);
    assert.equal(open.code, 1);
    assert.match(open.stderr, /loopback/);
    const again = await program(['demo'], env);
    assert.equal(again.code, 1, 'demo data is for an empty database only');
});

test('a server told to stop ends well, and what was answered is there afterwards', async () => {
    const admin = await app.as('admin');
    const made = await admin.post('/positions', { json: { name: '停机前的岗位' } });
    assert.equal(made.status, 201);
    await app.restart();
    const again = await (await app.as('admin')).get(`/positions/${made.json.id}`);
    assert.equal(again.json.name, '停机前的岗位');
});
