/* check_templates.mjs - house rules for the templates: node tools/check_templates.mjs [ROOT]
 *
 * Everything a strict Content-Security-Policy would refuse is refused here first, {{{ }}} stays where raw HTML is meant,
 * partials exist, and controls have names for people who cannot see them. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = process.argv[2] ?? join(dirname(fileURLToPath(import.meta.url)), '..');
const RAW_ALLOWED = ['web/templates/layout.html', 'web/templates/_rich_text.html'];

function html_files(dir) {
    if (!existsSync(dir)) return [];
    return readdirSync(dir, { withFileTypes: true }).flatMap((e) => {
        const path = join(dir, e.name);
        if (e.isDirectory()) return html_files(path);
        return e.name.endsWith('.html') ? [path] : [];
    });
}

const shared = join(root, 'web/templates');
const modules = join(root, 'src/modules');
const files = [...html_files(shared), ...html_files(modules)].sort();
const known = new Set(files.map((f) => relative(f.startsWith(shared) ? shared : modules, f).replace(/\.html$/, '')));

let complaints = 0;
let path, text;
function complain(index, message) {
    const line = text.slice(0, index).split('\n').length;
    console.log(`${path}:${line}: ${message}`);
    complaints++;
}
function each(pattern, found) {
    for (const m of text.matchAll(pattern)) found(m);
}

/* The value of an attribute inside the text of a start tag; null if it is absent, '' if it has no value. */
function attribute(tag, name) {
    const m = tag.match(new RegExp(`\\s${name}(?:\\s*=\\s*(?:"([^"]*)"|'([^']*)'|([^\\s>]+)))?(?=[\\s>/{])`));
    return m ? m[1] ?? m[2] ?? m[3] ?? '' : null;
}
const named = (tag) => attribute(tag, 'aria-hidden') === 'true' || ['aria-label', 'aria-labelledby', 'title'].some((a) => attribute(tag, a));

/* A start tag may hold {{#x}} sections and > inside quotes. */
const START = (name) => new RegExp(`<(${name})(?=[\\s>{])(?:"[^"]*"|'[^']*'|\\{\\{[^}]*\\}\\}|[^'">])*>`, 'g');

function check_safety() {
    if (!RAW_ALLOWED.includes(path)) {
        each(/\{\{\{|\{\{\s*&/g, (m) => complain(m.index, 'unescaped {{{ }}} is only for layout.html and rich text'));
    }
    each(/<[^<>]*\sstyle\s*=/g, (m) => complain(m.index, 'no style attribute; use a class'));
    each(/<style\b/g, (m) => complain(m.index, 'no <style>; it goes into the style sheet'));
    each(START('script'), (m) => {
        const type = attribute(m[0], 'type');
        if (attribute(m[0], 'src') === null && type !== 'application/json') complain(m.index, 'no inline <script>');
    });
    each(/<[^<>]*\s(on[a-z]+|hx-on[:a-z-]*)\s*=/g, (m) => complain(m.index, `no ${m[1]}= attribute; listen in app.js`));
    each(/javascript:|\bjs:/g, (m) => complain(m.index, `no ${m[0]} in attributes`));
    each(/https?:\/\/[^\s"'<]*/g, (m) => {
        if (!m[0].startsWith('http://www.w3.org/')) complain(m.index, `nothing loads from or points to another host: ${m[0]}`);
    });
    each(/(?:src|href|action)\s*=\s*["']\/\//g, (m) => complain(m.index, 'nothing loads from another host'));
}

function check_partials() {
    each(/\{\{>\s*([^}\s]+)\s*\}\}/g, (m) => {
        if (!m[1].startsWith('*') && !known.has(m[1])) complain(m.index, `there is no partial ${m[1]}`);
    });
}

/* What is left of an element's content for a reader: its text, or an image with a text. */
function readable(content) {
    if (/\balt\s*=\s*"[^"]+"|aria-label\s*=|class="[^"]*\b(sr-only|visually-hidden)\b/.test(content)) return true;
    return content.replace(/<[^>]*>/g, '').replace(/\{\{[#/^!][^}]*\}\}/g, '').trim() !== '';
}

function check_names() {
    each(START('button|a'), (m) => {
        const end = text.indexOf(`</${m[1]}>`, m.index);
        const content = text.slice(m.index + m[0].length, end < 0 ? undefined : end);
        if (!named(m[0]) && !readable(content)) complain(m.index, `<${m[1]}> without a text or aria-label`);
    });
    each(START('input|select|textarea'), (m) => {
        const type = attribute(m[0], 'type');
        if (['hidden', 'submit', 'button', 'reset', 'image'].includes(type) || named(m[0])) return;
        const id = attribute(m[0], 'id');
        const before = text.slice(0, m.index);
        const in_label = before.lastIndexOf('<label') > before.lastIndexOf('</label>');
        /* Partials are put after a label that another template writes, with the id made the same way. */
        const labelled = id && (text.includes(`for="${id}"`) || (basename(path).startsWith('_') && id.includes('{{')));
        if (!in_label && !labelled) complain(m.index, `<${m[1]}> without a <label> or aria-label`);
    });
    each(START('img'), (m) => {
        if (attribute(m[0], 'alt') === null) complain(m.index, '<img> without alt');
    });
}

for (const file of files) {
    path = relative(root, file);
    text = readFileSync(file, 'utf8').replace(/\{\{![\s\S]*?\}\}|<!--[\s\S]*?-->/g, (c) => c.replace(/[^\n]/g, ' '));
    check_safety();
    check_partials();
    check_names();
}
console.log(`${files.length} templates, ${complaints} complaints`);
process.exit(complaints ? 1 : 0);
