/* count_results.mjs - adds up what a test run printed: node tools/count_results.mjs meson|node FILE...
 *
 * meson: a testlog.json whose tests speak TAP; node: the TAP of `node --test`, whose own summary is taken. Prints
 * "PASSED FAILED SKIPPED" on the last line, and above it what went wrong. A test that broke off counts as failed. */
import { readFileSync } from 'node:fs';

const [kind, ...files] = process.argv.slice(2);
const sum = { passed: 0, failed: 0, skipped: 0 };

function count_meson(line) {
    const test = JSON.parse(line);
    const tap = { passed: 0, failed: 0, skipped: 0, planned: null };
    for (const row of (test.stdout ?? '').split('\n')) {
        const plan = row.match(/^1\.\.(\d+)/);
        if (plan) tap.planned = Number(plan[1]);
        const m = row.match(/^(not )?ok\b(.*)/);
        if (!m) continue;
        if (/#\s*skip/i.test(m[2])) tap.skipped++;
        else if (m[1]) tap.failed++;
        else tap.passed++;
    }
    const seen = tap.passed + tap.failed + tap.skipped;
    if (test.result === 'SKIP' && seen === 0) tap.skipped = 1;
    /* cmocka 1.1 writes a skipped test as "not ok 1 # SKIP name", which meson takes for a failure: so a test is judged by
     * its lines, its exit code, and by having kept its plan, and by meson's word only where it says more than FAIL. */
    const broke_off = test.returncode !== 0 || (tap.planned !== null && seen !== tap.planned);
    const fine = ['OK', 'SKIP', 'EXPECTEDFAIL'].includes(test.result) || (test.result === 'FAIL' && tap.skipped > 0);
    if ((broke_off || !fine) && tap.failed === 0) tap.failed = 1;
    if (tap.failed) {
        console.log(`--- ${test.name}: ${test.result}, exit ${test.returncode}`);
        const text = `${test.stdout ?? ''}\n${test.stderr ?? ''}`.split('\n').filter((l) => !/^ok\b/.test(l));
        console.log(text.slice(0, 80).join('\n'));
    }
    for (const k of ['passed', 'failed', 'skipped']) sum[k] += tap[k];
}

function count_node(text) {
    const last = (name) => Number([...text.matchAll(new RegExp(`^# ${name} (\\d+)$`, 'gm'))].pop()?.[1] ?? 0);
    sum.passed += last('pass');
    sum.failed += last('fail') + last('cancelled');
    sum.skipped += last('skipped') + last('todo');
    /* Each failure with what stands below it, up to the next test. */
    let shown = 0;
    for (const m of text.matchAll(/^( *)not ok (?!.*# TODO)[^\n]*\n(?:\1  [^\n]*\n|\n)*/gm)) {
        if (shown++ < 20) console.log(m[0].split('\n').slice(0, 40).join('\n'));
    }
    if (!/^# pass \d+$/m.test(text)) console.log('The run broke off before its summary.');
}

for (const file of files) {
    const text = readFileSync(file, 'utf8');
    if (kind === 'meson') text.split('\n').filter(Boolean).forEach(count_meson);
    else count_node(text);
}
console.log(sum.passed, sum.failed, sum.skipped);
