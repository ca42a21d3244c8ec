// Which names cost most series, and which label makes them.
import { el, fill, empty, bar, link, moreButton, Table } from './dom.js';
import { num, perSecond, count, whole, span, foreign, selectorOf, viewOf, NONE } from './format.js';
import { get, ApiError } from './api.js';

const COLUMNS = [{ title: 'Name', sort: 'name', class: 'clip' }, { title: 'Type', sort: 'type', class: 'opt' },
  { title: 'Series', sort: 'series', class: 'r' }, { class: 'w16' }, { title: 'Growth', sort: 'growth', class: 'r' },
  { title: 'Lines/s', sort: 'lines', class: 'r opt' }, { title: 'Labels (distinct values)', class: 'opt' }];

/// Names that contain a text; with * or ? in it, names that are like it.
const globOf = text => (text && !/[*?]/.test(text) ? `*${text}*` : text);

export default function names(root, app, query) {
  let sort = 'series';
  let match = query.get('match') || '';
  let opened = query.get('name');
  let limit = 50;
  let typing = 0;
  let answer = null;
  let detail = null;
  let described = null;
  const table = new Table('Names', COLUMNS, name => { sort = name; app.refresh(); });
  const note = el('p', { class: 'muted' });
  const more = moreButton(() => { limit = 1000; app.refresh(); });
  const search = () => {
    clearTimeout(typing);
    if (match === filter.value) return;
    match = filter.value;
    // In the address, so that it can be shared; not in the history, because it is typed.
    history.replaceState(null, '', viewOf('names', { match }));
    app.refresh();
  };
  const filter = el('input', { type: 'search', value: match, placeholder: 'llm', spellcheck: 'false', 'aria-label': 'Show names that contain',
    onchange: search, oninput: () => { clearTimeout(typing); typing = setTimeout(search, 300); } });
  const nothing = empty();
  root.append(el('section', { class: 'card' }, el('h2', null, 'Names ', el('small', null, 'what costs series, and which label makes them')),
    el('label', { class: 'filter' }, 'Names that contain ', filter), table.node, nothing, note, more));

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
      if (!(error instanceof ApiError)) throw error;
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
    fill(nothing, match ? ['No name contains ', foreign(match, 60), '.'] : 'There is no series yet.');
    table.update(rows.map(row => ({
      key: row.name, onOpen: () => open(row.name), isOpen: opened === row.name,
      detail: opened === row.name && describe(row.name),
      cells: [foreign(row.name, 80), row.type, num(row.series), bar(row.series / top, row.series > 0.7 * row.series_max ? 'fb' : 'f1'),
        growth(row), row.lines === null ? NONE : perSecond(row.lines), chips(row.labels)],
    })));
    const since = rows.length ? span(rows[0].growth_seconds) : '';
    note.textContent = `${whole(answer.shown)} of ${count(answer.matched, 'name')} that match, ${whole(answer.total)} in all. `
      + (since && `Growth is of the last ${since}. `)
      + `Counted ${answer.age_seconds < 1 ? 'now' : span(answer.age_seconds) + ' ago'} in ${span(answer.counted_seconds)}.`
      + (answer.complete ? '' : ' Not all could be read in time.');
    more.hidden = answer.shown >= Math.min(answer.matched, 1000);
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
        el('small', null, `${label.exact ? '' : 'about '}${count(label.values, 'value')}; without it ${label.series_without_exact ? '' : 'about '}${whole(label.series_without)} series`),
        label.top.map(one => el('div', null, link(viewOf('series', { match: selectorOf(name, { [label.name]: one.value }) }), foreign(one.value, 48)),
          ' ', el('small', null, whole(one.series) + ' series')))))),
      el('p', null, link(viewOf('series', { match: selectorOf(name) }), 'Show its series'),
        el('small', null, detail.complete ? '' : `  Counted over ${whole(detail.scanned)} of ${whole(detail.series)} series.`)));
  }
  return async () => {
    answer = await get('names', { sort, match: globOf(match), limit });
    show();
    if (opened && !detail) await loadDetail();
  };
}
