/* target_property.test.mjs - random edits, splits, moves, publications and adjustments: whatever is done, quarters are the sums of months, the line of
 * sums is that of the rows above it, the rest is the target less that line, and what is in force changes only by an approved adjustment.
 *
 * XIAOGUAN_TEST_SEED repeats a run. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { start_app } from '../support/app.mjs';
import { found_company, ok, today } from '../support/company.mjs';

const YEAR = Number(today().slice(0, 4)), MONTH = Number(today().slice(5, 7)), STEPS = 60;
const SEED = Number(process.env.XIAOGUAN_TEST_SEED ?? Date.now() % 1e6);
const UNITS = { root: ['east', 'south'], east: ['a'], south: ['b'], a: [], b: [] };
const SELLERS = ['shan', 'wang', 'ouyang', 'zeng', 'qin'];
let app, co, admin, lead, state = SEED;

before(async () => {
    app = await start_app();
    co = await found_company(app);
    admin = co.admin;
    lead = { a: await co.as('lead_a'), b: await co.as('lead_b') };
    console.log(`# seed ${SEED}`);
});
after(() => app?.stop());

/* ---- chance ---- */

const random = () => {
    state = (state + 0x6D2B79F5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
};
const below = (n) => Math.floor(random() * n), one_of = (list) => list[below(list.length)];
const fen = () => (below(4) ? 1 + below(99999999) : 0), yuan = (n) => `${Math.floor(n / 100)}.${String(n % 100).padStart(2, '0')}`;

/* ---- what should stand ---- */

const team_of = { shan: 'a', wang: 'a', ouyang: 'a', zeng: 'b', qin: 'b' };
const key_of = (who) => (co.unit[who] ? `u${co.unit[who].id}` : `p${co.person[who].id}`);
const draft = {}, force = {}; /* by who: twelve months in 分, null where nothing is set */
const empty = () => Array(12).fill(null);
const members = (unit) => SELLERS.filter((who) => team_of[who] === unit);
const name_of = (key) => [...Object.keys(UNITS), ...SELLERS].find((who) => key_of(who) === key);

/* ---- what stands ---- */

const in_fen = (value) => (value === null ? null : Math.round(value * 100));
const at = (row, period) => in_fen(row.cells.find((x) => x.period === String(period)).value);
const add = (list) => (list.every((x) => x === null) ? null : list.reduce((s, x) => s + (x ?? 0), 0));
const grid = async (unit, view) => ok(await admin.get(`/targets?year=${YEAR}&metric=amount&view=${view}&unit_id=${co.unit[unit].id}`)).json;
const months = (row) => Array.from({ length: 12 }, (_, i) => at(row, i + 1));

function assert_periods(row, who) {
    const m = months(row);
    for (let q = 0; q < 4; q++) assert.equal(at(row, `q${q + 1}`), add(m.slice(q * 3, q * 3 + 3)), `${who}: quarter ${q + 1}`);
    assert.equal(at(row, 'year'), add(m), `${who}: year`);
}

async function assert_all(what) {
    for (const [view, model] of [['draft', draft], ['force', force]])
        for (const unit of Object.keys(UNITS)) {
            const g = await grid(unit, view), note = `${what}, ${view}, ${unit}`;
            const shown = (who) => model[who] ?? (view === 'draft' ? force[who] : null) ?? empty();
            assert.deepEqual(months(g.own), shown(unit), `${note}: own`);
            assert.deepEqual(g.rows.map((r) => name_of(r.key)).filter((x) => x).sort(), [...UNITS[unit], ...members(unit)].sort(), `${note}: who stands below`);
            for (const row of g.rows) {
                if (name_of(row.key)) assert.deepEqual(months(row), shown(name_of(row.key)), `${note}: ${name_of(row.key)}`);
                assert_periods(row, note);
            }
            assert_periods(g.own, note);
            for (const period of [...Array(12).keys()].map((i) => i + 1).concat('q1', 'q2', 'q3', 'q4', 'year')) {
                const sum = add(g.rows.map((r) => at(r, period)));
                assert.equal(at(g.sum, period) ?? 0, sum ?? 0, `${note}: the sum of ${period}`);
                assert.equal(at(g.rest, period) ?? 0, (at(g.own, period) ?? 0) - (sum ?? 0), `${note}: the rest of ${period}`);
            }
        }
}

/* ---- what is done ---- */

const cells_of = (changes) => changes.map(([who, month, value, base]) => ({ scope: key_of(who), month, value: yuan(value), ...(base === undefined ? {} : { base }) }));
const save = (changes) => admin.post('/targets/cells', { json: { metric: 'amount', year: YEAR, cells: cells_of(changes) } });

async function edit(who = one_of([...Object.keys(UNITS), ...SELLERS]), whole = below(3) === 0) {
    const changes = [...Array(12).keys()].filter(() => whole || below(3) === 0).map((i) => [who, i + 1, fen()]);
    if (!changes.length) return 'nothing';
    if (force[who]) {
        ok(await save(changes), 409);
        return `an edit of ${who}, in force`;
    }
    ok(await save(changes));
    draft[who] ??= empty();
    for (const [, month, value] of changes) draft[who][month - 1] = value;
    return `an edit of ${who}`;
}

async function split(unit = one_of(Object.keys(UNITS))) {
    const kids = [...UNITS[unit], ...members(unit)], own = draft[unit] ?? force[unit];
    if (!kids.length || !own || own.some((x) => x === null) || kids.some((who) => force[who])) return 'nothing';
    const { cells, rest } = ok(await admin.post('/targets/split', { json: { metric: 'amount', year: YEAR, unit_id: co.unit[unit].id, first_month: 1, last_month: 12, equal: below(3), history: below(3), capacity: 1 + below(3), seniority: below(3) } })).json;
    assert.equal(rest, 0);
    const changes = cells.map((c) => [name_of(c.scope), c.month, in_fen(c.value)]).filter(([who]) => kids.includes(who));
    for (let month = 1; month <= 12; month++) assert.equal(add(changes.filter((x) => x[1] === month).map((x) => x[2])), own[month - 1], `the split of ${unit} sums to month ${month}`);
    ok(await save(changes));
    for (const [who, month, value] of changes) (draft[who] ??= empty())[month - 1] = value;
    return `a split of ${unit}`;
}

const subtree = (unit) => [unit, ...UNITS[unit].flatMap(subtree), ...members(unit)];
async function publish(unit = one_of(['a', 'b', 'south'])) {
    const list = subtree(unit).filter((who) => draft[who]);
    ok(await admin.post('/targets/publish', { json: { metric: 'amount', year: YEAR, unit_id: co.unit[unit].id } }), list.length ? 200 : undefined);
    for (const who of list) {
        force[who] = draft[who];
        delete draft[who];
    }
    return `${unit} is published`;
}

async function adjust(unit = one_of(['a', 'b']), end = one_of(['approve', 'reject', 'withdraw'])) {
    const changes = members(unit).filter((who) => force[who]).flatMap((who) => [...Array(12).keys()].map((i) => i + 1).filter((m) => m >= MONTH && below(2)).map((m) => [who, m, fen()]));
    if (!changes.some(([who, month, value]) => force[who][month - 1] !== value)) return 'nothing';
    const ask = { metric: 'amount', year: YEAR, unit_id: co.unit[unit].id, from_month: MONTH, reason: '客户调整', cells: cells_of(changes) };
    const { id } = ok(await lead[unit].post('/targets/revisions', { json: ask }), 201).json;
    await assert_force(`an adjustment of ${unit} waits`);
    ok(await (end === 'withdraw' ? lead[unit] : admin).post(`/targets/revisions/${id}/${end}`, { json: end === 'reject' ? { reason: '人手不足' } : {} }));
    if (end === 'approve') for (const [who, month, value] of changes) force[who][month - 1] = value;
    return `an adjustment of ${unit}: ${end}`;
}
async function assert_force(what) {
    for (const unit of ['a', 'b']) for (const row of (await grid(unit, 'force')).rows) assert.deepEqual(months(row), force[name_of(row.key)] ?? empty(), what);
}

async function move(who = one_of(SELLERS)) {
    const to = team_of[who] === 'a' ? 'b' : 'a';
    const r = await admin.post(`/people/${co.person[who].id}/transfer`, { json: { unit_id: co.unit[to].id, effective: today() } });
    assert.ok(r.status < 300, r.text);
    team_of[who] = to;
    return `${who} moves to ${to}`;
}

test('children, rest and periods agree after any sequence of edits, splits, moves, publications and adjustments', async () => {
    const life = [() => edit('root', true), () => split('root'), () => split('east'), () => split('a'), () => publish('a'), () => adjust('a', 'approve'), () => move('shan'), () => adjust('b', 'reject')];
    for (let i = 0; i < STEPS; i++) {
        const what = await (life[i] ?? one_of([edit, edit, edit, split, split, move, publish, adjust, adjust]))();
        assert.ok(i >= 7 || what !== 'nothing', `step ${i} does something`);
        if (what !== 'nothing') await assert_all(`seed ${SEED}, step ${i}, ${what}`);
    }
});
