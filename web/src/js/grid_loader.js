/* grid_loader.js - fetches grid.js where a page has a grid of targets; without it the grid is a plain form. GRID is put in by build.mjs. */
import { policy } from './trusted.js';

if (document.querySelector('[data-target-grid], [data-target-choice]')) {
    const script = document.createElement('script');
    script.nonce = document.querySelector('script[nonce]').nonce;
    script.src = policy.createScriptURL(GRID);
    document.head.append(script);
}
