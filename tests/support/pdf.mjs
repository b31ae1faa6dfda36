/* pdf.mjs - what a PDF of ours says, without a library: its strings, glyph by glyph by the fonts' own tables, without the spaces between. */
import zlib from 'node:zlib';

const stream_of = (bytes, text, at) => {
    const from = text.indexOf('stream', at) + 'stream'.length, start = from + (text[from] === '\r' ? 2 : 1);
    return zlib.inflateSync(bytes.subarray(start, text.indexOf('endstream', start))).toString('latin1');
};
const object_at = (text, n) => text.search(new RegExp(`(^|\\s)${n} 0 obj\\s`));

function table_of(cmap) {
    const table = new Map(), chars = (hex) => hex.match(/.{4}/g).map((h) => String.fromCharCode(parseInt(h, 16))).join('');
    for (const [, block] of cmap.matchAll(/beginbfchar(.*?)endbfchar/gs))
        for (const [, glyph, to] of block.matchAll(/<([0-9a-f]+)>\s*<([0-9a-f]+)>/gi)) table.set(parseInt(glyph, 16), chars(to));
    for (const [, block] of cmap.matchAll(/beginbfrange(.*?)endbfrange/gs))
        for (const [, first, last, to] of block.matchAll(/<([0-9a-f]+)>\s*<([0-9a-f]+)>\s*<([0-9a-f]+)>/gi))
            for (let i = 0; i <= parseInt(last, 16) - parseInt(first, 16); i++) table.set(parseInt(first, 16) + i, String.fromCharCode(parseInt(to, 16) + i));
    return { table, wide: /<[0-9a-f]{4}>\s*<[0-9a-f]{4}>\s*endcodespacerange/i.test(cmap) };
}

export function pdf_text(bytes) {
    const text = bytes.toString('latin1'), fonts = new Map();
    for (const [, name, n] of text.matchAll(/\/(f-\d+-\d+) (\d+) 0 R/g)) {
        const at = object_at(text, n), cmap = at < 0 ? null : text.slice(at, text.indexOf('endobj', at)).match(/\/ToUnicode (\d+) 0 R/);
        if (cmap && !fonts.has(name)) fonts.set(name, table_of(stream_of(bytes, text, object_at(text, cmap[1]))));
    }
    let said = '';
    for (const m of text.matchAll(/\/Contents (\d+) 0 R/g)) {
        let font = null;
        for (const [, name, hex] of stream_of(bytes, text, object_at(text, m[1])).matchAll(/\/(f-\d+-\d+) [\d.]+ Tf|<([0-9a-f\s]+)>/g)) {
            if (name) font = fonts.get(name);
            else if (font) said += hex.replace(/\s/g, '').match(font.wide ? /.{4}/g : /.{2}/g).map((g) => font.table.get(parseInt(g, 16)) ?? '').join('');
        }
    }
    return said;
}
