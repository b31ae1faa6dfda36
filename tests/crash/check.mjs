/* check.mjs - reads everything back after a crash: through the program, and beside it with the engine's own tool. */
import { execFileSync } from 'node:child_process';
import { engine } from '../support/app.mjs';

const DAY_BITS = 20n, DAY_MS = 86400000;

function sql(app, text) {
    const out = engine === 'sqlite'
        ? execFileSync('sqlite3', ['-readonly', '-separator', '|', app.database.target, text], { encoding: 'utf8', maxBuffer: 64 << 20 })
        : execFileSync('psql', ['-X', '-q', '-A', '-t', '-d', app.database.target, '-c', text], { encoding: 'utf8', maxBuffer: 64 << 20 });
    return out.split('\n').filter(Boolean);
}

const id_of = (page) => (BigInt(page.employee) << DAY_BITS) | BigInt(Date.parse(page.day) / DAY_MS);
const show = (r) => `${r.new_customers}/${r.follow_ups}/${r.amount}`;
const same = (row, r) => row.new_customers === r.new_customers && row.follow_ups === r.follow_ups && Number(row.amount) === r.amount;

/* What is there becomes what has to be there from now on. */
async function check_page(journal, writer, page, found) {
    journal.unanswered += page.open.filter((r) => !r.seen).length;
    for (const r of page.open) r.seen = true;
    const may = [page.held, ...page.open].filter(Boolean), answer = await writer.client.get(`/reports/daily/${id_of(page)}`);
    if (answer.status === 404) {
        if (page.held) found.lost.push(`${page.employee} ${page.day}: acknowledged ${show(page.held)} is gone`);
        page.held = null;
        return;
    }
    if (answer.status !== 200) throw new Error(`${page.employee} ${page.day}: ${answer.status} ${answer.text.slice(0, 300)}`);
    const is = may.find((r) => same(answer.json, r));
    if (!is) found.lost.push(`${page.employee} ${page.day}: ${show(answer.json)} instead of ${may.map(show).join(' or ')}`);
    if (page.open.includes(is)) journal.taken++;
    page.held = is ?? page.held;
    page.open = page.open.slice(page.open.indexOf(is) + 1);
    page.version = answer.json.version;
}

async function check_writer(journal, writer, found) {
    for (const page of journal.pages.values()) if (page.employee === writer.employee) await check_page(journal, writer, page, found);
}

/* A report is there once; each submission that was taken counts once, in its version and in the audit log. */
function check_doubles(app, journal, found) {
    for (const line of sql(app, 'SELECT employee_id, day, count(*) FROM daily_report GROUP BY employee_id, day HAVING count(*) > 1')) {
        found.doubled.push(`reports of ${line}`);
    }
    const logged = new Map(sql(app, "SELECT object_id, count(*) FROM audit WHERE object = 'daily_report' GROUP BY object_id").map((l) => l.split('|')));
    for (const page of journal.pages.values()) {
        if (!page.version) continue;
        const entries = Number(logged.get(String(id_of(page))) ?? 0);
        if (page.version > page.sent) found.doubled.push(`${page.employee} ${page.day}: ${page.sent} submissions made version ${page.version}`);
        if (entries !== page.version) found.other.push(`${page.employee} ${page.day}: version ${page.version}, but ${entries} audit entries`);
    }
}

export async function check(app, journal) {
    const found = { lost: [], doubled: [], other: [] };
    await Promise.all(journal.writers.map((w) => check_writer(journal, w, found)));
    check_doubles(app, journal, found);
    if (engine === 'sqlite') {
        const integrity = sql(app, 'PRAGMA integrity_check; PRAGMA foreign_key_check').join('; ');
        if (integrity !== 'ok') found.other.push(`integrity_check: ${integrity}`);
    }
    const verified = await app.run('audit', 'verify');
    if (verified.code) found.other.push(`audit verify: ${verified.out}${verified.err}`);
    return found;
}
