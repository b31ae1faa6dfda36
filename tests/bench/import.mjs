/* import.mjs - G13: a million daily reports from CSV, with every check of the product, against sqlite3's own .import of the same file. */
import { rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { dir, judge, med, options, product, root, rounds, run, say, show, spread, table, take_turns, timed } from './lib.mjs';
import { company, forget, write_reports } from './seed.mjs';

const COLUMNS = 'day TEXT, employee TEXT, new_customers INT, follow_ups INT, amount REAL, visits INT, calls INT, leads INT, talk_points TEXT, contract_no TEXT, plan TEXT';

export default async function import_() {
    const rows = options.quick ? 100000 : 1000000, csv = join(dir, 'million.csv');
    await write_reports(csv, rows, 0);
    say(`${rows} rows, ${show(statSync(csv).size / 1048576)} MiB`);
    let errors = 0;
    const sqlite = () => {
        const db = join(dir, 'import.db');
        const r = timed('sqlite3', db, `CREATE TABLE daily_report(${COLUMNS})`, `.import --csv --skip 1 ${csv} daily_report`);
        if (Number(run('sqlite3', db, 'SELECT count(*) FROM daily_report')) !== rows) errors++;
        rmSync(db);
        return r;
    };
    const ours = async () => {
        const db = await company('people');
        const r = timed(product, 'import', 'daily_report', csv, '--db', db);
        if (Number(run('sqlite3', db, 'SELECT count(*) FROM daily_report WHERE state > 0')) !== rows) errors++;
        forget(db);
        return r;
    };
    const check = async () => {
        const db = await company('people'), r = timed(product, 'import', 'daily_report', csv, '--dry-run', '--db', db);
        if (!r.out.includes(`${rows} rows: ${rows} good, 0 with errors`)) errors++;
        forget(db);
        return r;
    };
    const parse = () => timed(join(root, 'build/bench/sheet_bench'), 'read', csv);
    const r = await take_turns(rounds(3), { sqlite, ours, check, parse });
    rmSync(csv);
    const base = med(r.sqlite, 'seconds');
    const row = (name, list) => [name, spread(list, 'seconds'), show(med(list, 'seconds') / base), show(med(list, 'cpu')), show(med(list, 'kib') / 1024)];
    table(['', 'seconds', 'ratio', 'CPU s', 'peak MiB (mapped file included)'], [
        row('sqlite3 .import --csv', r.sqlite), row('xiaoguan import daily_report', r.ours), row('... --dry-run: parse and check only', r.check), row('sheet_bench read: parse only', r.parse),
    ]);
    judge('G13', med(r.ours, 'seconds') / base, `${show(med(r.ours, 'seconds'))} s`, `${show(base)} s`, errors);
    say('  G13 plain: the product has no import without checks; see the parts above');
}
