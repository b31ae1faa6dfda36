/* crash.mjs - kill -9 under load, N times: see script/crash. */
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { engine, start_app } from '../support/app.mjs';
import { check } from './check.mjs';
import { kill_postmaster, start_postmaster } from './postmaster.mjs';
import { hire_writers, Journal, start_writing } from './writers.mjs';

const kills = Number(process.argv[2] ?? 50), WRITERS = 16, DAYS = 20;
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
const random = (from, to) => from + Math.random() * (to - from);

/* A copy, so that a build meanwhile does not come between. */
const folder = mkdtempSync(join(tmpdir(), 'xiaoguan-crash-'));
copyFileSync(process.env.XIAOGUAN_BIN, join(folder, 'xiaoguan'));
process.env.XIAOGUAN_BIN = join(folder, 'xiaoguan');
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

const app = await start_app({ env: { XIAOGUAN_API_PER_MINUTE: '0', XIAOGUAN_LOG: 'error', XIAOGUAN_JOBS: '1' } });
const journal = new Journal();
let lost = 0, doubled = 0, count = 0, told = 10;

async function look(what) {
    const found = await check(app, journal);
    lost += found.lost.length;
    doubled += found.doubled.length;
    for (const line of [...found.lost, ...found.doubled, ...found.other]) console.log(`  ${what}: ${line}`);
    if (found.other.length) throw new Error(`${what}: the database is not in order`);
}

/* One time in ten the next process dies as well, while it is still recovering. */
async function kill_program() {
    const writing = start_writing(app, journal);
    await sleep(random(20, 600));
    await app.halt('SIGKILL');
    await writing.stop();
    if (Math.random() < 0.1 && count + 1 < kills) {
        await start_and_kill();
        count++;
    }
    await app.restart_after_kill();
}

/* The program lives on, and has to find its way back to the database by itself. */
async function kill_database() {
    const writing = start_writing(app, journal);
    await sleep(random(20, 600));
    await kill_postmaster();
    await sleep(random(0, 300));
    await start_postmaster();
    await sleep(300);
    await writing.stop();
    await app.answering();
}

async function start_and_kill() {
    const started = app.spawn().catch(() => {}); /* it does not live to say its address */
    await sleep(random(1, 40));
    app.child.kill('SIGKILL');
    await started;
}

app.restart_after_kill = async () => {
    app.renew_agent();
    await app.spawn();
};

try {
    journal.writers = await hire_writers(app, WRITERS, DAYS);
    const start = Date.now();
    for (count = 0; count < kills; count++) {
        await kill_program();
        await look(`kill ${count + 1}`);
        if (count + 1 < told) continue;
        told += 10;
        console.log(`  ${count + 1} kills, ${journal.acknowledged} acknowledged, ${journal.unanswered} unanswered of which ${journal.taken} had been taken, ${Math.round((Date.now() - start) / 1000)} s`);
    }
    if (engine === 'postgres') {
        for (let i = 0; i < Math.ceil(kills / 5); i++, count++) {
            await kill_database();
            await look(`kill ${i + 1} of the postmaster`);
        }
    }
    await app.stop();
} catch (e) {
    await app.halt('SIGKILL').catch(() => {});
    console.log(`FAILED after ${count} kills: ${e.stack}\nThe program's last words:\n${app.output().split('\n').slice(-20).join('\n')}\nThe database is left in ${app.dir}`);
    process.exitCode = 1;
}
console.log(`${count} kills, ${journal.acknowledged} acknowledged, ${lost} lost, ${doubled} doubled`);
if (lost || doubled) process.exitCode = 1;
