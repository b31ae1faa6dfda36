/* sheet.mjs - spreadsheets as tests make and read them: CSV and XLSX without a library, so that the program is not judged by its own code.
 *
 *     xlsx([['日期', '金额'], [day_cell('2024-07-08'), 25000]])   a workbook of one sheet, as bytes
 *     csv([['日期', '金额'], ['2024-07-08', '25,000']])           quoted where it has to be
 *     read_xlsx(bytes), read_csv(bytes)                           rows of texts; read_xlsx gives numbers as numbers
 */
import zlib from 'node:zlib';

/* ---- CSV ---- */

export function csv(rows) {
    const cell = (v) => (/[",\r\n]/.test(String(v)) ? `"${String(v).replaceAll('"', '""')}"` : String(v));
    return Buffer.from(`${rows.map((r) => r.map(cell).join(',')).join('\r\n')}\r\n`);
}

export function read_csv(bytes) {
    const text = bytes.toString('utf8').replace(/^\ufeff/, ''), rows = [];
    let row = [], cell = '', quoted = false;
    for (let i = 0; i < text.length; i++) {
        const ch = text[i];
        if (quoted) {
            if (ch !== '"') cell += ch;
            else if (text[i + 1] === '"') cell += text[++i];
            else quoted = false;
        } else if (ch === '"') quoted = true;
        else if (ch === ',') row.push(cell), cell = '';
        else if (ch === '\n') row.push(cell.replace(/\r$/, '')), rows.push(row), row = [], cell = '';
        else cell += ch;
    }
    if (cell || row.length) row.push(cell), rows.push(row);
    return rows;
}

/* ---- ZIP, stored only ---- */

function crc32(data) {
    if (zlib.crc32) return zlib.crc32(data); /* newer Node.js has its own */
    let crc = ~0;
    for (const byte of data) {
        crc ^= byte;
        for (let k = 0; k < 8; k++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
    }
    return ~crc >>> 0;
}

export function zip(files) {
    const parts = [], central = [];
    let at = 0;
    for (const [name, text] of Object.entries(files)) {
        const data = Buffer.from(text), path = Buffer.from(name), head = Buffer.alloc(30), entry = Buffer.alloc(46);
        head.writeUInt32LE(0x04034b50, 0);
        head.writeUInt16LE(20, 4);
        head.writeUInt32LE(crc32(data), 14);
        head.writeUInt32LE(data.length, 18);
        head.writeUInt32LE(data.length, 22);
        head.writeUInt16LE(path.length, 26);
        entry.writeUInt32LE(0x02014b50, 0);
        entry.writeUInt16LE(20, 4);
        head.copy(entry, 6, 4, 30);
        entry.writeUInt32LE(at, 42);
        parts.push(head, path, data);
        central.push(entry, path);
        at += head.length + path.length + data.length;
    }
    const list = Buffer.concat(central), end = Buffer.alloc(22), count = Object.keys(files).length;
    end.writeUInt32LE(0x06054b50, 0);
    end.writeUInt16LE(count, 8);
    end.writeUInt16LE(count, 10);
    end.writeUInt32LE(list.length, 12);
    end.writeUInt32LE(at, 16);
    return Buffer.concat([...parts, list, end]);
}

export function unzip(bytes) {
    const files = {};
    let end = bytes.length - 22;
    while (end >= 0 && bytes.readUInt32LE(end) !== 0x06054b50) end--;
    if (end < 0) throw new Error('not a ZIP file');
    let at = bytes.readUInt32LE(end + 16);
    for (let n = bytes.readUInt16LE(end + 10); n > 0; n--) {
        const method = bytes.readUInt16LE(at + 10), size = bytes.readUInt32LE(at + 20), name_length = bytes.readUInt16LE(at + 28);
        const name = bytes.toString('utf8', at + 46, at + 46 + name_length), local = bytes.readUInt32LE(at + 42);
        const from = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28), data = bytes.subarray(from, from + size);
        files[name] = method === 8 ? zlib.inflateRawSync(data) : data;
        at += 46 + name_length + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32);
    }
    return files;
}

/* ---- XLSX ---- */

const DAY_MS = 86400000, EPOCH = Date.UTC(1899, 11, 30);
/* A real date, as Excel keeps it: a number with a date format. */
export const day_cell = (iso) => ({ serial: (Date.parse(`${iso}T00:00:00Z`) - EPOCH) / DAY_MS });
const xml = (s) => s.replace(/[&<>"]/g, (ch) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[ch]);
const letters = (n) => (n >= 26 ? letters(Math.floor(n / 26) - 1) : '') + String.fromCharCode(65 + (n % 26));

export function xlsx(rows) {
    const main = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main', rel = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
    const cell = (v, at) => {
        if (v === '' || v === null || v === undefined) return '';
        if (typeof v === 'number') return `<c r="${at}"><v>${v}</v></c>`;
        if (typeof v === 'object') return `<c r="${at}" s="1"><v>${v.serial}</v></c>`;
        return `<c r="${at}" t="inlineStr"><is><t xml:space="preserve">${xml(v)}</t></is></c>`;
    };
    const sheet = rows.map((r, y) => `<row r="${y + 1}">${r.map((v, x) => cell(v, `${letters(x)}${y + 1}`)).join('')}</row>`).join('');
    const head = '<?xml version="1.0" encoding="UTF-8"?>';
    return zip({
        '[Content_Types].xml': `${head}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>`,
        '_rels/.rels': `${head}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="${rel}/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
        'xl/workbook.xml': `${head}<workbook xmlns="${main}" xmlns:r="${rel}"><sheets><sheet name="Sheet1" sheetId="1" r:id="rId1"/></sheets></workbook>`,
        'xl/_rels/workbook.xml.rels': `${head}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="${rel}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="${rel}/styles" Target="styles.xml"/></Relationships>`,
        'xl/styles.xml': `${head}<styleSheet xmlns="${main}"><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="14" applyNumberFormat="1"/></cellXfs></styleSheet>`,
        'xl/worksheets/sheet1.xml': `${head}<worksheet xmlns="${main}"><sheetData>${sheet}</sheetData></worksheet>`,
    });
}

const plain = (s) => s.replace(/<[^>]*>/g, '').replace(/&(lt|gt|quot|apos|amp|#\d+|#x[0-9a-f]+);/gi, (_, e) => {
    if (e[0] !== '#') return { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' }[e.toLowerCase()];
    return String.fromCodePoint(e[1].toLowerCase() === 'x' ? parseInt(e.slice(2), 16) : Number(e.slice(1)));
});

/* The first sheet: rows of texts and numbers, '' where nothing stands. */
export function read_xlsx(bytes) {
    const files = unzip(bytes), text = (name) => files[name]?.toString('utf8') ?? '';
    const shared = [...text('xl/sharedStrings.xml').matchAll(/<si>(.*?)<\/si>/gs)].map((m) => plain(m[1]));
    const rows = [];
    for (const [, r, cells] of text('xl/worksheets/sheet1.xml').matchAll(/<row r="(\d+)"[^>]*>(.*?)<\/row>/gs)) {
        const row = (rows[Number(r) - 1] = []);
        for (const [, at, attributes, body] of cells.matchAll(/<c r="([A-Z]+)\d+"([^>]*?)(?:\/>|>(.*?)<\/c>)/gs)) {
            const column = [...at].reduce((n, ch) => n * 26 + ch.charCodeAt(0) - 64, 0) - 1, value = body?.match(/<v>(.*?)<\/v>/s)?.[1];
            if (/t="s"/.test(attributes)) row[column] = shared[Number(value)];
            else if (/t="(inlineStr|str)"/.test(attributes)) row[column] = plain(body.match(/<t[^>]*>(.*?)<\/t>/s)?.[1] ?? value ?? '');
            else row[column] = value === undefined ? '' : Number(value);
        }
        for (let i = 0; i < row.length; i++) row[i] ??= '';
    }
    return rows.map((r) => r ?? []);
}

/* What a number cell of a date says. */
export const day_of_serial = (n) => new Date(EPOCH + Math.round(n) * DAY_MS).toISOString().slice(0, 10);
