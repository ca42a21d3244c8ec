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

/// Gives a node these children, unless it looks the same already: so links keep their focus, and text its selection.
///
/// For children that are made anew each time and listen to nothing.
export function fill(node, ...children) {
  const wanted = flat(children).map(child => (child instanceof Node ? child : document.createTextNode(child)));
  const now = node.childNodes;
  if (now.length === wanted.length && wanted.every((child, index) => child.isEqualNode(now[index]))) return;
  node.replaceChildren(...wanted);
}

/// Text whose parts between backquotes are code.
export const withCode = text => text.split('`').map((part, index) => (index % 2 ? el('code', null, part) : part));

/// A link, if there is something that it leads to.
export const link = (href, ...children) => (href ? el('a', { href }, children) : children);

/// A card with a heading.
export function card(title, note, ...children) {
  return el('section', { class: 'card' }, el('h2', null, title, note && el('small', null, ' ', note)), children);
}

/// A sentence where there is nothing to show.
export const empty = (...children) => el('p', { class: 'empty' }, children);

/// A button that shows more rows.
export const moreButton = onclick => el('button', { type: 'button', hidden: true, onclick }, 'Show more');

/// A bar that is filled to a part from 0 to 1.
export function bar(part, look = 'f1') {
  const width = Math.max(part > 0 ? 1 : 0, 100 * Math.min(1, part || 0));
  return svg('svg', { class: 'bar', viewBox: '0 0 100 8', preserveAspectRatio: 'none', 'aria-hidden': 'true' },
    svg('rect', { class: 'bg', width: 100, height: 8, rx: 2 }), svg('rect', { class: look, width, height: 8, rx: 2 }));
}

let details = 0;

/// A table that is updated in place, so that a row keeps its focus while its numbers change.
///
/// Columns are {title, class, sort}; rows are {key, cells}. A row that leads somewhere has `href` and perhaps
/// `isCurrent`; one that does something has `onOpen` and `isOpen` or `isChosen`. The first cell is then a link or a
/// button, and a click anywhere on the row does the same. `detail` is shown below its row.
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
      row.cells.forEach((cell, index) => fill(index || !known.opener ? known.cells[index] : known.opener, cell));
      nodes.push(known.node);
      if (row.detail) {
        known.detail ||= el('td', { colspan: this.columns.length, id: `detail${details += 1}` });
        known.detailRow ||= el('tr', { class: 'detailrow' }, known.detail);
        if (known.detail.firstChild !== row.detail) fill(known.detail, row.detail);
        nodes.push(known.detailRow);
      }
      if (known.opener) this.describe(known, row);
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
    const known = { cells, node: el('tr', null, cells), opener: null };
    if (!row.href && !row.onOpen) return known;
    known.opener = row.href ? el('a', { class: 'opener' })
      : el('button', { class: 'opener', type: 'button', onclick: () => known.row.onOpen() });
    cells[0].append(known.opener);
    known.node.classList.add('go');
    known.node.addEventListener('click', event => {
      if (!event.target.closest('a, button') && getSelection().isCollapsed) known.opener.click();
    });
    return known;
  }

  /// Says to readers of the screen what the opener of a row leads to, and whether that is shown.
  describe({ node, opener, detail }, row) {
    const set = (name, value) => (value === undefined ? opener.removeAttribute(name) : opener.setAttribute(name, String(value)));
    set('href', row.href);
    set('aria-current', row.isCurrent || undefined);
    set('aria-pressed', row.isChosen);
    set('aria-expanded', row.isOpen);
    set('aria-controls', row.isOpen && row.detail ? detail.id : undefined);
    node.classList.toggle('chosen', Boolean(row.isCurrent || row.isChosen || row.isOpen));
  }
}
