/* submit_pg.mjs - G11 and G12: the submissions of `submit` on PostgreSQL, against the lab's prototypes that write the same sums there: pgset (8 connections, three
 * statements over sets) and pg (8 connections, prepared statements). */
import { join } from 'node:path';
import { rmSync } from 'node:fs';
import { dir, errors_of, have_lab, judge, lab, load_heads, load_row, med, product, rounds, run, say, seconds, serve, serve_yardstick, show, slow_syncs, start_postgres, stop, table, take_turns, wrk } from './lib.mjs';
import { company, forget, token } from './seed.mjs';
import { submissions } from './submit.mjs';

/* The company of the SQLite file in a PostgreSQL database. */
function restored(db, url) {
    const file = join(dir, 'company.backup');
    rmSync(file, { force: true });
    run(product, 'backup', file, '--db', db);
    run(product, 'restore', file, '--db', url);
    rmSync(file);
}

function prototype(mode, url) {
    const { hostname, port, username } = new URL(url), name = `lab_${mode}`;
    run('psql', url, '-qc', `CREATE DATABASE ${name}`);
    return serve_yardstick('biz_server', (to) => [to, mode, `host=${hostname} port=${port} user=${username} dbname=${name}`]);
}

async function measure(us) {
    const db = await company('people'), env = slow_syncs(us), pg = start_postgres(env);
    restored(db, pg.url);
    const text = token(db), on_pg = await serve(pg.url, ['--files', join(dir, 'pg.files')]), on_sqlite = await serve(db, [], env);
    const posts = { on_pg: submissions(db, token(pg.url)), on_sqlite: submissions(db, text) };
    const pgset = await prototype('pgset', pg.url), plain = await prototype('pg', pg.url);
    const load = { connections: 64, threads: 1, seconds: seconds(3) }, theirs = { ...load, script: join(lab, 'db/report.lua') };
    const r = await take_turns(rounds(3), {
        plain: () => wrk(plain, '/', theirs), pgset: () => wrk(pgset, '/', theirs),
        on_pg: () => wrk(on_pg, '/', { ...load, ...posts.on_pg }), on_sqlite: () => wrk(on_sqlite, '/', { ...load, ...posts.on_sqlite }),
    });
    await Promise.all([plain, pgset, on_pg, on_sqlite].map(stop));
    pg.stop();
    forget(db);
    return r;
}

export default async function submit_pg() {
    if (!have_lab('biz_server', 'slowsync.so')) return;
    for (const us of [0, 1000]) {
        const r = await measure(us), base = med(r.pgset, 'rps'), errors = errors_of(Object.values(r).flat());
        say(`\n64 connections${us ? ', 1 ms added to each sync' : ', this disk'}`);
        table(load_heads, [load_row('biz_server pg', r.plain, base), load_row('biz_server pgset', r.pgset, base), load_row('POST /reports/daily, PostgreSQL', r.on_pg, base), load_row('POST /reports/daily, SQLite', r.on_sqlite, base)]);
        const ratio = (goal, ours, yardstick) => judge(goal, med(r[ours], 'rps') / med(r[yardstick], 'rps'), `${show(med(r[ours], 'rps'))}/s`, `${show(med(r[yardstick], 'rps'))}/s`, errors);
        ratio(us ? 'G11 +1ms' : 'G11', 'on_pg', 'pgset');
        if (!us) ratio('G12', 'on_sqlite', 'plain');
    }
}
