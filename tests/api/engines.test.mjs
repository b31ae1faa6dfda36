/* engines.test.mjs - the same company on SQLite and on PostgreSQL: every board, sheet and list says the same, byte for byte. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { engine, start_app } from '../support/app.mjs';
import { ok, today } from '../support/company.mjs';

const skip = engine === 'postgres' ? false : 'runs where PostgreSQL does';
const PASSWORD = 'xiaoguan-demo', MONTH = today().slice(0, 7), YEAR = today().slice(0, 4);
const EVERYBODY = [
    '/', '/board', `/board?period=quarter`, '/board?period=week', '/board?period=year&metric=customers_signed', '/board?rank=growth', '/board?rank=effort', '/board/ramp', '/sheets/team', '/sheets/summary',
    '/sheets/tracking', '/sheets/comparison', `/targets?metric=amount&year=${YEAR}`, '/okr', '/key-actions', '/key-actions/mine', '/key-actions/invoices', '/tracking', '/reports/daily', '/reports/daily?sort=-amount',
    '/reports/daily/board', '/reports/daily/missing', '/reports/weekly', '/reports/monthly', '/people', '/people?q=zhang', '/units', '/calendar', '/leave', '/notices',
];
const WIDE = [`/numbers/series?metric=amount&from=${YEAR}-01&months=12`, `/numbers/series?metric=avg_order_value&from=${YEAR}-01&months=12`, '/numbers/facts', '/numbers/facts?sort=-day', '/numbers/values', '/numbers/metrics', '/numbers/dimensions', '/intake', '/settings'];
let pg, lite;

before(async () => {
    if (skip) return;
    pg = await start_app({ demo: true });
    await pg.halt();
    lite = await start_app({ setup: false });
    await lite.halt();
    const copy = join(pg.dir, 'all.backup');
    for (const [app, ...args] of [[pg, 'backup', copy], [lite, 'restore', copy]]) {
        if (app === lite) lite.env.XIAOGUAN_DB = join(lite.dir, 'lite.db');
        const ran = await app.run(...args);
        assert.equal(ran.code, 0, ran.err + ran.out);
    }
    for (const app of [pg, lite]) await app.restart();
});
after(async () => {
    await pg?.stop();
    await lite?.stop();
});

/* What is made anew for each request or session. */
const plain = (text) => text.replace(/"(csrf|request_id|key)":"[^"]*"/g, '"$1":""');

for (const who of ['rep', 'lead', 'manager', 'trainer', 'finance', 'admin'])
    test(`${who} reads the same from both`, { skip }, async () => {
        const [a, b] = await Promise.all([pg.log_in(who, PASSWORD), lite.log_in(who, PASSWORD)]);
        let read = 0;
        for (const path of [...EVERYBODY, ...WIDE]) {
            const [x, y] = await Promise.all([a.get(path), b.get(path)]);
            assert.equal(x.status, y.status, path);
            assert.equal(plain(x.text), plain(y.text), `${path} as ${who}`);
            assert.ok(x.status < 500, path);
            read += x.status === 200;
        }
        assert.ok(read >= 20, `${read} pages were read`);
    });
