// What a series looks like now.
import { el, fill, bar, link, moreButton, Table } from './dom.js';
import { num, perSecond, count, whole, ago, span, day, shown, foreign, labels, selectorOf, viewOf, NONE } from './format.js';
import { Chart, redrawCharts } from './charts.js';
import { get } from './api.js';

const SECONDS = 5;
const KEPT = 120;

export default function series(root, app, query) {
  const match = query.get('match') || '';
  let limit = 100;
  let chosen = null;
  let before = new Map();
  const rates = new Map();
  const box = el('input', { type: 'search', class: 'wideinput', value: match, spellcheck: 'false',
    placeholder: 'llm_requests_total{provider="openai"}', 'aria-label': 'Selector',
    onchange: event => { location.hash = viewOf('series', { match: event.target.value }); } });
  const note = el('p', { class: 'muted' });
  const start = el('p', { class: 'chips' });
  const more = moreButton(() => { limit = 1000; app.refresh(); });
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
  const alone = el('p');
  const parts = { of: null, head: el('div'), facts: el('dl'), buckets: el('div'), gainedTitle,
    gained: el('div', null, gainedTitle, recent.node), text: el('div', null, el('h2', null, 'As Prometheus reads it ', copy), pre) };
  side.append(parts.head, parts.facts, parts.buckets, parts.gained, parts.text, alone);
  root.append(el('div', { class: 'grid g21' }, el('section', { class: 'card' },
    el('h2', null, 'Series ', el('small', null, 'name{label="value"}; * stands for any characters')), box, note, start, table.node, more), side));
  if (!match) {
    side.hidden = true;
    table.node.hidden = true;
    note.textContent = 'Write a name or a selector above, or choose a name:';
    let isAsked = false;
    return async () => {
      if (!isAsked) isAsked = await propose('*');
    };
  }

  /// Shows names that match a glob, those with most series first, and returns whether there are any.
  async function propose(glob) {
    const { names, matched } = await get('names', { match: glob, limit: 30 });
    fill(start, names.map(one => el('a', { class: 'chip', href: viewOf('series', { match: selectorOf(one.name) }) }, foreign(one.name, 60))),
      matched > names.length && el('a', { href: viewOf('names', { match: match && glob }) }, `all ${whole(matched)}`));
    return names.length > 0;
  }

  // A pushed group may have a series that senders of lines have, too.
  const key = one => one.name + JSON.stringify(one.labels) + isOfGroup(one);
  const isOfGroup = one => one.age_seconds === null;
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
      ? `${whole(answer.total)} series ${answer.total === 1 ? 'matches' : 'match'}${answer.shown < answer.total ? `; ${whole(answer.shown)} are shown` : ''}. Read in ${span(answer.counted_seconds)}.`
        + (answer.complete ? '' : ' Not all could be read in time.')
      : 'No series matches. Names and labels are those that Weir keeps, as on Names.';
    table.node.hidden = !answer.total;
    more.hidden = answer.shown >= Math.min(answer.total, 1000);
    const isOneName = answer.series.every(one => one.name === answer.series[0].name);
    table.update(answer.series.map(one => ({
      key: key(one), isChosen: key(one) === chosen, onOpen: () => { chosen = key(one); show(answer); },
      cells: [[!isOneName && foreign(one.name, 60), labels(one.labels)], one.count === undefined || one.count === null ? num(one.value) : num(one.count),
        rates.has(key(one)) ? perSecond(rates.get(key(one)).at(-1)) : '', isOfGroup(one) ? 'of a group' : ago(one.age_seconds)],
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
    fill(alone, !one.text && link(viewOf('series', { match: selectorOf(one.name, one.labels) }), 'Show it alone, with its text'));
    // Left alone where it is the same, so that it stays selected.
    const text = shown(one.text || '');
    if (text && pre.textContent !== text) pre.textContent = text;
    redrawCharts();
  }

  function facts(one) {
    const list = [];
    if (one.count !== undefined && one.count !== null) list.push(['observations', whole(one.count)], ['sum', num(one.sum, 5)]);
    else list.push(['value', one.value === null ? NONE : String(one.value)]);
    for (const [quantile, value] of Object.entries(one.quantiles || {})) list.push(['p' + Number((quantile * 100).toFixed(3)), value === null ? NONE : String(Number(value.toPrecision(3)))]);
    if (!isOfGroup(one)) list.push(['updated', ago(one.age_seconds)]);
    if (one.born_ms) list.push(['first seen', day(one.born_ms)]);
    // Null for text, and absent where Weir does not say.
    if (isOfGroup(one)) list.push(['from', one.text === '' ? 'a pushed group; a scrape shows the series of the same name and labels from lines' : 'a pushed group']);
    else if (one.owners !== undefined) list.push(['owners', one.owners ? ownersOf(one.owners) : 'text']);
    return list;
  }

  function ownersOf({ instances, first }) {
    return [`pushed by ${count(instances, 'instance')}: `, first.map((one, index) => [index ? ', ' : '',
      el('a', { class: 'mono', href: viewOf('instances', { instance: one }) }, one)]), instances > first.length && ', …'];
  }

  function buckets(one) {
    if (!one.buckets || !one.buckets.length) return null;
    const most = Math.max(...one.buckets.map(bucket => bucket.count), 1);
    return el('table', { class: 'buckets' }, el('caption', null, 'Buckets, not added up'), el('tbody', null, one.buckets.map(bucket => el('tr', null,
      el('th', { scope: 'row', class: 'r mono' }, '≤ ' + bucket.le), el('td', { class: 'w60' }, bar(bucket.count / most, 'f3')),
      el('td', { class: 'r' }, num(bucket.count))))));
  }

  return async () => {
    const answer = await get('series', { match, limit });
    gains(answer.series, Date.now());
    show(answer);
    // What was meant as a part of a name.
    if (!answer.total && /^[^*{"]+$/.test(match)) {
      if (await propose(`*${match.trim()}*`)) note.textContent = 'No series has this name. Names that contain it:';
    } else fill(start);
  };
}
