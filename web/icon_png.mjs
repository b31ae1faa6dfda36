/* icon_png.mjs - the application icon as PNG, drawn from the same few shapes as src/icons/icon.svg, so that no image tool is needed. */
import { deflateSync } from 'node:zlib';

const SCALE = 512, RADIUS = 112, SAMPLES = 4;
const crown = [[112, 176], [196, 248], [256, 144], [316, 248], [400, 176], [368, 328], [144, 328]];
const base = { x: 144, y: 352, w: 224, h: 36, r: 10 };

function in_round(px, py, x, y, w, h, r) {
    const cx = Math.min(Math.max(px, x + r), x + w - r), cy = Math.min(Math.max(py, y + r), y + h - r);
    return (px - cx) ** 2 + (py - cy) ** 2 <= r * r;
}
function in_polygon(px, py, p) {
    let inside = false;
    for (let i = 0, j = p.length - 1; i < p.length; j = i++) {
        const [xi, yi] = p[i], [xj, yj] = p[j];
        if (yi > py !== yj > py && px < ((xj - xi) * (py - yi)) / (yj - yi) + xi) inside = !inside;
    }
    return inside;
}
function color(px, py) {
    if (!in_round(px, py, 0, 0, SCALE, SCALE, RADIUS)) return [0, 0, 0, 0];
    const white = in_polygon(px, py, crown) || in_round(px, py, base.x, base.y, base.w, base.h, base.r);
    return white ? [255, 255, 255, 255] : [0x24, 0x56, 0xd6, 255];
}
function crc(data) { /* node:zlib has one only from 20.15 on */
    let c = 0xffffffff;
    for (const b of data) {
        c ^= b;
        for (let k = 0; k < 8; k++) c = c & 1 ? (c >>> 1) ^ 0xedb88320 : c >>> 1;
    }
    return (c ^ 0xffffffff) >>> 0;
}
function chunk(type, data) {
    const body = Buffer.concat([Buffer.from(type), data]), len = Buffer.alloc(4), sum = Buffer.alloc(4);
    len.writeUInt32BE(data.length);
    sum.writeUInt32BE(crc(body));
    return Buffer.concat([len, body, sum]);
}

export function icon_png(size) {
    const raw = Buffer.alloc(size * (size * 4 + 1)), step = SCALE / size / SAMPLES;
    for (let y = 0, o = 0; y < size; y++) {
        o++; /* filter byte 0 */
        for (let x = 0; x < size; x++, o += 4) {
            const sum = [0, 0, 0, 0];
            for (let s = 0; s < SAMPLES * SAMPLES; s++) {
                const c = color((x * SAMPLES + (s % SAMPLES) + .5) * step, (y * SAMPLES + Math.floor(s / SAMPLES) + .5) * step);
                for (let k = 0; k < 3; k++) sum[k] += c[k] * c[3];
                sum[3] += c[3];
            }
            for (let k = 0; k < 3; k++) raw[o + k] = sum[3] ? Math.round(sum[k] / sum[3]) : 0;
            raw[o + 3] = Math.round(sum[3] / SAMPLES / SAMPLES);
        }
    }
    const head = Buffer.alloc(13);
    head.writeUInt32BE(size, 0);
    head.writeUInt32BE(size, 4);
    head.set([8, 6, 0, 0, 0], 8);
    return Buffer.concat([
        Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
        chunk('IHDR', head), chunk('IDAT', deflateSync(raw, { level: 9 })), chunk('IEND', Buffer.alloc(0)),
    ]);
}
