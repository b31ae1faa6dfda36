/* lib.mjs - what the parts of script/bench share: starting and ending servers, wrk, medians, memory, tables, goals. */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { appendFileSync, closeSync, existsSync, mkdirSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, truncateSync } from 'node:fs';
import { createConnection, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { GOALS } from './goals.mjs';

export const root = process.cwd(), here = dirname(fileURLToPath(import.meta.url));
export const lab = join(process.env.XIAOGUAN_SHARED ?? resolve(root, '../shared'), 'lab'), yard = join(root, 'build/lab');
export const product = join(root, 'build/gcc/xiaoguan'), python = '/usr/bin/python3';
export const options = { quick: false, rounds: 0, people: 0 };
export const dir = mkdtempSync(join(tmpdir(), 'xiaoguan-bench-'));
const HZ = 100; /* of /proc/PID/stat, on every Linux */

/* Lines of a log that nobody reads: in memory, so that the disk belongs to the database alone. */
const logs = existsSync('/dev/shm') ? mkdtempSync('/dev/shm/xiaoguan-bench-') : dir;

export const say = (text = '') => console.log(text);
export const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

/* ---- processes ---- */

const running = new Set();

process.on('exit', () => {
    for (const p of running) p.child.kill('SIGKILL');
    rmSync(dir, { recursive: true, force: true });
    rmSync(logs, { recursive: true, force: true });
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => process.exit(130));

export function free_port() {
    return new Promise((done) => {
        const s = createServer().listen(0, '127.0.0.1', () => {
            const { port } = s.address();
            s.close(() => done(port));
        });
    });
}

function answers(port) {
    return new Promise((done) => {
        const s = createConnection(port, '127.0.0.1');
        s.on('connect', () => (s.destroy(), done(true)));
        s.on('error', () => done(false));
    });
}

let started = 0;
async function start(command, args, port, env = {}) {
    const log = join(logs, `log.${++started}`), out = join(logs, `out.${started}`);
    const fds = [openSync(out, 'a'), openSync(log, 'a')];
    const child = spawn(command, args, { stdio: ['ignore', ...fds], env: { ...process.env, ...env } });
    fds.forEach(closeSync);
    const p = { child, pid: child.pid, port, log, out, url: `http://127.0.0.1:${port}` };
    running.add(p);
    p.ended = new Promise((done) => child.on('exit', (code, signal) => (running.delete(p), (p.code = signal ?? code), done())));
    for (let i = 0; i < 1200 && p.code === undefined; i++) {
        if (await answers(port)) return p;
        await sleep(25);
    }
    throw new Error(`${command} ${args.join(' ')} does not serve (${p.code ?? 'silent'}):\n${readFileSync(log, 'utf8').slice(-2000)}`);
}

export async function stop(p) {
    if (p.code !== undefined) return;
    p.child.kill('SIGTERM');
    const killer = setTimeout(() => p.child.kill('SIGKILL'), 20000);
    await p.ended;
    clearTimeout(killer);
    for (const file of [p.log, p.out]) rmSync(file, { force: true });
}

/* The product on a database of its own; its log is on as it always is. args: more options. */
export async function serve(db, args = [], env = {}) {
    const port = await free_port();
    const server = await start(product, ['serve', '--db', db, '--listen', `127.0.0.1:${port}`, '--api_per_minute', '0', ...args], port, env);
    return Object.assign(server, { queues: true });
}

/* A yardstick of the lab; args gets the port. */
export async function serve_yardstick(name, args, env = {}) {
    const port = await free_port();
    return start(join(yard, name), args(port), port, env);
}

/* A PostgreSQL of its own, ended with the bench; its URL. env: of the server, such as slow_syncs. */
export function start_postgres(env = {}) {
    const state = join(dir, `pg.${++started}`), script = (verb, more) => run_with({ ...process.env, ...more, XIAOGUAN_PG_STATE: state }, join(root, 'script/pg'), verb).trim();
    process.prependListener('exit', () => script('stop')); /* before its state goes with our folder */
    return { url: script('start', env), stop: () => script('stop') };
}

export function slow_syncs(us) {
    return us ? { LD_PRELOAD: join(yard, 'slowsync.so'), SYNC_US: String(us) } : {};
}

/* A command of the product or another program; its standard output. */
export function run(command, ...args) {
    return run_with(process.env, command, ...args);
}
function run_with(env, command, ...args) {
    return execFileSync(command, args, { env, encoding: 'utf8', maxBuffer: 64 << 20, stdio: ['ignore', 'pipe', 'pipe'] });
}

/* Wall time, and what time(1) would say of memory: {seconds, kib, out}. Throws if the command fails. */
export function timed(command, ...args) {
    const code = 'import resource,subprocess,sys,time\nt=time.monotonic()\np=subprocess.run(sys.argv[1:],stdout=subprocess.PIPE)\n'
        + 's=time.monotonic()-t\nr=resource.getrusage(resource.RUSAGE_CHILDREN)\nsys.stdout.buffer.write(p.stdout)\n'
        + 'print("\\n%d %.4f %.4f %d"%(p.returncode,s,r.ru_utime+r.ru_stime,r.ru_maxrss))';
    const r = spawnSync(python, ['-c', code, command, ...args], { encoding: 'utf8', maxBuffer: 64 << 20 });
    const lines = r.stdout.trimEnd().split('\n'), [status, seconds, cpu, kib] = lines.pop().split(' ').map(Number);
    if (status !== 0) throw new Error(`${command} ${args.join(' ')} failed (${status}):\n${r.stderr}${r.stdout}`.slice(0, 3000));
    return { seconds, cpu, kib, out: lines.join('\n') };
}

export function cpu_seconds(pid) {
    const a = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /s, '').split(' ');
    return (Number(a[11]) + Number(a[12])) / HZ;
}

/* Memory of a process in MiB: its share of pages (pss), and what is resident (rss), of it pages of files (file). */
export function memory(pid) {
    const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
    const mib = (name) => Number(text.match(new RegExp(`^${name}:\\s+(\\d+)`, 'm'))[1]) / 1024;
    return { pss: mib('Pss'), rss: mib('Rss'), file: mib('Pss_File') };
}

/* ---- yardsticks ---- */

/* False, and a line that says so, where the lab is absent or a program of it cannot be built. */
export function have_lab(...names) {
    if (!existsSync(join(lab, 'Makefile'))) {
        say('skipped: the yardsticks are built from ../shared/lab, which is not there');
        return false;
    }
    mkdirSync(yard, { recursive: true });
    if (!names.length) return true;
    const r = spawnSync('make', ['-s', '-C', lab, `B=${yard}`, ...names.map((n) => join(yard, n))], { encoding: 'utf8' });
    if (r.status !== 0) say(`skipped: a yardstick cannot be built:\n${r.stderr}`);
    return r.status === 0;
}

export function have_openpyxl() {
    const r = spawnSync(python, ['-c', 'import openpyxl'], { encoding: 'utf8' });
    if (r.status !== 0) say('skipped: needs python3 with openpyxl (Debian: python3-openpyxl)');
    return r.status === 0;
}

/* ---- wrk ---- */

const UNITS = { us: 1e-3, ms: 1, s: 1e3, m: 6e4, KB: 1024, MB: 1024 ** 2, GB: 1024 ** 3, B: 1 };
const number = (text) => {
    const m = text.match(/^([\d.]+)(\w*)$/);
    return Number(m[1]) * (UNITS[m[2]] ?? 1);
};

function parse(text) {
    const get = (re) => text.match(re);
    const total = get(/(\d+) requests in ([\d.]+\w+), ([\d.]+\w+) read/);
    if (!total) throw new Error(`wrk said: ${text}`);
    const socket = get(/Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/);
    const bad = Number(get(/Non-2xx.*?: (\d+)/)?.[1] ?? 0);
    return {
        n: Number(total[1]), rps: Number(get(/Requests\/sec:\s+([\d.]+)/)[1]), bytes: number(total[3]) / Math.max(1, Number(total[1])),
        p50: number(get(/^\s+50%\s+(\S+)/m)[1]), p99: number(get(/^\s+99%\s+(\S+)/m)[1]),
        errors: bad + (socket ? socket.slice(1).map(Number).reduce((a, b) => a + b) : 0),
    };
}

/* Waits until a server has done what an earlier load left in its queue: workers do not notice that a client went away. The queue is first come, first
 * served, so our own request's answer says that all before it were begun; then a while without work. */
async function settle(server) {
    if (server.queues) await fetch(`${server.url}/login`, { headers: { accept: 'text/html' } }).then((r) => r.text());
    for (let i = 0, quiet = 0; i < 100 && quiet < 3; i++) {
        const before = cpu_seconds(server.pid);
        await sleep(100);
        quiet = cpu_seconds(server.pid) - before < 0.02 ? quiet + 1 : 0;
    }
}

/* {n, rps, bytes (an answer), p50, p99 (ms), errors, us (server's CPU a request)} of one load on a server. */
export async function wrk(server, path, load = {}) {
    await settle(server);
    return load_now(server, path, load);
}

/* Without waiting: a second load beside another. */
export function load_now(server, path, { connections = 64, threads = 2, seconds = 3, headers = {}, script, args = [] } = {}) {
    const list = ['-t', Math.min(threads, connections), '-c', connections, '-d', `${seconds}s`, '--latency', '--timeout', '10s'];
    for (const [k, v] of Object.entries(headers)) list.push('-H', `${k}: ${v}`);
    if (script) list.push('-s', script);
    list.push(server.url + path, ...(args.length ? ['--', ...args] : []));
    return new Promise((done, fail) => {
        const before = cpu_seconds(server.pid), child = spawn('wrk', list.map(String), { stdio: ['ignore', 'pipe', 'pipe'] });
        const entry = { child };
        running.add(entry);
        let text = '';
        for (const s of [child.stdout, child.stderr]) s.on('data', (d) => (text += d));
        child.on('error', fail);
        child.on('close', () => {
            running.delete(entry);
            try {
                const r = parse(text);
                r.us = (cpu_seconds(server.pid) - before) / Math.max(1, r.n) * 1e6;
                if (server.log) truncateSync(server.log);
                done(r);
            } catch (e) {
                fail(e);
            }
        });
    });
}

/* ---- rounds ---- */

export const seconds = (n) => (options.quick ? 1 : n);
export const rounds = (n) => options.rounds || (options.quick ? 1 : n);

/* Ways take turns within a round, so that a slow moment of the machine hits all. ways: {name: async () => result}. */
export async function take_turns(count, ways) {
    const all = Object.fromEntries(Object.keys(ways).map((k) => [k, []]));
    for (let i = 0; i < count; i++) for (const [name, way] of Object.entries(ways)) all[name].push(await way(i));
    return all;
}

export function median(list) {
    const s = [...list].sort((a, b) => a - b), m = s.length >> 1;
    return s.length % 2 ? s[m] : (s[m - 1] + s[m]) / 2;
}
export const med = (list, key) => median(list.map((x) => x[key]));
export const errors_of = (list) => list.reduce((n, x) => n + x.errors, 0);

const digits = (x) => (x === 0 ? '0' : Math.abs(x) >= 1000 ? Math.round(x).toLocaleString('en') : x.toPrecision(3).replace(/(\.\d*?)0+$/, '$1').replace(/\.$/, ''));
export const show = digits;
export function spread(list, key) {
    const v = key ? list.map((x) => x[key]) : list;
    return v.length < 2 ? digits(v[0]) : `${digits(median(v))} (${digits(Math.min(...v))}–${digits(Math.max(...v))})`;
}

/* ---- saying it ---- */

const width = (s) => [...String(s)].length;
export function table(heads, rows) {
    const wide = heads.map((h, i) => Math.max(width(h), ...rows.map((r) => width(r[i]))));
    const line = (r) => `| ${r.map((c, i) => String(c) + ' '.repeat(wide[i] - width(c))).join(' | ')} |`;
    say(line(heads));
    say(`|${wide.map((w) => '-'.repeat(w + 2)).join('|')}|`);
    rows.forEach((r) => say(line(r)));
}

export const load_heads = ['', 'per second', 'ratio', 'p50 ms', 'p99 ms', 'server CPU us', 'bytes', 'errors'];
export function load_row(name, list, base) {
    return [name, spread(list, 'rps'), base ? show(med(list, 'rps') / base) : '', spread(list, 'p50'), spread(list, 'p99'), show(med(list, 'us')),
        show(med(list, 'bytes')), errors_of(list)];
}

/* Verdicts: [{goal, value, ours, yardstick, errors, met}] of this run. */
export const verdicts = [];
export function judge(goal, value, ours, yardstick, errors = 0) {
    const g = GOALS[goal];
    const met = errors === 0 && !Number.isNaN(value) && (g.least === undefined || value >= g.least) && (g.most === undefined || value <= g.most);
    verdicts.push({ goal, what: g.what, value, bound: g.least ?? g.most, kind: g.least === undefined ? 'most' : 'least', ours, yardstick, errors, met });
    const bound = g.least === undefined ? `<= ${digits(g.most)}` : `>= ${g.least}`;
    say(`  ${goal.padEnd(13)} ${show(value).padStart(7)}  goal ${bound.padEnd(8)} ${met ? 'met   ' : 'MISSED'}  ${g.what}: ${ours} / ${yardstick}${errors ? `; ERRORS ${errors}` : ''}`);
}

export function list_files(folder) {
    return readdirSync(folder);
}
export function note(file, text) {
    appendFileSync(file, text);
}
