/* render.mjs - G17: what render_bench.c measures, several times. */
import { join } from 'node:path';
import { judge, median, root, rounds, run, say, show, spread } from './lib.mjs';

export default async function render() {
    const html = [], json = [], us = {};
    let text;
    for (let i = 0; i < rounds(5); i++) {
        text = run(join(root, 'build/bench/render_bench'));
        html.push(Number(text.match(/page, template .*?([\d.]+) of by hand from values/)[1]));
        json.push(Number(text.match(/([\d.]+) x json_dumps/)[1]));
        for (const [, name, t] of text.matchAll(/^(.+?)\s+([\d.]+) us/gm)) (us[name] ??= []).push(Number(t));
    }
    say(text.trimEnd());
    const errors = Number(text.match(/errors=(\d+)/)[1]), at = (name) => `${show(median(us[name]))} us`;
    say(`of ${html.length} runs: html ${spread(html)}, json ${spread(json)}`);
    judge('G17 html', median(html), at('page, template'), at('page, by hand from values'), errors);
    judge('G17 json', median(json), at('json, value_json'), at('json, json_dumps'), errors);
}
