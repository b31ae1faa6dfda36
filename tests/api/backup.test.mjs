/* backup.test.mjs - the drill: a backup of a serving, busy company, restored into a fresh database, on either engine and across. */
import assert from 'node:assert/strict';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { inflateRawSync } from 'node:zlib';
import { Client, engine, start_app } from '../support/app.mjs';
import { today } from '../support/company.mjs';

const DEMO_PASSWORD = 'xiaoguan-demo', WRITERS = 4;

/* ---- looking into a backup ---- */

/* {name: content} of a zip: its directory stands at its end. */
function unzip(path) {
    const data = readFileSync(path), entries = {};
    let at = data.readUInt32LE(data.lastIndexOf('PK\x05\x06', undefined, 'latin1') + 16);
    while (data.readUInt32LE(at) === 0x02014b50) {
        const [method, packed] = [data.readUInt16LE(at + 10), data.readUInt32LE(at + 20)];
        const [name_size, extra, comment] = [28, 30, 32].map((o) => data.readUInt16LE(at + o));
        const local = data.readUInt32LE(at + 42), from = local + 30 + data.readUInt16LE(local + 26) + data.readUInt16LE(local + 28);
        const content = data.subarray(from, from + packed);
        entries[data.toString('utf8', at + 46, at + 46 + name_size)] = method === 8 ? inflateRawSync(content) : content;
        at += 46 + name_size + extra + comment;
    }
    return entries;
}

function read_backup(path) {
    const entries = unzip(path), manifest = JSON.parse(entries['xiaoguan.json']);
    const table = (name) => {
        const { columns } = manifest.tables.find((t) => t.name === name);
        const lines = entries[`tables/${name}.jsonl`].toString().split('\n').filter(Boolean);
        return lines.map((line) => Object.fromEntries(JSON.parse(line).map((v, i) => [columns[i], v])));
    };
    return { entries, manifest, table };
}

function assert_same_tables(a, b) {
    assert.deepEqual(a.manifest.tables, b.manifest.tables);
    assert.deepEqual(Object.keys(a.entries).sort(), Object.keys(b.entries).sort());
    for (const name of Object.keys(a.entries)) {
        if (name !== 'xiaoguan.json') assert.ok(a.entries[name].equals(b.entries[name]), `${name} differs`);
    }
}

async function run(app, ...args) {
    const r = await app.run(...args);
    assert.equal(r.code, 0, r.err + r.out);
    return r.out;
}

/* A server on a fresh database that has never been set up, stopped; and started again once it has been filled. */
async function restored(path) {
    const app = await start_app({ setup: false });
    await app.halt();
    await run(app, 'restore', path);
    await app.restart();
    return app;
}

const PNG = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');
const report = (n, back) => ({ day: today(-back), new_customers: n, follow_ups: 1, amount: n + 0.5, talk_points: '讲了三点', contract_no: 'HT-1', reason: '无', plan: '继续' });

describe('backup and restore', () => {
    let app, path, acknowledged, token, rep, admin;
    before(async () => {
        app = await start_app({ demo: true });
        admin = await app.log_in('admin', DEMO_PASSWORD);
        rep = await app.log_in('rep', DEMO_PASSWORD);
        token = (await run(app, 'token', 'new', 'rep')).trim();
        path = join(app.dir, 'busy.backup');
    });
    after(() => app.stop());

    it('is taken while the server is written to', async () => {
        let going = true, writes = 0, before_backup = 0;
        const work = async (i) => {
            for (let n = 1; going; n++) {
                const r = await rep.post('/reports/daily', { json: report(n, 0), headers: { 'idempotency-key': `w${i}-${n}` } });
                assert.ok([200, 201, 409, 429, 503].includes(r.status), r.text);
                if (r.status < 300) writes++;
            }
        };
        const all = Array.from({ length: WRITERS }, (_, i) => work(i));
        while (writes < 20) await new Promise((done) => setTimeout(done, 20));
        before_backup = writes;
        assert.match(await run(app, 'backup', path), /\d+ rows of \d+ tables and \d+ files written .* and read back/);
        while (writes < before_backup + 20) await new Promise((done) => setTimeout(done, 20));
        going = false;
        await Promise.all(all);
        acknowledged = before_backup;
    });

    it('is for its owner only, and never overwrites a file', async () => {
        assert.equal(statSync(path).mode & 0o777, 0o600);
        const content = readFileSync(path), r = await app.run('backup', path);
        assert.notEqual(r.code, 0);
        assert.match(r.err, /already a file/);
        assert.ok(readFileSync(path).equals(content));
    });

    it('holds one state of all tables: each accepted report with its audit entries, no session', async () => {
        const b = read_backup(path), entries = new Map();
        for (const a of b.table('audit')) if (a.object === 'daily_report') entries.set(a.object_id, (entries.get(a.object_id) ?? 0) + 1);
        const mine = b.table('daily_report').find((r) => r.day === today() && r.client_key?.startsWith('w'));
        assert.ok(mine, 'the report that was being written is there');
        assert.ok(mine.version >= 2 && mine.version >= acknowledged - WRITERS, `version ${mine.version}, ${acknowledged} acknowledged before`);
        assert.equal(entries.get(mine.id), mine.version, 'audit entries');
        assert.ok(b.table('daily_report').length > 1000);
        assert.ok(!b.manifest.tables.some((t) => t.name === 'session'));
        assert.doesNotMatch(b.entries['tables/account.jsonl'].toString(), /xiaoguan-demo/);
    });

    it('brings everything back: tables, log-ins, tokens, pictures, audit chain; and nobody is logged in', async () => {
        const mine = await rep.post('/reports/daily', { form: report(7, 0), files: { photo: { name: '门店.png', type: 'image/png', data: PNG } } });
        assert.ok([200, 201].includes(mine.status), mine.text);
        const quiet = join(app.dir, 'quiet.backup');
        await app.halt(); /* seals the audit log, and nothing changes any more */
        await run(app, 'backup', quiet);
        await app.restart();
        const copy = await restored(quiet);
        try {
            assert.equal((await new Client(copy, { token }).get('/reports/daily')).status, 200, 'token');
            const stale = copy.visitor();
            stale.cookies = new Map(admin.cookies);
            assert.equal((await stale.get('/accounts')).status, 401, 'old session');
            const admin2 = await copy.log_in('admin', DEMO_PASSWORD), rep2 = await copy.log_in('rep', DEMO_PASSWORD);
            const source = await app.log_in('admin', DEMO_PASSWORD);
            for (const list of ['/people', '/units', '/reports/daily', '/reports/daily?page=2', '/calendar']) {
                const [a, b] = [await source.get(list), await admin2.get(list)];
                assert.equal(b.status, a.status, list);
                assert.deepEqual(b.json, a.json, list);
            }
            const [a, b] = [await rep.get(`/reports/daily/${mine.json.id}`), await rep2.get(`/reports/daily/${mine.json.id}`)];
            assert.equal(a.json.photos.length, 1);
            assert.deepEqual(b.json, a.json);
            const pictures = [await rep.get(a.json.photos[0].href), await rep2.get(b.json.photos[0].href)];
            assert.equal(pictures[1].status, 200);
            assert.ok(pictures[1].data.equals(pictures[0].data), 'picture');
            assert.match(await run(copy, 'audit', 'verify'), / 0 findings/);
            const made = await rep2.post('/reports/daily', { json: report(8, 0) });
            assert.ok([200, 201].includes(made.status), made.text);
        } finally {
            await copy.stop();
        }
    });

    it('comes out of the copy as it went in', async () => {
        const copy = await start_app({ setup: false });
        try {
            await copy.halt();
            await run(copy, 'restore', path);
            copy.env.XIAOGUAN_DB = copy.database.target;
            const again = join(copy.dir, 'again.backup');
            await run(copy, 'backup', again);
            assert_same_tables(read_backup(path), read_backup(again));
            await copy.restart();
        } finally {
            await copy.stop();
        }
    });

    it('goes from PostgreSQL to SQLite and back', { skip: engine !== 'postgres' }, async () => {
        const copy = await start_app({ setup: false });
        try {
            await copy.halt();
            const [sqlite, middle, again] = ['other.db', 'middle.backup', 'again.backup'].map((n) => join(copy.dir, n));
            copy.env.XIAOGUAN_DB = sqlite;
            await run(copy, 'restore', path);
            assert.match(await run(copy, 'audit', 'verify'), / 0 findings/);
            await run(copy, 'backup', middle);
            assert_same_tables(read_backup(path), read_backup(middle));
            copy.env.XIAOGUAN_DB = copy.database.target;
            await run(copy, 'restore', middle);
            await run(copy, 'backup', again);
            assert_same_tables(read_backup(path), read_backup(again));
            await copy.restart();
        } finally {
            await copy.stop();
        }
    });

    it('refuses a database in use, and files that are damaged, foreign or missing, and changes nothing', async () => {
        const copy = await start_app(), data = readFileSync(path), bad = join(copy.dir, 'bad.backup');
        const refuses = async (file, what) => {
            const r = await copy.run('restore', file);
            assert.notEqual(r.code, 0, r.out);
            assert.match(r.err, what);
        };
        try {
            await refuses(path, /not empty/);
            assert.equal((await copy.log_in('admin')).cookies.size > 0, true);
        } finally {
            await copy.stop();
        }
        const fresh = await start_app({ setup: false });
        try {
            const target = join(fresh.dir, 'bad.backup');
            await fresh.halt();
            for (const size of [0, 100, data.length >> 1, data.length - 1]) {
                writeFileSync(target, data.subarray(0, size));
                const r = await fresh.run('restore', target);
                assert.notEqual(r.code, 0, `${size} bytes`);
                assert.match(r.err, /no backup of Xiaoguan, or it is damaged/);
            }
            assert.match((await fresh.run('restore', bad)).err, /no file/);
            await run(fresh, 'restore', path); /* is still empty, so the good one is taken */
            await fresh.restart();
        } finally {
            await fresh.stop();
        }
    });
});
