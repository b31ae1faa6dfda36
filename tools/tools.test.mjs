/* tools.test.mjs - the checks find what they are for: each gets a small tree with one planted fault. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const tools = dirname(fileURLToPath(import.meta.url));

/* A tree of files in a temporary folder, while use(folder) runs. */
function with_tree(files, use) {
    const dir = mkdtempSync(join(tmpdir(), 'xiaoguan-tools-'));
    try {
        for (const [name, text] of Object.entries(files)) {
            mkdirSync(dirname(join(dir, name)), { recursive: true });
            writeFileSync(join(dir, name), text);
        }
        return use(dir);
    } finally {
        rmSync(dir, { recursive: true });
    }
}

function run(command, ...args) {
    const r = spawnSync(command, args, { encoding: 'utf8' });
    return { status: r.status, text: r.stdout + r.stderr };
}

function faults(checker, files, ...expected) {
    const r = with_tree(files, (dir) => (checker.endsWith('.mjs') ? run('node', join(tools, checker), dir) : run(join(tools, checker), dir)));
    for (const e of expected) assert.match(r.text, e);
    assert.equal(r.status, expected.length ? 1 : 0, r.text);
}

const LAYERS = 'base\ndb view\nhttp\nmodules\nmain.c\n';
const good_modules = {
    LAYERS,
    'modules/DEPENDS': 'report: org # people\n',
    'modules/org/org.h': '#include "base/a.h"\n',
    'modules/org/person.h': '#include "http/h.h"\n',
    'modules/report/report.c': '#include "modules/org/org.h"\n#include "modules/report/report.h"\n#include "modules/modules.h"\n',
    'modules/modules.c': '#include "modules/org/org.h"\n',
    'main.c': '#include "modules/modules.h"\n',
};

test('layers: a tree that keeps the rules passes', () => faults('check_layers.sh', good_modules));
test('layers: looking upwards is found', () =>
    faults('check_layers.sh', { LAYERS, 'base/a.c': '#include "db/db.h"\n' }, /src\/base\/a\.c:1: base may not include db\/db\.h/));
test('layers: looking sideways is found', () =>
    faults('check_layers.sh', { LAYERS, 'db/a.c': '\n  #  include "view/view.h"\n' }, /src\/db\/a\.c:2: db may not include view\/view\.h/));
test('layers: a module that is not declared is found', () =>
    faults('check_layers.sh', { ...good_modules, 'modules/org/b.c': '#include "modules/report/report.h"\n' }, /module org may not include/));
test('layers: the private header of another module is found', () =>
    faults('check_layers.sh', { ...good_modules, 'modules/report/b.c': '#include "modules/org/person.h"\n' }, /module report may not include/));
test('layers: a cycle of modules is found', () =>
    faults('check_layers.sh', { ...good_modules, 'modules/DEPENDS': 'report: org\norg: report\n' }, /cycle/));
test('layers: a module that does not exist is found', () =>
    faults('check_layers.sh', { ...good_modules, 'modules/DEPENDS': 'report: org mars\n' }, /no module mars/));
test('layers: a folder that no line names is found', () =>
    faults('check_layers.sh', { LAYERS, 'extra/a.c': 'int a;\n' }, /extra is in no line/));
test('layers: a database header outside db is found', () =>
    faults('check_layers.sh', { LAYERS, 'http/a.c': '#include <sqlite3.h>\n', 'db/b.c': '#include <sqlite3.h>\n' }, /src\/http\/a\.c:1: only src\/db/));
test('layers: a header of a helper program is found in the server', () =>
    faults('check_layers.sh', { LAYERS, 'http/a.c': '#include <pango/pangocairo.h>\n' }, /src\/http\/a\.c:1: only helper programs/));

test('sql: ordinary code passes', () =>
    faults('check_sql.sh', {
        'service/a.c': '/* malloc( "SELECT %s" */ // system(\nvoid f(void) { db_exec(c, "SELECT a FROM b WHERE c = $1", V(1)); log_info("%s", s); '
            + 'x->free(y); my_malloc(1); s = "call malloc(1)"; b.system(1); }\n',
        'base/a.c': 'void *g(void) { return malloc(1); }\n',
        'resource/a.c': 'void *g(void) { return text_format("SELECT %s FROM %s", a, b); }\n',
        'service/a_test.c': 'void *g(void) { return malloc(1); }\n',
    }));
test('sql: a statement made with a format is found, also across literals', () =>
    faults('check_sql.sh', { 'service/a.c': 'f("SELECT a "\n  "FROM b WHERE c = \'%s\'", x);\n' }, /src\/service\/a\.c:1: SQL made with a format/));
test('sql: a numeric format is found too', () =>
    faults('check_sql.sh', { 'service/a.c': '\nf("DELETE FROM b WHERE c = %" PRId64, x);\n' }, /src\/service\/a\.c:2: SQL made with a format/));
test('sql: db_exec_built outside resource is found', () =>
    faults('check_sql.sh', { 'modules/org/a.c': 'db_exec_built(c, s);\n' }, /db_exec_built\(\) is not used here/));
for (const name of ['malloc', 'strdup', 'sprintf', 'system', 'popen', 'gmtime', 'setlocale', 'talloc_free']) {
    test(`sql: ${name} in a module is found`, () =>
        faults('check_sql.sh', { 'modules/org/a.c': `int f(void) {\n    return ${name} (x);\n}\n` }, new RegExp(`a\\.c:2: ${name}\\(\\)`)));
}

const template = (text) => ({ 'web/templates/a.html': text, 'web/templates/_b.html': 'b' });
test('templates: a good page passes', () =>
    faults('check_templates.mjs', {
        ...template('<label for="x">{{#t}}X{{/t}}</label><input id="x" {{#r}}required{{/r}}>{{>_b}}{{> _b }}<button aria-label="{{c}}"></button>'
            + '<label>Y <input name="y"></label><script src="/assets/a.js" nonce="{{n}}"></script><!-- {{{x}}} --><a href="/"><span>{{x}}</span></a>'
            + '<svg xmlns="http://www.w3.org/2000/svg"></svg><input type="hidden" name="z">'),
        'web/templates/layout.html': '{{{body}}}',
        'src/modules/org/c.html': '{{>org/d}}',
        'src/modules/org/d.html': '',
    }));
for (const [what, text, expected] of [
    ['a raw value', '{{{x}}}', /a\.html:1: unescaped/],
    ['a raw value with an ampersand', '\n{{& x}}', /a\.html:2: unescaped/],
    ['a style attribute', '<p\n style="color: red">', /no style attribute/],
    ['an inline script', '<script nonce="{{n}}">x()</script>', /no inline <script>/],
    ['a handler attribute', '<p onclick="x()">', /no onclick=/],
    ['an htmx handler attribute', '<p hx-on:click="x()">', /no hx-on:click=/],
    ['another host', '<img alt="" src="https://example.org/a.png">', /another host/],
    ['another host without a scheme', '<img alt="" src="//example.org/a.png">', /another host/],
    ['a partial that is not there', '{{> _c}}', /no partial _c/],
    ['a button without a text', '<button><svg></svg></button>', /<button> without a text/],
    ['an input without a label', '<input name="x">', /<input> without a <label>/],
    ['an image without a text', '<img src="/a.png">', /<img> without alt/],
]) test(`templates: ${what} is found`, () => faults('check_templates.mjs', template(text), expected));

test('i18n: a list of translations becomes a catalogue, and lines that are none are refused', () => {
    with_tree({ 'good.txt': '# x\nSay "hi"\t说“你好”\nTwo\\nlines\t两\\n行\n\n', 'bad.txt': 'only one part\n' }, (dir) => {
        const out = join(dir, 'out.po');
        assert.equal(run('node', join(tools, 'extract_i18n.mjs'), 'tsv', join(dir, 'good.txt'), out).status, 0);
        assert.equal(run('msgfmt', '-c', '-o', join(dir, 'out.mo'), out).status, 0);
        const po = readFileSync(out, 'utf8');
        assert.match(po, /msgid "Say \\"hi\\""\nmsgstr "说“你好”"/);
        assert.match(po, /msgid "Two\\nlines"\nmsgstr "两\\n行"/);
        assert.equal(run('node', join(tools, 'extract_i18n.mjs'), 'tsv', join(dir, 'bad.txt'), out).status, 1);
    });
});
test('i18n: a translation that lost an argument is found', () => {
    with_tree({
        'good.po': 'msgid ""\nmsgstr "Language: x\\n"\n\nmsgid "a {1} {2}"\nmsgstr "乙 {2} {1}"\n\nmsgid "b {1}"\nmsgstr ""\n',
        'bad.po': 'msgid ""\n"a {1}"\n" {2}"\nmsgstr "甲 {1}"\n',
    }, (dir) => {
        assert.equal(run('node', join(tools, 'extract_i18n.mjs'), 'args', join(dir, 'good.po')).status, 0);
        assert.equal(run('node', join(tools, 'extract_i18n.mjs'), 'args', join(dir, 'bad.po')).status, 1);
    });
});

test('results: TAP of unit tests is added up, and a test that breaks off counts as failed', () => {
    const log = [
        { name: 'a', result: 'OK', returncode: 0, stdout: '1..2\nok 1 - x\nok 2 - y # SKIP no data\n' },
        { name: 'b', result: 'FAIL', returncode: 1, stdout: '1..2\nok 1 - x\nnot ok 2 - y\n' },
        { name: 'c', result: 'ERROR', returncode: -11, stdout: '1..3\nok 1 - x\n' },
        { name: 'd', result: 'FAIL', returncode: 0, stdout: '1..2\nnot ok 1 # SKIP x\nok 2 - y\n' },
        { name: 'e', result: 'TIMEOUT', returncode: -9, stdout: '' },
    ].map((l) => JSON.stringify(l)).join('\n');
    with_tree({ 'log.json': log }, (dir) => {
        const r = run('node', join(tools, 'count_results.mjs'), 'meson', join(dir, 'log.json'));
        assert.equal(r.text.trim().split('\n').pop(), '4 3 2');
    });
});
test('results: the summary of node --test is read', () => {
    const tap = 'TAP version 13\nok 1 - a\nnot ok 2 - b\n  ---\n  error: boom\n  ...\n1..2\n# tests 4\n# pass 2\n# fail 1\n# cancelled 1\n# skipped 1\n# todo 0\n';
    with_tree({ tap }, (dir) => {
        const r = run('node', join(tools, 'count_results.mjs'), 'node', join(dir, 'tap'));
        assert.match(r.text, /not ok 2 - b\n {2}---\n {2}error: boom/);
        assert.equal(r.text.trim().split('\n').pop(), '2 2 1');
    });
});
