/* sockets.mjs - a process of its own that holds many connections, so that the measuring one stays free. node sockets.mjs KIND PORT COUNT.
 *     idle      one GET /healthz on each, then nothing
 *     headers   a header line begun and never ended: a byte a second
 *     bodies    a whole head, then a byte of the body a second
 * Prints {"open": n} once all are made, {"closed": n, "first": s, "last": s} when all were closed or time is up; ends when its input ends. */
import { connect } from 'node:net';

const [, , kind, port, count] = process.argv, n = Number(count), sockets = [];
const began = Date.now(), closed = [];
const tell = (o) => process.stdout.write(`${JSON.stringify(o)}\n`);
const HEADS = {
    idle: 'GET /healthz HTTP/1.1\r\nHost: a\r\nCookie: sid=0123456789abcdef0123456789abcdef\r\n\r\n',
    headers: 'GET /healthz HTTP/1.1\r\nHost: a\r\nX-Slow: ',
    bodies: 'POST /login HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 5000\r\n\r\n{',
};

let answered = 0;
function open_one() {
    return new Promise((done) => {
        /* Many addresses of the loopback network, as many clients would have. */
        const s = connect({ port: Number(port), host: '127.0.0.1', localAddress: `127.0.0.${2 + sockets.length % 200}` });
        sockets.push(s);
        s.on('error', () => {});
        s.on('close', () => (closed.push((Date.now() - s.since) / 1000), done()));
        s.on('connect', () => {
            s.since = Date.now();
            s.write(HEADS[kind]);
            if (kind !== 'idle') done();
        });
        s.on('data', () => (answered++, kind === 'idle' && done()));
    });
}

for (let i = 0; i < n; i += 100) await Promise.all(Array.from({ length: Math.min(100, n - i) }, open_one));
tell({ open: sockets.filter((s) => !s.destroyed).length, answered, seconds: (Date.now() - began) / 1000 });
if (kind !== 'idle') {
    const feed = setInterval(() => sockets.forEach((s) => s.writable && s.write('x')), 1000);
    const late = Date.now() + 30000;
    while (closed.length < n && Date.now() < late) await new Promise((done) => setTimeout(done, 100));
    clearInterval(feed);
    tell({ closed: closed.length, answered, first: Math.min(...closed), last: Math.max(...closed) });
}
process.stdin.on('data', () => {});
process.stdin.on('end', () => process.exit(0));
