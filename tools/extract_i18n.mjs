/* extract_i18n.mjs - every text a person can see, as a gettext template.
 *
 *     node tools/extract_i18n.mjs pot OUT.pot        N_("...") and tr(lang, "...") in src, {{#t}}...{{/t}} in templates
 *     node tools/extract_i18n.mjs tsv IN.txt OUT.po  lines "msgid TAB msgstr" (# comment, \n for a line break) as a catalogue
 *     node tools/extract_i18n.mjs args IN.po         fails if a translation lacks or adds an argument: {1} {name}
 *
 * C is read by xgettext; templates are read here. Places are file names only: line numbers would change with every edit. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const HEADER = `msgid ""
msgstr ""
"Project-Id-Version: xiaoguan\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
`;

function files_below(dir, suffix) {
    if (!existsSync(dir)) return [];
    return readdirSync(dir, { withFileTypes: true }).flatMap((e) => {
        const path = join(dir, e.name);
        if (e.isDirectory()) return files_below(path, suffix);
        return e.name.endsWith(suffix) ? [relative(root, path)] : [];
    }).sort();
}

const po_string = (s) => JSON.stringify(s).replace(/\\([bfu])/g, '\\\\$1');
const po_entry = (places, msgid, msgstr = '') =>
    `\n${places.map((p) => `#: ${p}\n`).join('')}msgid ${po_string(msgid)}\nmsgstr ${po_string(msgstr)}\n`;

function from_templates() {
    const places = new Map();
    for (const file of [...files_below(join(root, 'web/templates'), '.html'), ...files_below(join(root, 'src/modules'), '.html')]) {
        const text = readFileSync(join(root, file), 'utf8');
        for (const m of text.matchAll(/\{\{#\s*t\s*\}\}([\s\S]*?)\{\{\/\s*t\s*\}\}/g)) {
            const msgid = m[1].trim();
            if (msgid.includes('{{')) {
                console.error(`${file}: a translated text cannot hold tags: ${msgid}`);
                process.exitCode = 1;
            } else if (msgid) {
                places.set(msgid, [...new Set([...(places.get(msgid) ?? []), file])]);
            }
        }
    }
    return HEADER + [...places].map(([msgid, where]) => po_entry(where, msgid)).join('');
}

function write_pot(out) {
    const work = mkdtempSync(join(tmpdir(), 'xiaoguan-i18n-'));
    try {
        const templates = join(work, 'templates.pot');
        const code = join(work, 'code.pot');
        writeFileSync(templates, from_templates());
        const sources = files_below(join(root, 'src'), '.c').concat(files_below(join(root, 'src'), '.h'))
            .filter((f) => !f.endsWith('_test.c') && !f.endsWith('_testing.h') && f !== 'src/base/error.h');
        writeFileSync(join(work, 'list'), sources.join('\n') + '\n');
        execFileSync('xgettext', ['--from-code=UTF-8', '--language=C', '--force-po', '--add-location=file', '--no-wrap',
            '-k', '-kN_', '-ktr:2', '-f', join(work, 'list'), '-o', code], { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
        /* xgettext guesses that a text with a % is a printf format; ours never are. */
        const plain = readFileSync(code, 'utf8').replace(/^#, c-format\n/gm, '').replace(/^msgid ""\nmsgstr ""\n(".*"\n)*/m, HEADER)
            .replace(/^(# .*|#)\n/gm, '').replace(/^#, fuzzy\n/m, '');
        writeFileSync(code, plain);
        execFileSync('msgcat', ['--use-first', '--force-po', '--no-wrap', '--sort-output', '--add-location=file', code, templates, '-o', out],
            { stdio: ['ignore', 'inherit', 'inherit'] });
    } finally {
        rmSync(work, { recursive: true });
    }
}

function write_tsv(from, out) {
    const seen = new Map();
    readFileSync(from, 'utf8').split(/\r?\n/).forEach((line, i) => {
        if (!line.trim() || line.startsWith('#')) return;
        const parts = line.split('\t').map((s) => s.trim().replaceAll('\\n', '\n'));
        if (parts.length !== 2 || !parts[0] || !parts[1]) {
            console.error(`${from}:${i + 1}: not "msgid TAB msgstr"`);
            process.exitCode = 1;
        } else if (!seen.has(parts[0])) {
            seen.set(parts[0], parts[1]);
        }
    });
    writeFileSync(out, HEADER + [...seen].map(([id, text]) => po_entry([], id, text)).join(''));
}

function check_args(file) {
    const unquote = (lines) => [...lines.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map((m) => m[1]).join('');
    const args = (s) => [...new Set(s.match(/\{[A-Za-z0-9_.]+\}/g) ?? [])].sort().join(' ');
    for (const m of readFileSync(file, 'utf8').matchAll(/^msgid ((?:".*"\n)+)msgstr ((?:".*"\n?)+)/gm)) {
        const msgid = unquote(m[1]), msgstr = unquote(m[2]);
        if (msgid && msgstr && args(msgid) !== args(msgstr)) {
            console.error(`${file}: "${msgid}": the translation has other arguments: "${msgstr}"`);
            process.exitCode = 1;
        }
    }
}

const [command, a, b] = process.argv.slice(2);
if (command === 'pot' && a) write_pot(a);
else if (command === 'tsv' && b) write_tsv(a, b);
else if (command === 'args' && a) check_args(a);
else {
    console.error('usage: node tools/extract_i18n.mjs pot OUT.pot | tsv IN.txt OUT.po | args IN.po');
    process.exitCode = 2;
}
