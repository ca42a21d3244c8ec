// Makes and updates elements. Text is only ever set as text: no string becomes HTML.

const SVG = 'http://www.w3.org/2000/svg';

function put(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith('on')) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? '' : value);
  }
  node.append(...flat(children));
  return node;
}

const flat = children => children.flat(9).filter(child => child !== null && child !== undefined && child !== false);

/// An HTML element: el('td', {class: 'r'}, 'text', node).
export const el = (tag, attributes, ...children) => put(document.createElement(tag), attributes, children);

/// An SVG element.
export const svg = (tag, attributes, ...children) =>
  put(document.createElementNS(SVG, tag), attributes, children);

/// Replaces what a node has.
export const fill = (node, ...children) => node.replaceChildren(...flat(children));

/// Text whose parts between backquotes are code.
export const withCode = text => text.split('`').map((part, index) => (index % 2 ? el('code', null, part) : part));

/// A card with a heading.
export function card(title, note, ...children) {
  return el('section', { class: 'card' }, el('h2', null, title, note && el('small', null, ' ', note)), children);
}

/// A sentence where there is nothing to show.
export const empty = (...children) => el('p', { class: 'empty' }, children);

/// A bar that is filled to a part from 0 to 1.
export function bar(part, look = 'f1') {
  const width = Math.max(part > 0 ? 1 : 0, 100 * Math.min(1, part || 0));
  return svg('svg', { class: 'bar', viewBox: '0 0 100 8', preserveAspectRatio: 'none', 'aria-hidden': 'true' },
    svg('rect', { class: 'bg', width: 100, height: 8, rx: 2 }), svg('rect', { class: look, width, height: 8, rx: 2 }));
}

/// A table that is updated in place, so that a row keeps its focus while its numbers change.
///
/// Columns are {title, class, sort}; rows are {key, cells, open, selected, onOpen, detail}.
export class Table {
  constructor(caption, columns, onSort) {
    this.columns = columns;
    this.body = el('tbody');
    this.heads = columns.map(column => {
      const title = column.sort
        ? el('button', { type: 'button', onclick: () => onSort(column.sort) }, column.title)
        : column.title || el('span', { class: 'hidden' }, column.hidden || 'bar');
      return el('th', { scope: 'col', class: column.class }, title);
    });
    this.node = el('div', { class: 'scroll' }, el('table', null, el('caption', { class: 'hidden' }, caption),
      el('thead', null, el('tr', null, this.heads)), this.body));
    this.rows = new Map();
  }

  sortedBy(name, direction) {
    this.columns.forEach((column, index) => {
      if (column.sort === name) this.heads[index].setAttribute('aria-sort', direction);
      else this.heads[index].removeAttribute('aria-sort');
    });
  }

  update(rows) {
    const kept = new Map();
    const nodes = [];
    for (const row of rows) {
      const known = this.rows.get(row.key) || this.make(row);
      kept.set(row.key, known);
      known.row = row;
      row.cells.forEach((cell, index) => fill(known.cells[index], cell));
      const isOpen = Boolean(row.detail);
      if (row.onOpen) known.node.setAttribute(row.selected === undefined ? 'aria-expanded' : 'aria-selected',
        String(row.selected === undefined ? isOpen : row.selected));
      nodes.push(known.node);
      if (isOpen) {
        known.detail ||= el('td', { colspan: this.columns.length });
        known.detailRow ||= el('tr', { class: 'detailrow' }, known.detail);
        if (known.detail.firstChild !== row.detail) fill(known.detail, row.detail);
        nodes.push(known.detailRow);
      }
    }
    this.rows = kept;
    // Moving a row takes its focus away, so the rows are only moved if their order has changed.
    const before = this.body.children;
    if (before.length !== nodes.length || nodes.some((node, index) => before[index] !== node)) {
      const focused = document.activeElement;
      this.body.replaceChildren(...nodes);
      if (focused && this.body.contains(focused) && document.activeElement !== focused) focused.focus();
    }
  }

  make(row) {
    const cells = this.columns.map(column => el('td', { class: column.class }));
    const known = { cells };
    const open = () => known.row.onOpen();
    known.node = row.onOpen
      ? el('tr', { class: 'go', tabindex: 0, onclick: open,
        onkeydown: event => { if (event.key === 'Enter') open(); } }, cells)
      : el('tr', null, cells);
    return known;
  }
}
