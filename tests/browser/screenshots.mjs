/* screenshots.mjs - the pictures of the README, from the demonstration company. Run by hand after the looks have changed:
 *
 *     XIAOGUAN_BIN=build/gcc/xiaoguan node tests/browser/screenshots.mjs [docs/images]
 *
 * The demonstration is made for the day it is run on; run it on a working day in the afternoon, so that reports have come in. */
import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateSync, inflateSync } from 'node:zlib';
import { start_app } from '../support/app.mjs';
import { csv } from '../support/sheet.mjs';
import { open_browser } from './browser.mjs';

const PASSWORD = 'xiaoguan-demo', LIMIT = 150 * 1024;
const out = process.argv[2] ?? 'docs/images';

const fill_report = async (page) => {
    for (const [code, value] of [['new_customers', 1], ['follow_ups', 2], ['amount', 25000], ['visits', 3], ['calls', 18], ['leads', 2]]) await page.locator(`[data-item="${code}"]`).fill(String(value));
    await page.getByLabel('沟通要点').fill('苏州嘉禾：等报价\n太仓启航：下周三演示');
    await page.getByLabel('合同编号').fill('XH-2026-1124-01');
    await page.evaluate(() => { document.activeElement.blur(); scrollTo(0, 0); });
};
const check_sheet = async (page) => {
    const rows = [['工号', '姓名', '团队', '岗位', '入职日期', '手机号'], ['1051', '沈若兰', '上海一部', '销售代表', '2026-03-02', '13800001051'],
        ['1052', '曾子航', '上海五部', '销售代表', '2026-03-02', '13800001052'], ['1053', '单雅文', '杭州部', '销售代表', '2026-02-30', '13800001053'],
        ['1054', '欧阳辰', '深圳部', '高级销售代表', '2026-03-09', '13800001054']];
    await page.locator('#file').setInputFiles({ name: '三月入职.csv', mimeType: 'text/csv', buffer: csv(rows) });
    await page.getByRole('button', { name: '检查文件' }).click();
    await page.getByRole('heading', { name: '前几行' }).waitFor();
};
const drawn = (page) => page.locator('[data-chart-canvas] svg').first().waitFor();
const SHOTS = [
    ['start', 'lead', '/'], ['report', 'rep', '/reports/daily/new', fill_report], ['queue', 'lead', '/reports/daily/queue'],
    ['board', 'manager', '/board', drawn], ['targets', 'manager', '/targets'], ['list', 'manager', '/reports/daily'], ['import', 'trainer', '/people/import', check_sheet],
];

/* ---- PNG of at most 256 colours: a quarter of the bytes, and no program but node ---- */

function crc(data) {
    let c = ~0;
    for (const b of data) {
        c ^= b;
        for (let k = 0; k < 8; k++) c = (c >>> 1) ^ (c & 1 ? 0xedb88320 : 0);
    }
    return ~c >>> 0;
}
function chunk(name, data) {
    const body = Buffer.concat([Buffer.from(name), data]), head = Buffer.alloc(4), tail = Buffer.alloc(4);
    head.writeUInt32BE(data.length);
    tail.writeUInt32BE(crc(body));
    return Buffer.concat([head, body, tail]);
}
/* RGB bytes of an 8-bit PNG without interlacing, as Chromium writes it. */
function decode(png) {
    const width = png.readUInt32BE(16), height = png.readUInt32BE(20), bytes = png[25] === 6 ? 4 : 3, parts = [];
    for (let at = 8; at < png.length; at += 12 + png.readUInt32BE(at)) {
        if (png.toString('latin1', at + 4, at + 8) === 'IDAT') parts.push(png.subarray(at + 8, at + 8 + png.readUInt32BE(at)));
    }
    const raw = inflateSync(Buffer.concat(parts)), line = width * bytes, rgb = Buffer.alloc(width * height * 3);
    let above = Buffer.alloc(line);
    for (let y = 0; y < height; y++) {
        const filter = raw[y * (line + 1)], row = Buffer.from(raw.subarray(y * (line + 1) + 1, (y + 1) * (line + 1)));
        for (let x = 0; x < line; x++) {
            const a = x >= bytes ? row[x - bytes] : 0, b = above[x], c = x >= bytes ? above[x - bytes] : 0;
            const p = a + b - c, pa = Math.abs(p - a), pb = Math.abs(p - b), pc = Math.abs(p - c);
            row[x] += [0, a, b, (a + b) >> 1, pa <= pb && pa <= pc ? a : pb <= pc ? b : c][filter];
        }
        for (let x = 0; x < width; x++) row.copy(rgb, (y * width + x) * 3, x * bytes, x * bytes + 3);
        above = row;
    }
    return { width, height, rgb };
}
/* The commonest colours stay as they are, but for those that hardly differ from a commoner one; each other becomes its nearest. */
function with_palette({ width, height, rgb }) {
    const count = new Map();
    for (let i = 0; i < rgb.length; i += 3) {
        const colour = rgb.readUIntBE(i, 3);
        count.set(colour, (count.get(colour) ?? 0) + 1);
    }
    const apart = (a, b) => ((a >> 16) - (b >> 16)) ** 2 + ((a >> 8 & 255) - (b >> 8 & 255)) ** 2 + ((a & 255) - (b & 255)) ** 2;
    const palette = [];
    for (const [colour] of [...count].sort((a, b) => b[1] - a[1])) {
        if (palette.length < 256 && (palette.length < 32 || palette.every((p) => apart(p, colour) > 150))) palette.push(colour);
    }
    const index = new Map(palette.map((c, i) => [c, i]));
    const nearest = (c) => {
        let best = 0, least = Infinity;
        palette.forEach((p, i) => {
            const d = apart(p, c);
            if (d < least) [best, least] = [i, d];
        });
        index.set(c, best);
        return best;
    };
    const raw = Buffer.alloc((width + 1) * height);
    for (let y = 0; y < height; y++) {
        for (let x = 0; x < width; x++) {
            const colour = rgb.readUIntBE((y * width + x) * 3, 3);
            raw[y * (width + 1) + 1 + x] = index.get(colour) ?? nearest(colour);
        }
    }
    const head = Buffer.alloc(13), colours = Buffer.alloc(palette.length * 3);
    head.writeUInt32BE(width, 0);
    head.writeUInt32BE(height, 4);
    head.set([8, 3, 0, 0, 0], 8);
    palette.forEach((c, i) => colours.writeUIntBE(c, i * 3, 3));
    return Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), chunk('IHDR', head), chunk('PLTE', colours), chunk('IDAT', deflateSync(raw, { level: 9, memLevel: 9 })), chunk('IEND', Buffer.alloc(0))]);
}

/* ---- taking them ---- */

mkdirSync(out, { recursive: true });
const [app, browser] = await Promise.all([start_app({ demo: true }), open_browser()]);
try {
    for (const phone of [false, true]) {
        for (const [name, login, path, prepare] of SHOTS) {
            const tab = await browser.tab(app, login, { password: PASSWORD, phone, scale: phone ? 2 : 1 });
            await tab.open(path);
            await prepare?.(tab.page);
            const file = join(out, `${name}-${phone ? 390 : 1440}.png`);
            writeFileSync(file, with_palette(decode(await tab.page.screenshot())));
            const { size } = statSync(file);
            console.log(`${file} ${Math.round(size / 1024)} KB${size > LIMIT ? ': TOO LARGE' : ''}`);
            if (size > LIMIT) process.exitCode = 1;
            await tab.close();
        }
    }
} finally {
    await browser.close();
    await app.stop();
}
