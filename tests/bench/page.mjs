/* page.mjs - G2 and G4: real pages with a session against our own smallest answer. */
import { errors_of, judge, load_heads, load_row, med, rounds, say, seconds, serve, show, stop, table, take_turns, wrk } from './lib.mjs';
import { company, day, forget, log_in } from './seed.mjs';

const LIST = `/reports/daily?per_page=100&day=${day()}`, BOARD = '/reports/daily/board';

/* The page as a browser asks for it. */
const browser = (person) => ({ cookie: person.cookie(), accept: 'text/html', 'accept-encoding': 'gzip', 'accept-language': 'zh-CN' });

/* Says what the page is, so that nobody measures an error page or an empty list. */
async function look(name, person, path) {
    const html = (await person.call('GET', path, undefined, { accept: 'text/html' })).text, rows = (html.match(/<tr/g) ?? []).length;
    say(`${name}: GET ${path}: ${rows} table rows, ${html.length} characters`);
    if (rows < 100) throw new Error(`${path} shows ${rows} rows only`);
}

export default async function page() {
    const db = await company('reports'), server = await serve(db);
    const lead = await log_in(server, 'lead'), manager = await log_in(server, 'manager');
    await look('list', manager, LIST);
    await look('lead\'s board', lead, BOARD);
    await look('manager\'s board of 500', manager, BOARD);
    let wrong = 0;
    const full = (person, path, least) => async () => {
        const r = await wrk(server, path, { seconds: seconds(2), headers: browser(person) });
        if (r.n && r.bytes < least) wrong++; /* a 304, an error or a plain redirect */
        return r;
    };
    /* The tag is asked for each round: a job that wrote meanwhile makes every page new. An answer of more than headers would show. */
    const unchanged = (person, path) => async () => {
        const headers = browser(person), first = await person.call('GET', path, undefined, headers);
        const r = await wrk(server, path, { seconds: seconds(2), headers: { ...headers, 'if-none-match': first.headers.get('etag') } });
        if (r.bytes > 900) wrong++;
        return r;
    };
    const r = await take_turns(rounds(5), {
        floor: () => wrk(server, '/healthz', { seconds: seconds(2) }),
        board304: unchanged(lead, BOARD), list304: unchanged(manager, LIST),
        list: full(manager, LIST, 4000), board: full(lead, BOARD, 3000), board500: full(manager, BOARD, 8000),
    });
    await stop(server);
    forget(db);
    const base = med(r.floor, 'rps'), all = Object.values(r).flat(), errors = errors_of(all) + wrong;
    table(load_heads, [
        load_row('GET /healthz', r.floor, base), load_row('304, lead\'s board', r.board304, base), load_row('304, list', r.list304, base),
        load_row('list, 100 of 500 rows, gzip', r.list, base), load_row('board, 100 people, gzip', r.board, base), load_row('board, 500 people, gzip', r.board500, base),
    ]);
    if (wrong) say(`${wrong} rounds did not get the answers they asked for`);
    for (const [goal, way] of [['G2', 'board304'], ['G4 list', 'list'], ['G4 board', 'board']])
        judge(goal, med(r[way], 'rps') / base, `${show(med(r[way], 'rps'))}/s`, `${show(base)}/s`, errors);
}
