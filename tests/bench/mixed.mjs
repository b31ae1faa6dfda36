/* mixed.mjs - G10: what readers keep beside saturated writes, 32 connections each. */
import { errors_of, judge, load_heads, load_now, load_row, med, rounds, seconds, serve, show, stop, table, take_turns, wrk } from './lib.mjs';
import { company, day, forget, log_in, token } from './seed.mjs';
import { submissions } from './submit.mjs';

const PATHS = { 'board, 100 people': '/reports/daily/board', 'list, 100 rows': `/reports/daily?per_page=100&day=${day()}` };

export default async function mixed() {
    const db = await company('reports'), text = token(db), server = await serve(db), posts = submissions(db, text), length = seconds(3);
    const people = { 'board, 100 people': await log_in(server, 'lead'), 'list, 100 rows': await log_in(server, 'manager') };
    const read = (name, load = wrk) => load(server, PATHS[name], { connections: 32, threads: 1, seconds: length, headers: { cookie: people[name].cookie(), accept: 'text/html', 'accept-encoding': 'gzip' } });
    const write = (load = wrk) => load(server, '/', { connections: 32, threads: 1, seconds: length, ...posts });
    const ways = { 'writes alone': () => write() }, writes = {};
    for (const name of Object.keys(PATHS)) {
        writes[name] = [];
        ways[`${name}, alone`] = () => read(name);
        ways[`${name}, beside writes`] = async () => {
            await read(name); /* settled and warm, so that both begin at once */
            const [r, w] = await Promise.all([read(name, load_now), write(load_now)]);
            writes[name].push(w);
            return r;
        };
    }
    const r = await take_turns(rounds(3), ways);
    await stop(server);
    forget(db);
    const rows = [load_row('writes alone', r['writes alone'])];
    for (const name of Object.keys(PATHS)) {
        const alone = r[`${name}, alone`], base = med(alone, 'rps');
        rows.push(load_row(`${name}, alone`, alone, base), load_row(`${name}, beside writes`, r[`${name}, beside writes`], base),
            load_row('  those writes', writes[name], med(r['writes alone'], 'rps')));
    }
    table(load_heads, rows.map((x) => (x[0].includes('writes') ? x.map((c, i) => (i === 5 && x[0] !== 'writes alone' ? '(shared)' : c)) : x)));
    const errors = errors_of([...Object.values(r).flat(), ...Object.values(writes).flat()]);
    /* The slower of the two decides. */
    const worst = (key, better) => Object.keys(PATHS).map((name) => {
        const a = med(r[`${name}, alone`], key), b = med(r[`${name}, beside writes`], key);
        const served = med(r[`${name}, alone`], 'rps') && med(r[`${name}, beside writes`], 'rps'); /* nobody answered: no latency is no good one */
        return { value: served ? b / a : better > 0 ? 0 : Infinity, a, b };
    }).sort((x, y) => (x.value - y.value) * better)[0];
    const rps = worst('rps', 1), p99 = worst('p99', -1);
    judge('G10', rps.value, `${show(rps.b)}/s`, `${show(rps.a)}/s`, errors);
    judge('G10 p99', p99.value, `${show(p99.b)} ms`, `${show(p99.a)} ms`, errors);
}
