/* build.mjs - makes what the server embeds: node web/build.mjs OUTDIR [--dev]
 *
 * OUTDIR gets app.<hash>.css, app.<hash>.js, charts.<hash>.js, grid.<hash>.js, boot.<hash>.js, sprite.<hash>.svg, icon.svg, icon-192.png, icon-512.png, sw.js,
 * manifest.webmanifest, chinese-days.json and assets.json (logical name -> file name). Files in assets.json are
 * served under /assets/; sw.js and manifest.webmanifest at the root. Nothing is downloaded. */
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { icon_png } from './icon_png.mjs';

const PREFIX = '/assets/';
const web = dirname(fileURLToPath(import.meta.url));
const require = createRequire(import.meta.url);
const args = process.argv.slice(2);
const dev = args.includes('--dev');
const out = args.find((a) => !a.startsWith('--'));
if (!out) {
    console.error('usage: node web/build.mjs OUTDIR [--dev]');
    process.exit(2);
}
mkdirSync(out, { recursive: true });
const ours = /^(app|charts|grid|boot|sprite|icon|sw|manifest|assets|chinese-days)[.-]/;
for (const f of readdirSync(out)) if (ours.test(f)) rmSync(join(out, f));

const assets = {};
const put = (name, data, hashed) => {
    const hash = createHash('sha256').update(data).digest('hex').slice(0, 10);
    const file = hashed ? name.replace(/\.(\w+)$/, `.${hash}.$1`) : name;
    writeFileSync(join(out, file), data);
    assets[name] = file;
    return hash;
};
const bundle = async (entry, options = {}) => {
    const r = await build({
        entryPoints: [join(web, 'src', entry)], bundle: true, minify: !dev, write: false, legalComments: 'none',
        target: entry.endsWith('.css') ? ['chrome80', 'safari14'] : ['es2019'], charset: 'utf8', logLevel: 'warning', ...options,
    });
    return Buffer.from(r.outputFiles[0].contents);
};

/* Sprite: the listed icons, and a check that templates use no other. */
const list = readFileSync(join(web, 'src/icons/icons.txt'), 'utf8').split('\n').map((l) => l.trim()).filter((l) => l && !l.startsWith('#'));
const known = new Set([...list, 'mark']);
const templates = join(web, 'templates');
for (const f of readdirSync(templates)) {
    for (const m of readFileSync(join(templates, f), 'utf8').matchAll(/sprite\}\}#([a-z0-9-]+)"/g)) {
        if (!known.has(m[1])) throw new Error(`${f}: icon "${m[1]}" is not in web/src/icons/icons.txt`);
    }
}
const symbols = list.map((name) => {
    const svg = readFileSync(require.resolve(`@tabler/icons/outline/${name}.svg`), 'utf8');
    const inner = svg.replace(/<!--[\s\S]*?-->/g, '').replace(/^[\s\S]*?<svg[^>]*>/, '').replace(/<\/svg>\s*$/, '')
        .replace(/<path stroke="none" d="M0 0h24v24H0z" fill="none"\s*\/>/, '').replace(/\s*\n\s*/g, '').replace(/ \/>/g, '/>');
    return `<symbol id="${name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round">${inner}</symbol>`;
});
const mark = readFileSync(join(web, 'src/icons/icon.svg'), 'utf8').replace(/^<svg[^>]*>/, '').replace(/<\/svg>\s*$/, '');
symbols.push(`<symbol id="mark" viewBox="0 0 512 512">${mark}</symbol>`);
put('sprite.svg', `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join('')}</svg>\n`, true);

put('app.css', await bundle('css/app.css'), true);
/* Charts are a file of their own: only pages that have one fetch it, from the address that app.js carries. */
const licence = '/* Contains Apache ECharts (Apache-2.0, apache.org/licenses/LICENSE-2.0) and ZRender (BSD-3-Clause, Baidu Inc.) */';
put('charts.js', await bundle('js/charts/charts.js', {
    format: 'iife', banner: { js: licence }, define: { 'process.env.NODE_ENV': '"production"' },
}), true);
put('grid.js', await bundle('js/grid/grid.js', { format: 'iife', target: ['es2020'] }), true); /* the grid of targets: likewise */
const addresses = { CHARTS: JSON.stringify(PREFIX + assets['charts.js']), GRID: JSON.stringify(PREFIX + assets['grid.js']) };
put('app.js', await bundle('js/app.js', { format: 'iife', define: addresses }), true);
put('boot.js', await bundle('js/boot.js', { format: 'iife' }), true);
put('icon.svg', readFileSync(join(web, 'src/icons/icon.svg')), false);
for (const size of [192, 512]) put(`icon-${size}.png`, icon_png(size), false);

const shell = Object.values(assets).filter((f) => !/^(icon-|charts\.|grid\.)/.test(f)).map((f) => PREFIX + f);
const version = createHash('sha256').update(shell.join()).digest('hex').slice(0, 10);
const define = { SHELL: JSON.stringify(shell), VERSION: JSON.stringify(version) };
put('sw.js', await bundle('js/sw.js', { format: 'iife', define }), false);

const manifest = {
    name: '销冠', short_name: '销冠', lang: 'zh-CN', start_url: '/', scope: '/', display: 'standalone',
    background_color: '#f4f6f9', theme_color: '#2456d6',
    icons: [
        { src: `${PREFIX}icon.svg`, sizes: 'any', type: 'image/svg+xml' },
        { src: `${PREFIX}icon-192.png`, sizes: '192x192', type: 'image/png' },
        { src: `${PREFIX}icon-512.png`, sizes: '512x512', type: 'image/png' },
    ],
};
put('manifest.webmanifest', JSON.stringify(manifest, null, 1) + '\n', false);

/* Holidays and make-up days of the State Council, as the package knows them. */
const table = JSON.parse(readFileSync(join(dirname(require.resolve('chinese-days')), 'chinese-days.json'), 'utf8'));
const names = (days) => Object.fromEntries(Object.keys(days).sort().map((day) => [day, days[day].split(',')[1]]));
put('chinese-days.json', JSON.stringify({ holidays: names(table.holidays), workdays: names(table.workdays) }) + '\n', false);

writeFileSync(join(out, 'assets.json'), JSON.stringify(assets, null, 1) + '\n');
for (const [name, file] of Object.entries(assets)) console.log(`${name} -> ${file}`);
