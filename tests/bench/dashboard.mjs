/* dashboard.mjs - G5 and G6: database time of the product's own functions that read a manager's dashboard (the month of a region of 500, its trend of 12
 * months, its ranking), against the best plans over raw facts of the lab's agg_sqlite on the same data, and the same board asked of PostgreSQL and
 * DuckDB. SQLite's times are the thread's CPU time, since all of its work is the thread's. Facts: people x 750 days x 8 metrics, a row a person and day; --people N makes it smaller. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, openSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dir, have_lab, judge, lab, median, options, product, root, rounds, run, say, show, start_postgres, table, take_turns } from './lib.mjs';
import { ask_duckdb, have_duckdb } from './dashboard_duckdb.mjs';

const bench = join(root, 'build/bench/board_bench'), DAYS = 750;
export const FACT_COLUMNS = ['id', 'employee_id', 'unit_id', 'day', 'source', 'source_id', 'created_at', 'n1', 'n2', 'n3', 'n4', 'n5', 'n6', 'n25', 'n26'];
const PANELS = ['month', 'trend', 'ranking'];

/* ---- databases ---- */

function fill(name, people, days) {
    const db = join(dir, name), began = Date.now();
    run(product, '--db', db, 'migrate');
    execFileSync(bench, ['fill', db, people, days].map(String), { stdio: ['ignore', 'ignore', 'inherit'] });
    say(`${people} people x ${days} days x 8 metrics: ${show(people * days * 8 / 1e6)} million values, ${show(statSync(db).size / 1048576)} MiB, ${show((Date.now() - began) / 1000)} s`);
    return db;
}

/* The sums are made by the bench, so the product has to find them right once. */
function prove() {
    const db = fill('proof.db', 500, 273);
    say(`metrics verify: ${run(product, '--db', db, 'metrics', 'verify').trim()}`);
    remove(db);
}

function remove(db) {
    for (const suffix of ['', '-wal', '-shm', '.lock', '.sock']) rmSync(db + suffix, { force: true });
    rmSync(`${db}.files`, { recursive: true, force: true });
}

function csv_of(db, name, sql) {
    const file = join(dir, `${name}.csv`);
    spawnSync('sqlite3', ['-readonly', '-csv', db, sql], { stdio: ['ignore', openSync(file, 'w'), 'inherit'] });
    return file;
}

/* ---- PostgreSQL: the product's schema and rows ---- */

function copy_to_postgres(db, facts) {
    const url = `${start_postgres().url}?options=-cjit%3Doff`;
    run(product, '--db', url, 'migrate');
    for (const name of ['org_unit', 'unit_above', 'employee', 'roll']) {
        const heads = run('sqlite3', '-readonly', db, `SELECT group_concat(name) FROM pragma_table_info('${name}')`).trim();
        const file = csv_of(db, name, `SELECT ${heads} FROM ${name}`);
        run('psql', url, '-qc', `SET session_replication_role = replica`, '-c', `\\copy ${name}(${heads}) FROM '${file}' CSV`);
        rmSync(file);
    }
    run('psql', url, '-qc', 'DROP INDEX fact__unit_day', '-c', `\\copy fact(${FACT_COLUMNS}) FROM '${facts}' CSV`, '-c', 'CREATE INDEX fact__unit_day ON fact (unit_id, day)');
    run('psql', url, '-qc', 'VACUUM ANALYZE');
    return url;
}

/* ---- asking ---- */

let wrong = 0;
/* {panel: microseconds, sum: of all metrics of the first region's month} of the product's functions, or of sums over facts. */
function ask(target, verb, people, count) {
    const lines = run(bench, verb, target, String(people), String(DAYS), String(count)).trim().split('\n').map((x) => JSON.parse(x));
    wrong += lines.reduce((n, x) => n + x.wrong, 0);
    return { ...Object.fromEntries(lines.map((x) => [x.panel.replace('raw ', ''), x.us])), sum: lines[0].sum };
}

/* The lab's program for this many people, with the thread's CPU time for a clock, as board_bench has: on a shared machine a wait would count for a query of
 * milliseconds, and hardly ever for one of microseconds. */
function build_lab(people) {
    const source = join(dir, 'agg_sqlite.c'), regions = people / 500;
    const text = readFileSync(join(lab, 'agg/agg_sqlite.c'), 'utf8').replace('P = 10000', `P = ${people}`).replace('?1%20,', `?1%${regions},`).replace('i * 7 % 20', `i * 7 % ${regions}`);
    writeFileSync(source, text.replace('CLOCK_MONOTONIC', 'CLOCK_THREAD_CPUTIME_ID'));
    run('gcc', '-O2', '-g', '-D_GNU_SOURCE', '-std=gnu11', source, '-o', join(dir, 'agg_sqlite'), '-lsqlite3');
    return join(dir, 'agg_sqlite');
}

/* The lab's yardstick: the better of narrow and wide facts for each panel. */
function ask_lab(program, folder) {
    const us = {};
    for (const line of run(program, folder, 'query').split('\n')) {
        const m = line.match(/^(narrow|wide) (attainment|trend|ranking).*median\s+([\d.]+) ms/), panel = m?.[2].replace('attainment', 'month');
        if (m) us[panel] = Math.min(us[panel] ?? Infinity, Number(m[3]) * 1000);
    }
    return us;
}

const HEADS = ['microseconds (SQLite: CPU)', ...PANELS, 'names of 500', 'board', 'ratio'];
function row(name, list, base) {
    const m = Object.fromEntries(Object.keys(list[0]).map((k) => [k, median(list.map((x) => x[k]))])), board = PANELS.concat('names').reduce((n, k) => n + (m[k] ?? 0), 0);
    return { ...m, board, cells: (whole) => [name, ...PANELS.map((k) => show(m[k])), m.names ? show(m.names) : 'with it', show(board), whole ? show(board / whole) : ''], base };
}

export default async function dashboard() {
    const people = options.people || (options.quick ? 1000 : 10000), tenth = Math.max(500, Math.round(people / 5000) * 500);
    prove();
    const db = fill('board.db', people, DAYS), small = fill('tenth.db', tenth, DAYS), ways = { ours: () => ask(db, 'read', people, 30), small: () => ask(small, 'read', tenth, 30) };
    ways.raw = () => ask(db, 'raw', people, 1);
    if (have_lab()) {
        const folder = join(dir, 'lab'), program = build_lab(people);
        mkdirSync(folder);
        run(program, folder, 'load');
        say('the same data for agg_sqlite');
        ways.lab = () => ask_lab(program, folder);
    } else say('the yardstick is the same sum over the product\'s own facts');
    const facts = csv_of(db, 'fact', `SELECT ${FACT_COLUMNS} FROM fact`), url = copy_to_postgres(db, facts);
    ways.pg = () => ask(url, 'read', people, 10);
    ways.pg_raw = () => ask(url, 'raw', people, 1);
    const duck = have_duckdb();
    if (duck) ways.duck = () => ask_duckdb(join(dir, 'board.duckdb'), facts, people / 500);
    const r = await take_turns(rounds(3), ways);
    if (duck) wrong += r.duck.filter((x) => x.sum !== r.ours[0].sum).length;
    const all = Object.fromEntries(Object.entries({
        lab: 'agg_sqlite, best raw plan', raw: 'SQLite, our facts', pg_raw: 'PostgreSQL, our facts (wall)', duck: 'DuckDB, our facts (wall)', pg: 'PostgreSQL, our functions (wall)',
        ours: 'SQLite, our functions',
        small: `  the same with ${tenth} people`,
    }).filter(([k]) => r[k]).map(([k, name]) => [k, row(name, r[k])]));
    const yardstick = all.lab ?? all.raw;
    table(HEADS, Object.values(all).map((x) => x.cells(yardstick.board)));
    say(`a ranking of one metric with its names in one statement: ${show(median(r.ours.map((x) => x['ranking and names, one metric'])))} us`);
    const us = (x) => `${show(x)} us`, growth = [...PANELS, 'names'].map((k) => [k, all.ours[k] / all.small[k]]).sort((a, b) => b[1] - a[1]);
    judge('G5', all.ours.board / yardstick.board, us(all.ours.board), us(yardstick.board), wrong);
    judge('G6', all.ours.trend / yardstick.trend, us(all.ours.trend), us(yardstick.trend), wrong);
    judge('G6 us', all.ours.trend, us(all.ours.trend), us(yardstick.trend), wrong);
    judge('growth', growth[0][1], growth.map(([k, x]) => `${k} ${show(x)}`).join(', '), `a tenth: ${tenth} people`, wrong);
    for (const x of [db, small]) remove(x);
}
