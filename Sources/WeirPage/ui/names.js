// Which names cost most series, and which label makes them.
import { el, card, empty, bar, Table } from './dom.js';
import { num, whole, span, foreign, NONE } from './format.js';
import { get } from './api.js';

const COLUMNS = [{ title: 'Name', sort: 'name', class: 'clip' }, { title: 'Type', sort: 'type', class: 'opt' },
  { title: 'Series', sort: 'series', class: 'r' }, { class: 'w16' }, { title: '+10 min', sort: 'growth', class: 'r' },
  { title: 'Lines/s', sort: 'lines', class: 'r opt' }, { title: 'Labels (distinct values)', class: 'opt' }];

export default function names(root, app, query) {
  let sort = 'series';
  let match = query.get('match') || '';
  let opened = query.get('name');
  let answer = null;
  let detail = null;
  let described = null;
  const table = new Table('Names', COLUMNS, name => { sort = name; app.refresh(); });
  const note = el('p', { class: 'muted' });
  const filter = el('input', { type: 'search', value: match, placeholder: 'llm_*', spellcheck: 'false', 'aria-label': 'Show names that match',
    onchange: event => { match = event.target.value; app.refresh(); } });
  const nothing = empty();
  root.append(el('section', { class: 'card' }, el('h2', null, 'Names ', el('small', null, 'what costs series, and which label makes them')),
    el('label', { class: 'filter' }, 'Names that match ', filter), table.node, nothing, note));

  const open = async name => {
    opened = opened === name ? null : name;
    detail = null;
    show();
    if (opened) await loadDetail();
  };
  async function loadDetail() {
    const name = opened;
    try {
      const labels = await get('names/' + encodeURIComponent(name) + '/labels', { limit: 5 });
      if (opened === name) detail = labels;
    } catch (error) {
      if (opened === name) detail = { error: error.message };
    }
    show();
  }
  function show() {
    const rows = answer.names;
    const top = Math.max(...rows.map(row => row.series), 1);
    table.sortedBy(sort, sort === 'name' || sort === 'type' ? 'ascending' : 'descending');
    table.node.hidden = !rows.length;
    nothing.hidden = rows.length > 0;
    nothing.textContent = match ? 'No name matches.' : 'There is no series yet.';
    table.update(rows.map(row => ({
      key: row.name, onOpen: () => open(row.name),
      detail: opened === row.name && describe(row.name),
      cells: [foreign(row.name, 80), row.type, num(row.series), bar(row.series / top, row.series > 0.7 * row.series_max ? 'fb' : 'f1'),
        growth(row), row.lines === null ? NONE : num(row.lines), chips(row.labels)],
    })));
    note.textContent = `${whole(answer.shown)} of ${whole(answer.matched)} names that match, ${whole(answer.total)} in all. `
      + `Counted ${answer.age_seconds < 1 ? 'now' : span(answer.age_seconds) + ' ago'} in ${span(answer.counted_seconds)}.`
      + (answer.complete ? '' : ' Not all could be read in time.');
  }
  function growth(row) {
    if (!row.growth) return '';
    return el('span', { class: row.growth >= 100 && row.growth > row.series * 0.1 ? 'up' : '' }, (row.growth > 0 ? '+' : '−') + num(Math.abs(row.growth)));
  }
  function chips(labels) {
    if (!labels) return el('small', null, 'open to count');
    return labels.map(label => el('span', { class: 'chip' + (label.values > 1000 ? ' hot' : '') },
      foreign(label.name, 30), ' ', (label.exact ? '' : '≈') + num(label.values)));
  }
  /// Made once for each answer, so that its link keeps the focus.
  function describe(name) {
    if (!described || described.detail !== detail || described.name !== name) described = { name, detail, node: details(name) };
    return described.node;
  }
  function details(name) {
    if (!detail) return el('div', { class: 'detail' }, 'Counting…');
    if (detail.error) return el('div', { class: 'detail badt' }, detail.error);
    return el('div', { class: 'detail' },
      el('p', { class: 'save' }, detail.advice ? foreign(detail.advice, 400) : 'No label stands out.'),
      el('div', { class: 'two' }, detail.labels.map(label => el('div', null,
        el('b', null, foreign(label.name, 60)), ' ',
        el('small', null, `${label.exact ? '' : 'about '}${whole(label.values)} values; without it ${label.series_without_exact ? '' : 'about '}${whole(label.series_without)} series`),
        label.top.map(one => el('div', null, foreign(one.value, 48), ' ', el('small', null, whole(one.series) + ' series')))))),
      el('p', null, el('a', { href: '#/series?match=' + encodeURIComponent(app.selectorOf(name)) }, 'Show its series'),
        el('small', null, detail.complete ? '' : `  Counted over ${whole(detail.scanned)} of ${whole(detail.series)} series.`)));
  }
  return async () => {
    answer = await get('names', { sort, match, limit: 50 });
    show();
    if (opened && !detail) await loadDetail();
  };
}
