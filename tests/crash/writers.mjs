/* writers.mjs - people who send reports as fast as they are taken, and a journal of what they were told.
 *
 * A writer sends one report at a time, so of each (person, day) the journal knows: `held`, the numbers last acknowledged, and `open`, those
 * sent since then without an answer. After a crash the database must show `held` or one of `open`. */
import { randomUUID } from 'node:crypto';
import { Agent } from 'node:http';
import { Client, PASSWORD } from '../support/app.mjs';

const DAY_MS = 86400000;

export class Journal {
    writers = [];
    pages = new Map(); /* `${employee} ${day}` -> {employee, day, held, open, sent} */
    acknowledged = 0;
    unanswered = 0; /* at a kill */
    taken = 0; /* of these, were there afterwards */

    page(employee, day) {
        const name = `${employee} ${day}`;
        if (!this.pages.has(name)) this.pages.set(name, { employee, day, held: null, open: [], sent: 0 });
        return this.pages.get(name);
    }

    acknowledge(page, report) {
        page.held = report;
        page.open = [];
        this.acknowledged++;
    }
}

function expect(answer, ...wanted) {
    if (!wanted.includes(answer.status)) throw new Error(`${answer.status} instead of ${wanted}: ${answer.text.slice(0, 500)}`);
    return answer.json;
}

/* n salespeople in one team, each with an account and an API token; they write about the last `days` days. */
export async function hire_writers(app, n, days) {
    const admin = await app.as('admin'), writers = [];
    const units = expect(await admin.get('/units'), 200);
    const unit_id = (units.items ?? units.rows)[0].id;
    for (let i = 0; i < n; i++) {
        const person = expect(await admin.post('/people', { json: { no: `C${100 + i}`, name: `写手${i}`, unit_id } }), 201);
        await app.make_account({ login: `writer${i}`, name: `写手${i}`, roles: ['rep'], employee_id: person.id }, PASSWORD);
        const made = await app.run('token', 'new', `writer${i}`);
        if (made.code) throw new Error(`token: ${made.err}`);
        const today = Date.now() + 8 * 3600000; /* the organisation's zone */
        const dates = Array.from({ length: days }, (_, k) => new Date(today - k * DAY_MS).toISOString().slice(0, 10));
        writers.push({ employee: person.id, dates, client: new Client(app, { token: made.out.trim(), address: '127.0.0.1' }), sent: 0 });
    }
    app.renew_agent = () => { app.agent = new Agent({ keepAlive: true, maxSockets: 64 }); };
    return writers;
}

/* Numbers that occur once in a writer's life. */
function make_report(writer, day) {
    const n = ++writer.sent;
    return { key: randomUUID(), day, new_customers: n, follow_ups: 1, amount: n + 0.25 };
}

/* True if it was taken. No answer, or 5xx, leaves it open; anything else is a fault of the program. */
async function send(writer, report) {
    const { key, ...json } = report;
    Object.assign(json, { talk_points: '讲了三点', contract_no: 'HT-1', reason: '无', plan: '继续' });
    let answer;
    try {
        answer = await writer.client.post('/reports/daily', { json, headers: { 'idempotency-key': key } });
    } catch {
        return false;
    }
    if (answer.status >= 500) return false;
    expect(answer, 200, 201);
    return true;
}

async function write_one(journal, writer) {
    const day = writer.dates[Math.floor(Math.random() * writer.dates.length)];
    const page = journal.page(writer.employee, day), left = page.open.at(-1);
    if (left && Math.random() < 0.5) { /* as a phone would: the same again, with the same key */
        if (await send(writer, left)) journal.acknowledge(page, left);
        return;
    }
    const report = make_report(writer, day);
    page.open.push(report);
    page.sent++;
    if (await send(writer, report)) journal.acknowledge(page, report);
    if (page.held === report && Math.random() < 0.05) await send(writer, report); /* impatient: twice */
}

/* All writers at once, until stop() is called; stop() waits for them. */
export function start_writing(app, journal) {
    let going = true, failure = null;
    const work = async (writer) => {
        while (going) {
            await write_one(journal, writer);
            if (app.child.exitCode !== null || app.child.signalCode !== null) break;
        }
    };
    const all = journal.writers.map((w) => work(w).catch((e) => { failure ??= e; }));
    return {
        stop: async () => {
            going = false;
            await Promise.all(all);
            if (failure) throw failure;
        },
    };
}
