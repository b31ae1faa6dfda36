/* conns.mjs - G18: memory of the idle server, of 10,000 idle connections, and under full load with 10,000 people. Memory is the process's share
 * of its pages (PSS), as the lab measured it; what is resident (RSS) stands beside it. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { dir, errors_of, here, judge, load_now, memory, options, say, seconds, serve, show, sleep, stop, table, wrk } from './lib.mjs';
import { company, day, forget, log_in, token } from './seed.mjs';
import { submissions } from './submit.mjs';

/* Lines of JSON that sockets.mjs prints. */
export function hold(kind, port, count) {
    const child = spawn(process.execPath, [join(here, 'sockets.mjs'), kind, port, count].map(String), { stdio: ['pipe', 'pipe', 'inherit'] });
    const lines = [], waiting = [];
    let rest = '';
    child.stdout.setEncoding('utf8');
    child.stdout.on('data', (text) => {
        const all = (rest + text).split('\n');
        rest = all.pop();
        for (const line of all) (waiting.shift() ?? ((l) => lines.push(l)))(JSON.parse(line));
    });
    process.on('exit', () => child.kill('SIGKILL'));
    return {
        next: () => (lines.length ? Promise.resolve(lines.shift()) : new Promise((done) => waiting.push(done))),
        end: () => new Promise((done) => (child.on('exit', done), child.stdin.end())),
    };
}

const mib = (m) => `${show(m.pss)} (${show(m.rss)} resident, ${show(m.file)} of it files)`;

async function idle(rows) {
    const server = await serve(join(dir, 'idle.db')), fresh = await memory(server.pid);
    await wrk(server, '/login', { connections: 8, seconds: 1 });
    await sleep(2000);
    const used = memory(server.pid);
    rows.push(['idle, fresh', mib(fresh)], ['idle, after a second of log-in pages', mib(used)]);
    judge('G18 idle MiB', fresh.pss, `${show(fresh.pss)} MiB`, 'PSS');
    await stop(server);
}

async function connections(rows) {
    const n = options.quick ? 1000 : 10000, server = await serve(join(dir, 'conns.db'), ['--per_address', '40000']);
    const alone = await wrk(server, '/healthz', { connections: 16, seconds: seconds(3) });
    await sleep(500);
    const before = memory(server.pid), held = hold('idle', server.port, n), made = await held.next();
    await sleep(500);
    const after = memory(server.pid), each = (after.pss - before.pss) * 1024 / n;
    const beside = await wrk(server, '/healthz', { connections: 16, seconds: seconds(3) });
    rows.push([`before ${n} idle connections`, mib(before)], [`with them (${made.open} open, ${made.answered} answered)`, mib(after)]);
    say(`${show(alone.rps)}/s alone, ${show(beside.rps)}/s with them open`);
    await held.end();
    await stop(server);
    judge('G18 KiB', each, `${show(each)} KiB`, `${n} connections`, errors_of([alone, beside]) + (n - made.open) + (n - made.answered));
}

async function full_load(rows) {
    const db = await company('reports'), text = token(db), server = await serve(db), posts = submissions(db, text);
    const manager = await log_in(server, 'manager'), headers = { cookie: manager.cookie(), accept: 'text/html', 'accept-encoding': 'gzip' };
    let most = memory(server.pid);
    const watch = setInterval(() => {
        const m = memory(server.pid);
        if (m.pss > most.pss) most = m;
    }, 250);
    const length = seconds(10);
    const results = await Promise.all([
        load_now(server, '/', { connections: 64, threads: 1, seconds: length, ...posts }),
        load_now(server, '/reports/daily/board', { connections: 32, threads: 1, seconds: length, headers }),
        load_now(server, `/reports/daily?per_page=100&day=${day()}`, { connections: 32, threads: 1, seconds: length, headers }),
    ]);
    clearInterval(watch);
    rows.push([`full load: ${results.map((r) => `${show(r.rps)}/s`).join(' reports, ')} boards of 500 and lists`, mib(most)]);
    await stop(server);
    forget(db);
    judge('G18 load MiB', most.pss, `${show(most.pss)} MiB`, 'PSS', errors_of(results));
}

export default async function conns() {
    const rows = [];
    await idle(rows);
    await connections(rows);
    await full_load(rows);
    table(['', 'MiB'], rows);
}
