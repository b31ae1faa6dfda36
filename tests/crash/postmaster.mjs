/* postmaster.mjs - ends and starts the PostgreSQL of script/pg: without a goodbye, and with its own recovery. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const BIN = '/usr/lib/postgresql/15/bin';
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

function state() {
    const text = readFileSync(process.env.XIAOGUAN_PG_STATE, 'utf8');
    return { dir: text.match(/^dir=(.*)$/m)[1], port: new URL(process.env.XIAOGUAN_PG_URL).port };
}

function lives(pid) {
    try {
        process.kill(pid, 0);
        return true;
    } catch {
        return false;
    }
}

export async function kill_postmaster() {
    const pid = Number(readFileSync(`${state().dir}/data/postmaster.pid`, 'utf8').split('\n')[0]);
    process.kill(pid, 'SIGKILL');
    while (lives(pid)) await sleep(5);
}

/* Its children may hold the shared memory a moment longer, so starting is tried again. */
export async function start_postmaster() {
    const { dir, port } = state(), command = [`${BIN}/pg_ctl`, '-D', `${dir}/data`, '-l', `${dir}/log`, '-o', `-p ${port}`, '-w', '-t', '60', 'start'];
    const as_server = process.getuid() === 0 ? ['runuser', '-u', 'postgres', '--', ...command] : command;
    for (let i = 0; ; i++) {
        try {
            execFileSync(as_server[0], as_server.slice(1), { cwd: '/', stdio: 'ignore' });
            return;
        } catch (e) {
            if (i === 50) throw e;
            await sleep(100);
        }
    }
}
