/* http_floor.mjs - G1: the smallest answer through our whole stack (routing, security headers, log) against the same on bare libmicrohttpd. */
import { join } from 'node:path';
import { dir, errors_of, have_lab, judge, load_heads, load_row, med, rounds, seconds, serve, serve_yardstick, show, stop, table, take_turns, wrk } from './lib.mjs';

export default async function http_floor() {
    if (!have_lab('mhd_min')) return;
    const ours = await serve(join(dir, 'floor.db')), bare = await serve_yardstick('mhd_min', (port) => [port, 2]);
    const quiet = await serve(join(dir, 'floor2.db'), ['--log', 'warn']);
    const load = (server, path) => () => wrk(server, path, { seconds: seconds(3) });
    const r = await take_turns(rounds(5), { bare: load(bare, '/'), ours: load(ours, '/healthz'), quiet: load(quiet, '/healthz') });
    await Promise.all([ours, bare, quiet].map(stop));
    const base = med(r.bare, 'rps');
    table(load_heads, [load_row('mhd_min (8 KiB pool not set)', r.bare, base), load_row('GET /healthz', r.ours, base), load_row('... without the request log', r.quiet, base)]);
    judge('G1', med(r.ours, 'rps') / base, `${show(med(r.ours, 'rps'))}/s`, `${show(base)}/s`, errors_of([...r.bare, ...r.ours, ...r.quiet]));
}
