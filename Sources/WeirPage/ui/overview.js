// The first view: is anything arriving, what is lost and where, and what should be done.
import { el, svg, fill, card, empty, bar, link, withCode, Table } from './dom.js';
import { num, rate, perSecond, share, span, ago, foreign, amount, limitName, selectorOf, viewOf, NONE, SOON } from './format.js';
import { Chart, redrawCharts } from './charts.js';
import { state, attempt } from './state.js';
import { get } from './api.js';

const LEVELS = { bad: 'Loses data', warn: 'Warning', info: 'Hint' };

const findingList = () => el('ul', { class: 'finds', 'aria-label': 'Findings' });

/// Shows findings; list items stay, so that nothing is read aloud again.
function showFindings(list, findings) {
  const since = one => (one.since_seconds < 2 ? 'just now' : 'for ' + span(one.since_seconds));
  const key = JSON.stringify(findings.map(one => [one.id, one.level, one.subject, one.what, one.fix]));
  if (list.dataset.key === key) {
    list.querySelectorAll('.since').forEach((node, index) => { node.textContent = since(findings[index]); });
    return;
  }
  list.dataset.key = key;
  if (!findings.length) {
    fill(list, el('li', { class: 'ok' }, el('span', { class: 'tag' }, 'All well'),
      el('span', null, 'Nothing is lost, no limit is near, and nothing was refused in the last minute.')));
    return;
  }
  fill(list, findings.map(one => el('li', { class: one.level },
    el('span', { class: 'tag' }, LEVELS[one.level] || one.level),
    el('span', { class: 'what' }, foreign(one.what, 600)),
    el('small', { class: 'since' }, since(one)),
    el('span', { class: 'fix' }, withCode(one.fix),
      one.view && one.view !== 'overview' && [' ', link(placeOf(one), 'More')]))));
}

/// Where a finding can be looked into: refused lines of its reason, if it is of one.
function placeOf({ id, view, subject }) {
  return viewOf(view, view === 'refused' ? { reason: id === 'type_clash' ? id : subject } : {});
}

function stages(path) {
  const scraped = path.scrape_interval_seconds ? 'every ' + span(path.scrape_interval_seconds) : 'series';
  return [
    { name: 'received', value: num(path.datagrams), unit: 'datagrams/s' },
    { name: 'lines', value: num(path.lines), unit: 'lines/s' },
    { name: 'applied', value: num(path.samples + path.push_records), unit: 'samples/s' },
    { name: 'series', value: num(path.series), unit: 'in memory' },
    { name: 'scraped', value: path.scraped_series === null ? NONE : num(path.scraped_series), unit: scraped },
  ];
}

function leaks(path) {
  return [
    { name: 'kernel drops', value: path.dropped, unit: 'datagrams/s', share: path.dropped_share, of: 'datagrams', to: '#/senders' },
    { name: 'refused', value: path.refused, unit: 'lines/s', share: path.refused_share, of: 'lines', to: '#/refused' },
    { name: 'over a limit', value: path.limited, unit: 'lines/s', share: path.limited_share, of: 'lines', to: '#/limits' },
    { name: 'expired', value: path.expired, unit: 'series/s', isCalm: true, to: '#/names' },
  ];
}

const STEP = 262;
const WIDTH = 1240;

/// The path of the data as a river with what it loses; below 720 px it is a table.
function drawPath(path) {
  const river = svg('svg', { viewBox: `0 0 ${WIDTH} 128`, class: 'wide', 'aria-hidden': 'true' },
    svg('path', { class: 'river', d: `M0 30 H${WIDTH - 14} l14 15 l-14 15 H0Z` }),
    stages(path).map((stage, index) => [
      svg('text', { class: 'lab', x: 12 + index * STEP, y: 20 }, stage.name),
      svg('text', { class: 'big', x: 12 + index * STEP, y: 52 }, stage.value,
        svg('tspan', { class: 'unit', dx: 6 }, stage.unit))]),
    leaks(path).map((leak, index) => drawLeak(leak, 194 + index * STEP)));
  const rows = stages(path).flatMap((stage, index) => {
    const leak = leaks(path)[index];
    return [
      el('tr', null, el('th', { scope: 'row' }, stage.name),
        el('td', { class: 'r' }, el('b', null, stage.value), ' ', el('small', null, stage.unit))),
      leak && el('tr', { class: isLoss(leak) ? 'badt' : 'muted' }, el('th', { scope: 'row' }, '↳ ' + leak.name),
        el('td', { class: 'r' }, num(leak.value) + ' ' + leak.unit, isLoss(leak) && ` (${share(leak.share)})`)),
    ];
  });
  return [river, el('table', { class: 'tall' }, el('caption', { class: 'hidden' }, 'From the socket to the scrape'),
    el('tbody', null, rows))];
}

const isLoss = leak => leak.value > 0 && !leak.isCalm;

function drawLeak(leak, x) {
  const look = isLoss(leak) ? 'leakt' : 'zero';
  const half = Math.min(16, 5 + 3 * Math.log10(1 + leak.value));
  const mark = isLoss(leak)
    ? svg('path', { class: 'leak', d: `M${x - half / 2} 60 v24 h${-half / 2} l${half} 12 l${half} -12 h${-half / 2} v-24Z` })
    : svg('line', { class: 'zl', x1: x, x2: x, y1: 60, y2: 92 });
  return [mark, svg('a', { href: leak.to, tabindex: -1 },
    svg('text', { class: look, x, y: 111, 'text-anchor': 'middle' }, `${leak.name} ${num(leak.value)} ${leak.unit}`),
    isLoss(leak) && svg('text', { class: look, x, y: 126, 'text-anchor': 'middle' }, `${share(leak.share)} of ${leak.of}`))];
}

const CHARTS = [
  { title: 'Lines', lines: [{ key: 'lines', name: 'lines/s', look: 's1' }], format: value => num(value),
    now: status => rate(status.path.lines) },
  { title: 'Lost', lines: [{ key: 'dropped', name: 'datagrams dropped', look: 'sb' },
    { key: 'refused', name: 'lines refused', look: 's2' }, { key: 'limited', name: 'lines over a limit', look: 's4' }],
    format: value => num(value, 2), now: ({ path }) => lostNow(path), isBad: ({ path }) => path.dropped + path.refused + path.limited > 0 },
  { title: 'Series', lines: [{ key: 'series', name: 'series', look: 's1' }], format: value => num(value),
    now: status => num(status.path.series) },
  { title: 'Scrape', lines: [{ key: 'scrape_seconds', name: 'duration', look: 's3' }], format: value => (value ? span(value) : '0'),
    now: ({ scrape }) => (scrape ? [span(scrape.duration_seconds), el('small', null, ' ', ago(scrape.age_seconds))] : 'none yet') },
];

function lostNow(path) {
  // Never added up: a datagram has many lines.
  const parts = [[path.dropped, 'datagrams/s'], [path.refused + path.limited, 'lines/s']].filter(([value]) => value > 0);
  return parts.length ? parts.map(([value, unit]) => [num(value), el('small', null, ' ' + unit + ' ')]) : 'nothing';
}

function makeChart(spec) {
  const now = el('b', { class: 'now' });
  const chart = new Chart(spec.title, spec.lines, spec.format, key => state.history[key],
    () => (state.historyStep === '1m' ? 60 : 1));
  const legend = el('div', { class: 'legend' }, spec.lines.length > 1
    ? spec.lines.map(line => el('span', null, el('i', { class: 'k' + line.look.slice(1) }), line.name)) : null);
  const node = el('section', { class: 'card stat' }, el('h2', null, spec.title), now, chart.node, legend);
  return { node, update(status) {
    fill(now, spec.now(status));
    now.classList.toggle('badt', Boolean(spec.isBad && spec.isBad(status)));
  } };
}

function limitList(limits) {
  return el('div', { class: 'two' }, limits.map(limit => {
    const part = limit.used / limit.max;
    return el('div', { class: 'limit' }, el('div', null, limitName(limit.limit), ' ',
      el('small', null, `${amount(limit.limit, limit.used)} of ${amount(limit.limit, limit.max)}`),
      limit.full_in_seconds !== null && el('span', { class: limit.full_in_seconds < SOON ? 'badt' : null }, ' full in ' + span(limit.full_in_seconds))),
    bar(part, part >= 0.9 ? 'fb' : part > 0.7 ? 'f2' : 'f1'),
    limit.name && el('small', null, 'by ', foreign(limit.name, 60)));
  }));
}

/// What to do where nothing has ever arrived.
function firstSteps() {
  const text = el('p');
  const node = el('section', { class: 'card start', hidden: true }, el('h2', null, 'Nothing has arrived yet'), text);
  let isAsked = false;
  const say = listening => {
    // Nobody can send to 0.0.0.0: it stands for all addresses of the machine of Weir.
    const any = /^(?:0\.0\.0\.0|\[::\]|\*)?:(\d+)$/.exec(listening);
    const local = any ? '127.0.0.1:' + any[1] : listening;
    fill(text, 'Send a line from the machine of Weir: ',
      el('code', null, `weir send ${local === USUAL ? '' : local + ' '}'jobs_done_total:1|c'`),
      '. Then let your applications send to ', any ? `port ${any[1]} of this machine` : el('code', null, listening), ' by UDP.');
  };
  return { node, update({ path, history }) {
    const hasReceived = path.series > 0 || path.datagrams > 0 || history.columns.lines.some(Boolean);
    node.hidden = hasReceived || state.history.lines.some(Boolean);
    if (node.hidden || isAsked) return;
    isAsked = true;
    say(USUAL);
    get('flags').then(({ flags }) => {
      const flag = flags.find(one => one.flag === '--statsd.listen-udp');
      if (flag && flag.value) say(flag.value.split(',')[0]);
    }).catch(() => { isAsked = false; });
  } };
}

const USUAL = '127.0.0.1:8125';

export default function overview(root, app) {
  const finds = findingList();
  const path = el('section', { class: 'card flow', 'aria-label': 'The path of the data' });
  const charts = CHARTS.map(makeChart);
  const steps = [['1s', '5 minutes'], ['1m', 'a day']].map(([step, title]) => el('button', { type: 'button',
    'data-step': step, 'aria-pressed': String(state.step === step), onclick: () => app.setStep(step) }, title));
  const names = new Table('Busiest names', [{ title: 'Name', class: 'clip' }, { class: 'w40' }, { title: 'Lines/s', class: 'r' }]);
  const senders = new Table('Busiest senders', [{ title: 'Sender', class: 'clip' }, { class: 'w40' },
    { title: 'Lines/s', class: 'r' }, { title: 'Refused/s', class: 'r opt' }]);
  const noNames = empty();
  const noSenders = empty();
  const limits = el('div');
  const start = firstSteps();
  root.append(finds, start.node, path, el('div', { class: 'steps', role: 'group', 'aria-label': 'Time of the charts' }, steps),
    el('div', { class: 'grid g4' }, charts.map(chart => chart.node)),
    el('div', { class: 'grid g2' }, card('Busiest names', 'lines a second, about the last minute', names.node, noNames),
      card('Busiest senders', 'lines a second, about the last minute', senders.node, noSenders)),
    card('Limits', 'the fullest, and when they are full at the pace of the last hour', limits));
  const list = (table, note, rows, cells, to) => {
    const top = Math.max(...rows.map(row => row.lines), 0);
    note.hidden = rows.length > 0;
    table.node.hidden = !rows.length;
    table.update(rows.map(row => ({ key: row.name, cells: cells(row, top), href: to(row) })));
  };
  const showBusiest = status => {
    const quiet = status.sampled_seconds < 5 ? 'Sampling has just begun.' : `No lines in the last ${span(Math.min(60, status.sampled_seconds))}.`;
    noNames.textContent = noSenders.textContent = quiet;
    list(names, noNames, status.names, (row, top) => [foreign(row.name, 60), bar(row.lines / top), perSecond(row.lines)],
      row => viewOf('series', { match: selectorOf(row.name) }));
    list(senders, noSenders, status.senders, (row, top) => [[foreign(row.name, 60), ' ', el('small', null, row.how)],
      bar(row.lines / top), perSecond(row.lines),
      row.refused ? el('a', { class: 'badt', href: viewOf('refused', { sender: row.name }) }, perSecond(row.refused)) : '0'],
    row => (row.how === 'text' ? '#/senders' : viewOf('instances', { instance: row.name })));
  };
  const showLimits = status => {
    const fullest = status.limits.filter(limit => limit.used !== null)
      .sort((a, b) => ((b.full_in_seconds ?? SOON) < SOON) - ((a.full_in_seconds ?? SOON) < SOON) || b.used / b.max - a.used / a.max).slice(0, 6);
    fill(limits, limitList(fullest));
  };
  return status => {
    attempt(() => {
      start.update(status);
      finds.hidden = !start.node.hidden && !status.findings.length;
    });
    attempt(() => showFindings(finds, status.findings));
    attempt(() => fill(path, drawPath(status.path)));
    attempt(() => {
      steps.forEach(step => step.setAttribute('aria-pressed', String(step.dataset.step === state.step)));
      charts.forEach(chart => chart.update(status));
      redrawCharts();
    });
    attempt(() => showBusiest(status));
    attempt(() => showLimits(status));
  };
}
