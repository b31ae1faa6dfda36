/* company.mjs - a small company to test with: two regions, a team in each, leads, salespeople, and an account for everybody who needs one.
 *
 *     const co = await found_company(app);
 *     co.unit.a.id, co.person.shan.id, await co.as('lead_a')
 *
 *     company ── 华东大区 (周海涛, manager) ── 上海一部 (林晓燕, lead_a): 单雄信 (rep_a), 王梓涵 (rep_a2), 欧阳雪
 *             └─ 华南大区 (黄志强, manager_b) ── 深圳部 (梁俊杰, lead_b): 曾国强 (rep_b), 覃小曼
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { Agent } from 'node:http';
import { promisify } from 'node:util';
import { engine } from './app.mjs';

const PEOPLE = {
    zhou: ['周海涛', 'east', 'manager', 'manager'], huang: ['黄志强', 'south', 'manager_b', 'manager'],
    lin: ['林晓燕', 'a', 'lead_a', 'lead'], liang: ['梁俊杰', 'b', 'lead_b', 'lead'],
    shan: ['单雄信', 'a', 'rep_a', 'rep'], wang: ['王梓涵', 'a', 'rep_a2', 'rep'], ouyang: ['欧阳雪', 'a', null, null],
    zeng: ['曾国强', 'b', 'rep_b', 'rep'], qin: ['覃小曼', 'b', null, null],
};

/* The day it is for the server, which lives in Shanghai. */
const DAY_MS = 86400000, SHANGHAI_MS = 8 * 3600000, LONGEST_FILE_MS = 15 * 60000;
export function today(plus = 0) {
    return new Date(Date.now() + SHANGHAI_MS + plus * DAY_MS).toISOString().slice(0, 10);
}

/* Stories speak of today, and nobody can hold the server's clock: a file that would begin on one day and end on the next begins after midnight. */
const left_ms = DAY_MS - (Date.now() + SHANGHAI_MS) % DAY_MS;
if (left_ms < LONGEST_FILE_MS) await new Promise((done) => setTimeout(done, left_ms + 1000));

export const day_after = (iso, n) => new Date(Date.parse(`${iso}T00:00:00Z`) + n * 86400000).toISOString().slice(0, 10);

/* Fails with the whole answer if the status is another. */
export function ok(answer, status = 200) {
    assert.equal(answer.status, status, answer.text.slice(0, 1500));
    return answer;
}
export const field_of = (r, name) => r.json?.fields?.find((f) => f.field === name)?.message;

class Company {
    constructor(app, admin) {
        Object.assign(this, { app, admin, unit: {}, person: {} });
    }

    async make(path, fields) { return ok(await this.admin.post(path, { json: fields }), 201).json; }

    async add_unit(key, name, kind, parent) {
        this.unit[key] = await this.make('/units', { name, kind, parent_id: parent });
        return this.unit[key];
    }
    async add_person(key, name, unit, more = {}) {
        this.person[key] = await this.make('/people', { name, unit_id: this.unit[unit].id, ...more });
        return this.person[key];
    }
    async lead(unit, key) {
        ok(await this.admin.call('PATCH', `/units/${this.unit[unit].id}`, { json: { leader_id: this.person[key].id } }));
    }
    /* Makes a day a working day, or a day off. */
    async set_day(day, kind) { ok(await this.admin.post('/calendar', { json: { day, kind, name: kind === 'work' ? '调休上班' : '放假' } })); }
    async set(name, value) { ok(await this.admin.post('/settings', { json: { [name]: value } })); }

    /* Somebody logged in: the people above, or a role without a person (trainer, finance, admin). */
    async as(login) {
        const { app } = this;
        if (['admin', 'trainer', 'finance'].includes(login)) return app.as(login);
        if (!app.clients.has(login)) app.clients.set(login, this.hire(login));
        return app.clients.get(login);
    }
    async hire(login) {
        const [key, [name, , , role]] = Object.entries(PEOPLE).find(([, p]) => p[2] === login);
        await this.app.make_account({ login, name, roles: [role], employee_id: this.person[key].id });
        return this.app.log_in(login);
    }

    /* A report of that person and day, whoever writes it. */
    async report(client, fields, status = 201) { return ok(await client.post('/reports/daily', { json: fields }), status).json; }
}

export async function found_company(app) {
    const admin = await app.as('admin'), co = new Company(app, admin);
    co.unit.root = ok(await admin.get('/units?kind=company')).json.rows[0];
    await co.add_unit('east', '华东大区', 'region', co.unit.root.id);
    await co.add_unit('south', '华南大区', 'region', co.unit.root.id);
    await co.add_unit('a', '上海一部', 'team', co.unit.east.id);
    await co.add_unit('b', '深圳部', 'team', co.unit.south.id);
    for (const [key, [name, unit]] of Object.entries(PEOPLE)) await co.add_person(key, name, unit, { hired_on: '2024-01-02' });
    await co.lead('east', 'zhou');
    await co.lead('south', 'huang');
    await co.lead('a', 'lin');
    await co.lead('b', 'liang');
    return co;
}

/* For what no page can do, such as making a scheduled job due now: one statement on the database. Stop the server first, then start it again. */
export async function sql(app, text) {
    const [program, args] = engine === 'postgres' ? ['psql', ['-X', '-q', '-d', app.database.target, '-c', text]] : ['sqlite3', [app.database.target, text]];
    return promisify(execFile)(program, args);
}

/* Runs a scheduled job as if its time had come. */
export async function run_job(app, kind, before_it = null) {
    await app.halt();
    if (before_it) await sql(app, before_it);
    await sql(app, `UPDATE job SET due_at = 0 WHERE kind = '${kind}'`);
    const ran = await app.run('job', 'run');
    assert.equal(ran.code, 0, ran.err + ran.out);
    assert.match(ran.out, /^[1-9]\d* jobs run/m, `${kind} did not run: ${ran.out}`);
    app.agent = new Agent({ keepAlive: true, maxSockets: 64 });
    await app.spawn();
    return ran.out;
}
