/* slow.mjs - G19: 1,000 clients that send a byte a second, first in their headers, then in their bodies, while others are served; and that each is
 * cut by its deadline (src/http/deadline.h: 10 s, looked at once a second). */
import { join } from 'node:path';
import { dir, errors_of, judge, load_heads, load_row, med, options, rounds, say, seconds, serve, show, sleep, stop, table, wrk } from './lib.mjs';
import { hold } from './conns.mjs';

const LATEST = 14; /* seconds: deadline, sweep, and a busy machine */

async function beside(server, kind, load) {
    const held = hold(kind, server.port, 1000), made = await held.next();
    await sleep(1000);
    const r = await load();
    const end = await held.next();
    await held.end();
    r.held = made.open, r.cut = end.closed, r.answered = end.answered, r.first = end.first, r.last = end.last;
    return r;
}

export default async function slow() {
    const server = await serve(join(dir, 'slow.db')), load = () => wrk(server, '/healthz', { connections: 16, seconds: seconds(3) });
    const r = { alone: [], headers: [], bodies: [] }, n = rounds(2);
    for (let i = 0; i < n; i++) {
        for (const kind of ['headers', 'bodies']) {
            r.alone.push(await load());
            r[kind].push(await beside(server, kind, load));
        }
    }
    await stop(server);
    const base = med(r.alone, 'rps'), all = [...r.headers, ...r.bodies];
    table(load_heads, [load_row('/healthz alone', r.alone, base), load_row('beside 1,000 slow headers', r.headers, base), load_row('beside 1,000 slow bodies', r.bodies, base)]);
    for (const kind of ['headers', 'bodies'])
        for (const x of r[kind]) say(`${kind}: ${x.held} held, ${x.cut} cut, after ${show(x.first)} to ${show(x.last)} s, ${x.answered} answered`);
    const errors = errors_of([...r.alone, ...all]), cut = Math.min(...all.map((x) => (x.last <= LATEST ? x.cut : 0)));
    for (const kind of ['headers', 'bodies']) judge(`G19 ${kind}`, med(r[kind], 'rps') / base, `${show(med(r[kind], 'rps'))}/s`, `${show(base)}/s`, errors);
    judge('G19 cut', cut / 1000, `${cut} cut`, '1,000', options.quick ? 0 : errors);
}
