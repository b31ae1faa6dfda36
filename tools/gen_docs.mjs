/* gen_docs.mjs - documents that are made from the program: node tools/gen_docs.mjs access|schema
 *
 * access reads what `xiaoguan routes` and `xiaoguan access` print; schema reads migrations/*.sql. Called by script/docs. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const ROLES = ['visitor', 'rep', 'lead', 'manager', 'trainer', 'finance', 'admin'];

function run(...args) {
    return execFileSync(join(root, 'build/xiaoguan'), args, { encoding: 'utf8', maxBuffer: 16 << 20 }).split('\n').filter(Boolean);
}

/* ---- routes and roles ---- */

function access() {
    const allowed = new Map();
    for (const line of run('access')) {
        const [role, method, path] = line.trim().split(/\s+/);
        if (!ROLES.includes(role)) throw new Error(`unknown role: ${line}`);
        const key = `${method} ${path}`;
        if (!allowed.has(key)) allowed.set(key, new Set());
        allowed.get(key).add(role);
    }
    const groups = new Map();
    for (const line of run('routes')) {
        const [, method, path, title] = line.match(/^(\S+)\s+(\S+)\s*(.*)$/);
        const group = `/${path.split('/')[1].replace(/^\{.*/, '')}`;
        if (!groups.has(group)) groups.set(group, []);
        groups.get(group).push({ method, path, title, roles: allowed.get(`${method} ${path}`) ?? new Set() });
    }
    const out = [
        '# Who may call what', '',
        'Made by `script/docs` from `xiaoguan routes` and `xiaoguan access`; do not edit. One row a route, one column a role;',
        'a visitor is somebody who has not logged in. A route answers 401 to a visitor and 403 to a role without a dot.',
        'Which rows somebody sees on a page is decided by scope, not here: see "Scope" in [ARCHITECTURE.md](../ARCHITECTURE.md).',
    ];
    for (const [group, routes] of groups) {
        out.push('', `## ${group}`, '', `| | | ${ROLES.join(' | ')} | |`, `|---|---|${':-:|'.repeat(ROLES.length)}---|`);
        for (const r of routes) {
            const dots = ROLES.map((role) => (r.roles.has(role) ? '●' : ' ')).join(' | ');
            out.push(`| ${r.method} | \`${r.path}\` | ${dots} | ${r.title.replaceAll('|', '\\|')} |`);
        }
    }
    return out;
}

/* ---- tables and columns ---- */

/* Splits at commas outside brackets. */
function split_columns(line) {
    const parts = [];
    let depth = 0, from = 0;
    for (let i = 0; i < line.length; i++) {
        if (line[i] === '(') depth++;
        else if (line[i] === ')') depth--;
        else if (line[i] === ',' && !depth) parts.push(line.slice(from, i)), from = i + 1;
    }
    parts.push(line.slice(from));
    return parts.map((s) => s.trim()).filter(Boolean);
}

function add_column(table, definition, comment) {
    const constraint = definition.match(/^(?:CONSTRAINT \S+ )?((?:UNIQUE|PRIMARY KEY|FOREIGN KEY|CHECK)\b.*)$/);
    if (constraint) return void table.rules.push(constraint[1]);
    const [, name, type, rest] = definition.match(/^(\w+)\s+(\w+)\s*(.*)$/) ?? [];
    if (!name || !['ID', 'INT', 'REAL', 'TEXT', 'BLOB'].includes(type)) throw new Error(`not understood: ${definition}`);
    table.columns.push({ name, type, rest, comment });
}

function read_migration(file, tables) {
    let table = null, above = [];
    for (const raw of readFileSync(join(root, 'migrations', file), 'utf8').split('\n')) {
        const [, code, comment] = raw.match(/^(.*?)(?:--\s?(.*))?$/);
        const line = code.trim(), said = (comment ?? '').trim();
        let m;
        if (table) {
            if (line === ');') table = null;
            else for (const d of split_columns(line)) add_column(table, d, d === split_columns(line).at(-1) ? said : '');
            if (!line && said) table.columns.at(-1).comment += ` ${said}`;
        } else if ((m = line.match(/^CREATE TABLE (\w+) \($/))) {
            table = { name: m[1], file, comment: above.join(' '), columns: [], rules: [], indexes: [] };
            tables.set(m[1], table);
            above = [];
        } else if ((m = line.match(/^CREATE (UNIQUE )?INDEX \w+ ON (\w+) (\(.*\))(.*);$/))) {
            tables.get(m[2]).indexes.push(`${m[1] ? 'unique ' : ''}${m[3]}${m[4]}`);
        } else if ((m = line.match(/^ALTER TABLE (\w+) ADD COLUMN (.*);$/))) {
            add_column(tables.get(m[1]), m[2], said || `since ${file}`);
        } else if ((m = line.match(/^DROP TABLE (\w+);$/))) {
            tables.delete(m[1]);
        } else if (!line) {
            if (said) above.push(said);
            else if (!comment) above = [];
        } else if (/^(ALTER|DROP|CREATE)\b/.test(line)) {
            throw new Error(`${file}: gen_docs.mjs does not understand: ${line}`);
        }
    }
}

/* n1, n2, ... n24 become one row. */
function short(columns) {
    const out = [];
    for (const c of columns) {
        const stem = c.name.match(/^(.*\D)\d+$/)?.[1], last = out.at(-1);
        if (stem && last?.stem === stem && last.type === c.type) last.name = `${last.first} … ${c.name}`;
        else out.push({ ...c, stem, first: c.name });
    }
    return out;
}

function schema() {
    const tables = new Map();
    for (const file of readdirSync(join(root, 'migrations')).filter((f) => f.endsWith('.sql')).sort()) read_migration(file, tables);
    const out = [
        '# Tables and columns', '',
        'Made by `script/docs` from `migrations/`; do not edit. Types are the five words of a migration: `ID` a 64-bit number that',
        'the database gives, `INT` 64 bits, `REAL`, `TEXT`, `BLOB`. Days are ISO text, instants microseconds UTC, money 分, all `INT`',
        'but the days. Beside these tables the database has `schema_migration` (name, applied_at). Every table of a resource ends with',
        '`version` (counts the changes of the row) and `created_at`, `created_by`, `updated_at`, `updated_by`; they are left out below.',
    ];
    const common = ['version', 'created_at', 'created_by', 'updated_at', 'updated_by'];
    for (const t of [...tables.values()].sort((a, b) => (a.name < b.name ? -1 : 1))) {
        const is_resource = common.every((name) => t.columns.some((c) => c.name === name));
        const about = [is_resource ? 'A resource.' : '', t.comment].filter(Boolean).join(' ');
        out.push('', `## ${t.name}`, '');
        if (about) out.push(about, '');
        out.push('| column | type | | |', '|---|---|---|---|');
        for (const c of short(t.columns.filter((x) => !is_resource || !common.includes(x.name)))) {
            const comment = c.comment.trim().replaceAll('|', '\\|').replaceAll('<', '&lt;');
            out.push(`| ${c.name} | ${c.type} | ${c.rest} | ${comment} |`);
        }
        const rules = [...t.rules, ...t.indexes.map((i) => `index ${i}`)];
        if (rules.length) out.push('', `${rules.join('; ')}. In \`${t.file}\`.`);
        else out.push('', `In \`${t.file}\`.`);
    }
    return out;
}

const made = { access, schema }[process.argv[2]];
if (!made) {
    console.error('usage: node tools/gen_docs.mjs access|schema');
    process.exit(2);
}
process.stdout.write(`${made().join('\n')}\n`);
