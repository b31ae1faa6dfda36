/* dom.js - elements made without HTML text, which the content policy refuses. */
export function make(tag, className, ...children) {
    const el = document.createElement(tag);
    el.className = className;
    el.append(...children.filter((c) => c !== null && c !== undefined && c !== ''));
    return el;
}
