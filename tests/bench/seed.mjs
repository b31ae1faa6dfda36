/* seed.mjs - the company that is measured: 10,000 people in 20 regions of 500. Region 1 has teams of 100, the others of 20. A lead has one of the
 * teams of 100, a manager the whole region 1. Made once a run, copied for each part. */
import { copyFileSync, createWriteStream, existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import { dir, product, run, say, serve, sleep, stop } from './lib.mjs';

export const PEOPLE = 10000, REGIONS = 20;
const PASSWORD = 'correct horse battery', DAY_MS = 86400000, CHINA_MS = 8 * 3600000;

/* The organisation's day, n days ago. */
export const day = (n = 0) => new Date(Date.now() + CHINA_MS - n * DAY_MS).toISOString().slice(0, 10);
const staff_no = (i) => `E${String(i).padStart(5, '0')}`;

/* ---- talking to the server ---- */

export class Person {
    constructor(server) {
        this.server = server;
        this.cookies = new Map();
    }

    async call(method, path, json, headers = {}) {
        const body = json === undefined ? undefined : JSON.stringify(json);
        const r = await fetch(this.server.url + path, {
            method, body, redirect: 'manual',
            headers: {
                accept: 'application/json', ...(body ? { 'content-type': 'application/json' } : {}), ...(this.cookies.size ? { cookie: this.cookie() } : {}),
                ...(this.csrf ? { 'x-csrf-token': this.csrf } : {}), ...headers,
            },
        });
        for (const line of r.headers.getSetCookie()) {
            const [pair] = line.split(';'), at = pair.indexOf('=');
            if (pair.slice(at + 1)) this.cookies.set(pair.slice(0, at), pair.slice(at + 1));
            else this.cookies.delete(pair.slice(0, at));
        }
        const text = await r.text();
        if (r.status >= 400) throw new Error(`${method} ${path}: ${r.status} ${text.slice(0, 500)}`);
        const answer = { status: r.status, text, headers: r.headers, json: /json/.test(r.headers.get('content-type') ?? '') ? JSON.parse(text) : null };
        if (answer.json?.csrf) this.csrf = answer.json.csrf;
        return answer;
    }

    cookie() {
        return [...this.cookies].map(([k, v]) => `${k}=${v}`).join('; ');
    }

    post(path, json) {
        return this.call('POST', path, json);
    }
}

export async function log_in(server, login) {
    const person = new Person(server);
    await person.post('/login', { login, password: PASSWORD });
    return person;
}

async function setup_path(server) {
    for (let i = 0; i < 200; i++) {
        const link = readFileSync(server.out, 'utf8').match(/\/setup\/[\w-]+/);
        if (link) return link[0];
        await sleep(25);
    }
    throw new Error('no set-up link');
}

/* ---- the company ---- */

const units = [];
for (let r = 1; r <= REGIONS; r++) {
    const teams = r === 1 ? 5 : 25;
    for (let t = 1; t <= teams; t++) units.push({ region: `第${r}大区`, name: `第${r}大区${t}组`, size: 500 / teams });
}

function employees_csv() {
    const lines = ['工号,姓名,部门,入职日期'];
    for (const u of units) for (let i = 0; i < u.size; i++) lines.push(`${staff_no(lines.length)},员工${lines.length},${u.name},2024-01-02`);
    return `${lines.join('\n')}\n`;
}

async function make_account(admin, server, login, role, employee_id) {
    const made = (await admin.post('/accounts', { login, name: `The ${role}`, roles: [role], employee_id })).json;
    const link = (await admin.post(`/accounts/${made.id}/invite`, {})).json;
    await new Person(server).post(link.path, { password: PASSWORD, password2: PASSWORD });
}

async function make_company(db) {
    let server = await serve(db);
    let admin = new Person(server);
    await admin.post(await setup_path(server), { company: '销冠', name: '管理员', login: 'admin', password: PASSWORD, password2: PASSWORD });
    await admin.post('/units', { name: '总部', kind: 'company' }).catch(() => {}); /* set-up may have made it */
    const company = (await admin.call('GET', '/units')).json.rows.find((u) => u.kind === 'company');
    const ids = new Map();
    for (const u of units) {
        if (!ids.has(u.region)) ids.set(u.region, (await admin.post('/units', { name: u.region, kind: 'region', parent_id: company.id })).json.id);
        ids.set(u.name, (await admin.post('/units', { name: u.name, kind: 'team', parent_id: ids.get(u.region) })).json.id);
    }
    await stop(server);
    writeFileSync(join(dir, 'people.csv'), employees_csv());
    run(product, 'import', 'employee', join(dir, 'people.csv'), '--db', db);
    server = await serve(db);
    admin = await log_in(server, 'admin');
    /* They lead, so they are not among the ranked: two people of other teams. */
    const person = async (no) => (await admin.call('GET', `/people?q=${no}`)).json.rows[0].id;
    const lead = await person(staff_no(PEOPLE)), manager = await person(staff_no(PEOPLE - 1));
    await make_account(admin, server, 'lead', 'lead', lead);
    await make_account(admin, server, 'manager', 'manager', manager);
    await admin.post(`/units/${ids.get(units[0].name)}`, { leader_id: lead });
    await admin.post(`/units/${ids.get(units[0].region)}`, { leader_id: manager });
    await stop(server);
}

/* ---- reports as a spreadsheet ---- */

/* n rows, everybody a row a day, from `first` days ago backwards. */
export async function write_reports(path, n, first) {
    const out = createWriteStream(path);
    out.write('日期,销售人员,new_customers,follow_ups,amount,visits,calls,leads,沟通要点,合同编号,次日核心计划\n');
    for (let i = 0, text = ''; i < n; i++) {
        const who = i % PEOPLE, signed = i % 7 === 0;
        text += `${day(first + Math.floor(i / PEOPLE))},${staff_no(who + 1)},${i % 5},1,${signed ? `${(i * 37) % 100000}.50` : '0'},${i % 9},${i % 40},${i % 3},`
            + `客户${i % 997}要求下周演示,${signed ? `HT-${i}` : ''},拜访三家客户\n`;
        if (text.length > 65536 || i === n - 1) {
            if (!out.write(text)) await once(out, 'drain');
            text = '';
        }
    }
    out.end();
    await once(out, 'close');
}

/* ---- copies ---- */

const made = {};

async function make(kind) {
    const db = join(dir, `${kind}.db`);
    if (kind === 'people') {
        say('(making a company of 10,000 people)');
        await make_company(db);
    } else {
        copyFileSync(await original('people'), db);
        say('(importing their reports of ten days)');
        await write_reports(join(dir, 'reports.csv'), PEOPLE * 10, 0);
        run(product, 'import', 'daily_report', join(dir, 'reports.csv'), '--db', db);
        rmSync(join(dir, 'reports.csv'));
    }
    return db;
}

function original(kind) {
    made[kind] ??= make(kind);
    return made[kind];
}

let copies = 0;
/* A database of its own: 'people', or 'reports' with ten days of everybody's reports too. */
export async function company(kind) {
    const db = join(dir, `${kind}.${++copies}.db`), from = await original(kind);
    copyFileSync(from, db);
    if (existsSync(`${from}-wal`) && statSync(`${from}-wal`).size) throw new Error(`${from} was not closed well`);
    return db;
}

export function forget(db) {
    for (const suffix of ['', '-wal', '-shm', '.lock', '.sock']) rmSync(db + suffix, { force: true });
    rmSync(`${db}.files`, { recursive: true, force: true });
}

/* An administrator's API token; the server of that database need not run. */
export function token(db) {
    return run(product, 'token', 'new', 'admin', '--db', db).trim();
}
