/* dashboard_duckdb.mjs - the dashboard's questions asked of DuckDB over the same facts. Its npm package serves this comparison only, so it is installed when
 * it is first needed, into build/, and not by script/bootstrap. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { median, root, say } from './lib.mjs';

const VERSION = '1.5.6-r.1', folder = join(root, 'build/bench-node'), ASKED = 11;
const QUESTIONS = {
    month: `SELECT sum(n1), sum(n2), sum(n3), sum(n4), sum(n5), sum(n6), sum(n25), sum(n26) FROM fact WHERE region = $1 AND day BETWEEN '2026-11-01' AND '2026-11-30'`,
    trend: `SELECT date_trunc('month', day), sum(n1) FROM fact WHERE region = $1 AND day BETWEEN '2025-12-01' AND '2026-11-30' GROUP BY 1`,
    ranking: `SELECT employee_id, sum(n1) FROM fact WHERE region = $1 AND day BETWEEN '2026-11-01' AND '2026-11-30' GROUP BY 1 ORDER BY 2 DESC`,
};

export function have_duckdb() {
    if (existsSync(join(folder, 'node_modules/@duckdb/node-api'))) return true;
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'package.json'), '{"private":true}\n');
    const r = spawnSync('npm', ['install', '--no-audit', '--no-fund', '--no-save', `@duckdb/node-api@${VERSION}`], { cwd: folder, encoding: 'utf8' });
    if (r.status !== 0) say('without DuckDB, whose npm package cannot be installed here');
    return r.status === 0;
}

let connection;
async function connect(file, facts, regions) {
    const { DuckDBInstance } = createRequire(join(folder, 'x.js'))('@duckdb/node-api');
    connection = await (await DuckDBInstance.create(file)).connect();
    await connection.run(`CREATE TABLE fact AS SELECT employee_id::INT AS employee_id, (employee_id % ${regions})::INT AS region, day, n1, n2, n3, n4, n5, n6, n25, n26 FROM read_csv('${facts}', header = false,
        columns = {id: 'BIGINT', employee_id: 'BIGINT', unit_id: 'BIGINT', day: 'DATE', source: 'INT', source_id: 'BIGINT', created_at: 'BIGINT', n1: 'BIGINT', n2: 'BIGINT', n3: 'BIGINT', n4: 'BIGINT',
        n5: 'BIGINT', n6: 'BIGINT', n25: 'BIGINT', n26: 'BIGINT'})`);
}

/* {panel: microseconds, sum: of all metrics of the first region's month}. */
export async function ask_duckdb(file, facts, regions) {
    if (!connection) await connect(file, facts, regions);
    const us = {};
    for (const [panel, sql] of Object.entries(QUESTIONS)) {
        const question = await connection.prepare(sql), times = [];
        for (let i = -1; i < ASKED; i++) { /* the first warms up */
            question.bindInteger(1, Math.max(0, i) * 7 % regions);
            const began = performance.now(), rows = (await question.runAndReadAll()).getRows();
            if (i >= 0) times.push((performance.now() - began) * 1000);
            if (panel === 'month' && i === 0) us.sum = rows[0].reduce((a, b) => a + Number(b), 0);
        }
        us[panel] = median(times);
    }
    return us;
}
