/* intake.mjs - a million deals with 338 bad rows through the drop folder: what is wrong is listed row by row, the rest is in, once, and a second
 * delivery of the same file changes nothing. No goal of its own; the yardstick is sqlite3's .import of the same file. */
import { createWriteStream, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import { dir, options, product, run, say, serve, show, sleep, stop, table, timed } from './lib.mjs';
import { company, forget, log_in, PEOPLE } from './seed.mjs';

const BAD = 338, FIRST = Date.UTC(2025, 0, 1), DAYS = 300;
const FEED = {
    name: '订单', folder_pattern: '*.csv', person_column: '销售', day_column: '日期', key_columns: '单号',
    rules: 'amount = sum 金额 where 状态 = 成交\ncustomers_signed = count where 状态 = 成交',
};
/* Each is wrong in one way; the key stays good, so that no two rows fight for one. */
const WRONG = [(r) => (r[2] = '2025-02-30'), (r) => (r[4] = '十二'), (r) => (r[4] = '9999999999999999'), (r) => (r[2] = ''), (r) => (r[4] = '12.345')];

const bad_every = (rows) => Math.floor(rows / BAD);
async function write_deals(path, rows) {
    const out = createWriteStream(path), every = bad_every(rows);
    let sum = 0, won = 0, bad = 0;
    out.write('单号,销售,日期,状态,金额\n');
    for (let i = 0, text = ''; i < rows; i++) {
        const amount = (i * 7919) % 100000, is_won = i % 3 !== 0 || i % every === 7;
        const row = [`D${i}`, `E${String(1 + (i % (PEOPLE - 2))).padStart(5, '0')}`, new Date(FIRST + (i % DAYS) * 86400000).toISOString().slice(0, 10), is_won ? '成交' : '洽谈', (amount / 100).toFixed(2)];
        if (bad < BAD && i % every === 7) WRONG[bad++ % WRONG.length](row);
        else if (is_won) sum += amount, won++;
        text += `${row.join(',')}\n`;
        if (text.length < 65536 && i + 1 < rows) continue;
        if (!out.write(text)) await once(out, 'drain');
        text = '';
    }
    out.end();
    await once(out, 'finish');
    return { sum, won, bad };
}

async function delivered(admin, count) {
    for (;;) {
        const runs = (await admin.call('GET', '/intake/runs')).json.rows, last = Math.max(...runs.map((r) => r.id));
        if (runs.length === count) {
            const at = (await admin.call('GET', `/intake/runs/${last}`)).json;
            if (at.status === 'done' || at.status === 'failed') return at;
        }
        await sleep(500);
    }
}

export default async function intake() {
    const rows = options.quick ? 20000 : 1000000, csv = join(dir, 'deals.csv'), folder = join(dir, 'drop');
    const is = await write_deals(csv, rows), db = await company('people'), plain = join(dir, 'import.db');
    say(`${rows} deals, ${show(statSync(csv).size / 1048576)} MiB, ${is.bad} of them wrong`);
    const yardstick = timed('sqlite3', plain, 'CREATE TABLE deal(a TEXT, b TEXT, c TEXT, d TEXT, e REAL)', `.import --csv --skip 1 ${csv} deal`);
    rmSync(plain);
    mkdirSync(folder, { mode: 0o700 });
    const server = await serve(db, [], { XIAOGUAN_INTAKE: folder, XIAOGUAN_JOBS: '1' }), admin = await log_in(server, 'admin');
    await admin.post('/intake/feeds', FEED);
    const expected = [[is.won, 0, 0, rows - is.won - is.bad, 0, is.bad], [0, 0, is.won, rows - is.won - is.bad, 0, is.bad]];
    const lines = [];
    for (const [i, want] of expected.entries()) {
        run('cp', csv, join(folder, `.deals-${i}`));
        run('chmod', '600', join(folder, `.deals-${i}`));
        run('touch', '-d', '1 minute ago', join(folder, `.deals-${i}`));
        renameSync(join(folder, `.deals-${i}`), join(folder, `deals-${i}.csv`));
        const done = await delivered(admin, i + 1), n = done.counts;
        const seconds = Number(run('sqlite3', db, `SELECT (finished_at - created_at) / 1e6 FROM feed_run WHERE id = ${done.id}`));
        lines.push([i ? 'the same file again' : 'the first time', show(seconds), show(seconds / yardstick.seconds), done.errors.length]);
        const got = [n.new, n.update, n.unchanged, n.skipped, n.waiting, n.bad];
        if (done.status !== 'done' || String(got) !== String(want)) throw new Error(`run ${i}: ${done.status} ${got} instead of ${want}: ${JSON.stringify(done).slice(0, 600)}`);
    }
    await stop(server);
    const slot = run('sqlite3', db, "SELECT 'n' || slot FROM metric WHERE code = 'amount'").trim(), sum = run('sqlite3', db, `SELECT sum(${slot}) FROM fact`).trim(), text = run(product, 'metrics', 'verify', '--db', db);
    forget(db);
    table(['', 'seconds', 'of sqlite3 .import', 'rows listed as wrong'], [['sqlite3 .import --csv', show(yardstick.seconds), '1', ''], ...lines]);
    say(`  sum of the facts ${sum} 分, of the file ${is.sum}; ${text.trim().split('\n').pop()}; left in the folder: ${readdirSync(folder).join(' ')}`);
    if (Number(sum) !== is.sum || !text.includes(' 0 differences')) throw new Error('the sums are not those of the file');
}
