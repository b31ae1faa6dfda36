/* xlsx.mjs - G14 and G15: 100,000 rows of 10 columns, read and written, against openpyxl (read-only, write-only) and xlsx2csv. The file read is
 * openpyxl's own, with shared strings. */
import { existsSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { dir, have_lab, have_openpyxl, judge, lab, med, options, python, root, rounds, say, show, spread, table, take_turns, timed, yard } from './lib.mjs';

export default async function xlsx() {
    if (!have_lab() || !have_openpyxl()) return;
    const rows = options.quick ? 5000 : 100000, script = join(lab, 'import/xlsx_py.py'), bench = join(root, 'build/bench/sheet_bench');
    const file = join(yard, `openpyxl-${rows}.xlsx`), out = join(dir, 'out.xlsx'), csv = join(dir, 'out.csv');
    if (!existsSync(file)) {
        timed(python, script, 'write', out, rows);
        renameSync(out, file);
    }
    const fresh = (way) => (rmSync(out, { force: true }), way());
    const have_csv = existsSync('/usr/bin/xlsx2csv');
    if (!have_csv) say('without xlsx2csv, which is not installed');
    let errors = 0;
    const r = await take_turns(rounds(3), {
        ours: () => {
            const t = timed(bench, 'read', file);
            if (!t.out.startsWith(`${rows} rows, ${rows * 10} cells`) || !t.out.includes(' 0 not UTF-8')) errors++;
            return { ...t, kib: Number(t.out.match(/peak (\d+) KiB/)[1]) };
        },
        again: () => timed(bench, 'read', file),
        openpyxl: () => timed(python, script, 'read', file),
        xlsx2csv: () => (have_csv ? timed('/usr/bin/xlsx2csv', file, csv) : { seconds: NaN, cpu: NaN, kib: NaN }),
        write: () => fresh(() => timed(bench, 'write', out, rows)),
        write_py: () => fresh(() => timed(python, script, 'write', out, rows)),
    });
    r.ours.push(...r.again); /* short runs, so twice as many */
    const row = (name, list, base) => [name, spread(list, 'seconds'), show(med(list, 'seconds') / med(base, 'seconds')), show(med(list, 'kib') / 1024)];
    say(`${rows} rows, ${show(statSync(file).size / 1048576)} MiB`);
    table(['', 'seconds', 'ratio', 'peak MiB'], [
        row('openpyxl, read-only', r.openpyxl, r.openpyxl), row('xlsx2csv', r.xlsx2csv, r.openpyxl), row('sheet_read', r.ours, r.openpyxl),
        row('openpyxl, write-only', r.write_py, r.write_py), row('sheet_writer', r.write, r.write_py),
    ]);
    rmSync(csv, { force: true });
    const compare = (goal, a, b) => judge(goal, med(a, 'seconds') / med(b, 'seconds'), `${show(med(a, 'seconds'))} s`, `${show(med(b, 'seconds'))} s`, errors);
    compare('G14', r.ours, r.openpyxl);
    if (have_csv) compare('G14 xlsx2csv', r.ours, r.xlsx2csv);
    judge('G14 MiB', med(r.ours, 'kib') / 1024, `${show(med(r.ours, 'kib') / 1024)} MiB`, 'all of the process, the mapped file included', errors);
    compare('G15', r.write, r.write_py);
}
