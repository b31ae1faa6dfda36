/* app.js - everything a page runs; each part looks for its own markup and does nothing without it. */
import './htmx.js';
import './shell.js';
import './dialogs.js';
import './list.js';
import './ref.js';
import './form.js';
import './report.js';
import './chart_loader.js';
import './wall.js';
import './grid_loader.js';
import './worker.js';
