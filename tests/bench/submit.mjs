/* submit.mjs - G7 to G9: durable submissions of a report with all that belongs to it (token, permission, validation, correction of a repeated day,
 * audit row), against the lab's prototypes: a transaction per request, and the design without any of that. Then the same with slower syncs. */
import { join } from 'node:path';
import { rmSync } from 'node:fs';
import { dir, errors_of, have_lab, here, judge, lab, load_heads, load_row, med, rounds, run, say, seconds, serve, serve_yardstick, show, slow_syncs, stop, table, take_turns, wrk } from './lib.mjs';
import { company, day, forget, PEOPLE, token } from './seed.mjs';

/* wrk's arguments that post to the product. */
export function submissions(db, text) {
    const [count, first, last] = run('sqlite3', '-readonly', db, 'SELECT count(*), min(id), max(id) FROM employee').trim().split('|').map(Number);
    if (count !== PEOPLE || last - first + 1 !== PEOPLE) throw new Error(`people ${first} to ${last}: ${count}`);
    return { script: join(here, 'submit.lua'), args: [text, first, last, ...Array.from({ length: 8 }, (_, i) => day(i))] };
}

async function servers(us) {
    const db = await company('people'), files = ['naive', 'design'].map((m) => join(dir, `${m}.${us}.db`)), env = slow_syncs(us), text = token(db);
    const ours = await serve(db, [], env), posts = submissions(db, text);
    const [naive, design] = await Promise.all(files.map((f, i) => serve_yardstick('biz_server', (port) => [port, i ? 'design' : 'naive', f], env)));
    return {
        ways: (connections) => {
            const load = { connections, threads: 1, seconds: seconds(2) }, theirs = { ...load, script: join(lab, 'db/report.lua') };
            return { naive: () => wrk(naive, '/', theirs), design: () => wrk(design, '/', theirs), ours: () => wrk(ours, '/', { ...load, ...posts }) };
        },
        end: async () => {
            await Promise.all([ours, naive, design].map(stop));
            const rows = run('sqlite3', '-readonly', db, 'SELECT (SELECT count(*) FROM daily_report), (SELECT count(*) FROM audit WHERE object = \'daily_report\')').trim();
            say(`rows in our database: daily_report|audit = ${rows}`);
            forget(db);
            for (const f of files) for (const s of ['', '-wal', '-shm']) rmSync(f + s, { force: true });
        },
    };
}

function judge_all(us, connections, r) {
    const disk = us ? ` +${us / 1000}ms` : '', errors = errors_of([...r.naive, ...r.design, ...r.ours]);
    const ratio = (goal, yardstick) => judge(goal, med(r.ours, 'rps') / med(r[yardstick], 'rps'), `${show(med(r.ours, 'rps'))}/s`, `${show(med(r[yardstick], 'rps'))}/s`, errors);
    if (us || connections === 64) {
        if (us !== 5000 || connections === 256) ratio(`G7 ${connections}${disk}`, 'naive');
    }
    if (us) return;
    if (connections > 1) {
        ratio(`G8 ${connections}`, 'design');
        judge(`G9 ${connections}`, med(r.ours, 'p99') / med(r.ours, 'p50'), `${show(med(r.ours, 'p99'))} ms`, `${show(med(r.ours, 'p50'))} ms`, errors);
    } else {
        judge('G9 1', med(r.ours, 'p50') / med(r.naive, 'p50'), `${show(med(r.ours, 'p50'))} ms`, `${show(med(r.naive, 'p50'))} ms`, errors);
    }
}

export default async function submit() {
    if (!have_lab('biz_server', 'slowsync.so')) return;
    for (const [us, list] of [[0, [1, 64, 256]], [1000, [64, 256]], [5000, [256]]]) {
        const s = await servers(us);
        for (const connections of list) {
            const r = await take_turns(rounds(3), s.ways(connections));
            say(`\n${connections} connections${us ? `, ${us / 1000} ms added to each sync` : ', this disk'}`);
            const base = med(r.naive, 'rps');
            table(load_heads, [load_row('naive', r.naive, base), load_row('design', r.design, base), load_row('POST /reports/daily', r.ours, base)]);
            judge_all(us, connections, r);
        }
        await s.end();
    }
}
