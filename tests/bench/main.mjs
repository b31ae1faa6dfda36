/* main.mjs - runs the parts of script/bench that are named, or all, and sums up. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { options, root, say, verdicts } from './lib.mjs';

const PARTS = ['http-floor', 'page', 'submit', 'submit-pg', 'mixed', 'dashboard', 'import', 'intake', 'xlsx', 'render', 'conns', 'slow'];

function read_arguments(list) {
    const names = [];
    for (let i = 0; i < list.length; i++) {
        if (list[i] === '--list') {
            say(PARTS.join('\n'));
            process.exit(0);
        } else if (list[i] === '--quick') options.quick = true;
        else if (list[i] === '--rounds') options.rounds = Number(list[++i]);
        else if (list[i] === '--people') options.people = Number(list[++i]);
        else if (PARTS.includes(list[i])) names.push(list[i]);
        else {
            console.error(`There is no part ${list[i]}; script/bench --list names them.`);
            process.exit(2);
        }
    }
    return names.length ? names : PARTS;
}

const names = read_arguments(process.argv.slice(2)), failed = [];
say(`${cpus().length} cores, ${(Number(readFileSync('/proc/meminfo', 'utf8').match(/\d+/)[0]) / 1048576).toFixed(0)} GiB, load ${readFileSync('/proc/loadavg', 'utf8').split(' ')[0]}`
    + `${options.quick ? '; QUICK: a smoke run, its figures mean nothing' : ''}`);
for (const name of names) {
    const began = Date.now();
    say(`\n==> ${name}`);
    try {
        await (await import(`./${name.replace('-', '_')}.mjs`)).default();
    } catch (e) {
        failed.push(name);
        say(`FAILED: ${e.stack ?? e}`);
    }
    say(`    (${((Date.now() - began) / 1000).toFixed(0)} s)`);
}
const met = verdicts.filter((v) => v.met).length, errors = verdicts.filter((v) => v.errors);
mkdirSync(join(root, 'build/log'), { recursive: true });
writeFileSync(join(root, 'build/log/bench.json'), `${JSON.stringify({ quick: options.quick, verdicts }, null, 1)}\n`);
say(`\n${met} goals met, ${verdicts.length - met} missed${verdicts.length - met ? `: ${verdicts.filter((v) => !v.met).map((v) => v.goal).join(', ')}` : ''}`);
if (errors.length) say(`errors in: ${errors.map((v) => v.goal).join(', ')}`);
if (failed.length) say(`failed: ${failed.join(', ')}`);
process.exit(failed.length || errors.length ? 1 : 0); /* a missed goal is a result, not a failure */
