// What a series looks like now.
import { el, fill, card, empty, bar, Table } from './dom.js';
import { num, whole, ago, span, day, foreign, labels, NONE } from './format.js';
import { Chart, redrawCharts } from './charts.js';
import { get } from './api.js';

const SECONDS = 5;
const KEPT = 120;

export default function series(root, app, query) {
  const match = query.get('match') || '';
  let chosen = null;
  let before = new Map();
  const rates = new Map();
  const box = el('input', { type: 'search', class: 'wideinput', value: match, spellcheck: 'false',
    placeholder: 'llm_requests_total{provider="openai"}', 'aria-label': 'Selector',
    onchange: event => { location.hash = '#/series?match=' + encodeURIComponent(event.target.value); } });
  const note = el('p', { class: 'muted' });
  const table = new Table('Series', [{ title: 'Series', class: 'clip' }, { title: 'Now', class: 'r' },
    { title: 'Per s', class: 'r opt' }, { title: 'Updated', class: 'r opt' }]);
  const side = el('section', { class: 'card side', 'aria-label': 'The chosen series' });
  const recent = new Chart('Gained each second', [{ key: 'rate', name: 'per second', look: 's1' }], value => num(value, 2),
    () => (chosen && rates.get(chosen)) || [], () => SECONDS);
  // These stay over refreshes, so that focus and selection stay.
  const pre = el('pre', { class: 'mono', tabindex: 0, 'aria-label': 'The series as Prometheus reads it' });
  const copy = el('button', { type: 'button', onclick: async () => {
    try { await navigator.clipboard.writeText(pre.textContent); copy.textContent = 'Copied'; } catch { copy.textContent = 'Select it by hand'; }
    setTimeout(() => { copy.textContent = 'Copy'; }, 2000);
  } }, 'Copy');
  const gainedTitle = el('h2');
  const parts = { of: null, head: el('div'), facts: el('dl'), buckets: el('div'), gainedTitle,
    gained: el('div', null, gainedTitle, recent.node), text: el('div', null, el('h2', null, 'As Prometheus reads it ', copy), pre) };
  side.append(parts.head, parts.facts, parts.buckets, parts.gained, parts.text);
  root.append(el('div', { class: 'grid g21' }, el('section', { class: 'card' },
    el('h2', null, 'Series ', el('small', null, 'name{label="value"}; * stands for any characters')), box, note, table.node), side));
  if (!match) {
    side.hidden = true;
    table.node.hidden = true;
    note.textContent = 'Write a name or a selector above, or choose a name:';
    const start = el('p');
    root.firstChild.firstChild.append(start);
    let isAsked = false;
    return async () => {
      if (isAsked) return;
      const { names } = await get('names', { limit: 20 });
      isAsked = names.length > 0;
      fill(start, names.map(one => el('a', { class: 'chip', href: '#/series?match=' + encodeURIComponent(app.selectorOf(one.name)) }, foreign(one.name, 60))));
    };
  }

  const key = one => one.name + JSON.stringify(one.labels);
  const amount = one => (one.type === 'gauge' || one.type === 'set' ? one.value : one.count ?? one.value);

  function gains(list, now) {
    const after = new Map();
    for (const one of list) {
      const name = key(one);
      const value = amount(one);
      const earlier = before.get(name);
      after.set(name, { value, now });
      if (!earlier || one.type === 'gauge' || one.type === 'set') continue;
      const rate = Math.max(0, (value - earlier.value) / ((now - earlier.now) / 1000));
      rates.set(name, (rates.get(name) || []).concat(rate).slice(-KEPT));
    }
    before = after;
    for (const name of rates.keys()) if (!after.has(name)) rates.delete(name);
  }

  function show(answer) {
    if (!answer.series.some(one => key(one) === chosen)) chosen = answer.series.length ? key(answer.series[0]) : null;
    note.textContent = answer.total
      ? `${whole(answer.total)} series match; ${whole(answer.shown)} are shown. Read in ${span(answer.counted_seconds)}.`
        + (answer.complete ? '' : ' Not all could be read in time.')
      : 'No series matches. Names and labels are those that Weir keeps, as on Names.';
    table.node.hidden = !answer.total;
    table.update(answer.series.map(one => ({
      key: key(one), selected: key(one) === chosen, onOpen: () => { chosen = key(one); show(answer); },
      cells: [[foreign(one.name, 60), labels(one.labels)], one.count === undefined || one.count === null ? num(one.value) : num(one.count),
        rates.has(key(one)) ? num(rates.get(key(one)).at(-1)) : '', ago(one.age_seconds)],
    })));
    const one = answer.series.find(each => key(each) === chosen);
    side.hidden = !one;
    if (one) describe(one);
  }

  function describe(one) {
    if (parts.of !== chosen) {
      parts.of = chosen;
      fill(parts.head, el('h2', null, foreign(one.name, 80), ' ', el('small', null, one.type)), el('p', null, labels(one.labels)));
      copy.textContent = 'Copy';
    }
    fill(parts.facts, facts(one).map(([name, value]) => [el('dt', null, name), el('dd', null, value)]));
    fill(parts.buckets, buckets(one));
    parts.gained.hidden = !rates.has(chosen);
    parts.gainedTitle.textContent = one.buckets ? 'Observations each second' : 'Gained each second';
    parts.text.hidden = !one.text;
    // Left alone where it is the same, so that it stays selected.
    if (one.text && pre.textContent !== one.text) pre.textContent = one.text;
    redrawCharts();
  }

  function facts(one) {
    const list = [];
    if (one.count !== undefined && one.count !== null) list.push(['observations', whole(one.count)], ['sum', num(one.sum, 5)]);
    else list.push(['value', one.value === null ? NONE : String(one.value)]);
    for (const [quantile, value] of Object.entries(one.quantiles || {})) list.push(['p' + Number((quantile * 100).toFixed(3)), value === null ? NONE : String(Number(value.toPrecision(3)))]);
    list.push(['updated', ago(one.age_seconds)]);
    if (one.born_ms) list.push(['first seen', day(one.born_ms)]);
    return list;
  }

  function buckets(one) {
    if (!one.buckets || !one.buckets.length) return null;
    const most = Math.max(...one.buckets.map(bucket => bucket.count), 1);
    return el('table', { class: 'buckets' }, el('caption', null, 'Buckets, not added up'), el('tbody', null, one.buckets.map(bucket => el('tr', null,
      el('th', { scope: 'row', class: 'r mono' }, '≤ ' + bucket.le), el('td', { class: 'w60' }, bar(bucket.count / most, 'f3')),
      el('td', { class: 'r' }, num(bucket.count))))));
  }

  return async () => {
    const answer = await get('series', { match, limit: 100 });
    gains(answer.series, Date.now());
    show(answer);
  };
}
