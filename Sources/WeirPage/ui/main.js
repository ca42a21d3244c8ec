// Opens views, asks for the status each second, and knows the keys.
import { el, fill } from './dom.js';
import { span, num } from './format.js';
import { forgetCharts, redrawCharts } from './charts.js';
import { get } from './api.js';
import { state, remember, kept } from './state.js';
import overview from './overview.js';
import names from './names.js';
import series from './series.js';
import refused from './refused.js';
import { senders, limits, instances, scrapes, about } from './lists.js';

const VIEWS = [['overview', 'Overview', overview, 1], ['names', 'Names', names, 5], ['series', 'Series', series, 5],
  ['refused', 'Refused', refused, 5], ['senders', 'Senders', senders, 5], ['limits', 'Limits', limits, 5],
  ['instances', 'Instances', instances, 5], ['scrapes', 'Scrapes', scrapes, 5], ['about', 'About', about, 5]];
const KEYS = [['1 … 9', 'views'], ['/', 'find a series'], ['j, k', 'next, previous row'], ['Enter', 'open a row'],
  ['p', 'pause'], ['t', 'theme: as the system, light, dark'], ['?', 'this list'], ['Esc', 'close, leave a field']];
const THEMES = ['', 'light', 'dark'];
const THEME_TITLES = { '': ['Auto', 'as the system'], light: ['Light', 'light'], dark: ['Dark', 'dark'] };
const LONGEST_WAIT = 10000;
const $ = id => document.getElementById(id);

let view = null;
let opening = 0;
let timer = 0;
let wait = 1000;
let isAsking = false;
let heardAt = null;

const app = {
  /// Asks for the view's answer now.
  refresh() { if (view) { view.dueAt = 0; tick(); } },
  setStep(step) { state.step = step; state.status = null; tick(); },
  /// A selector for a name, in quotes if it is no classic one.
  selectorOf: name => (/^[a-zA-Z_:][a-zA-Z0-9_:]*$/.test(name) ? name : '{"' + name.replace(/[\\"]/g, '\\$&').replaceAll('\n', '\\n') + '"}'),
};

function place() {
  const [path, query] = location.hash.replace(/^#\/?/, '').split('?');
  return { name: VIEWS.some(([name]) => name === path) ? path : 'overview', query: new URLSearchParams(query || '') };
}

function open() {
  const { name, query } = place();
  const [, title, make, seconds] = VIEWS.find(each => each[0] === name);
  forgetCharts();
  for (const link of $('nav').children) {
    if (link.dataset.view !== name) { link.removeAttribute('aria-current'); continue; }
    link.setAttribute('aria-current', 'page');
    // On a phone the views do not fit side by side.
    link.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }
  // Nothing is said before there is an answer, above all not that there is nothing.
  const root = el('div', { class: 'view waiting', 'aria-busy': 'true' });
  const trouble = el('p', { class: 'trouble', role: 'status', hidden: true });
  fill($('main'), trouble, root);
  $('find').value = name === 'series' ? query.get('match') || '' : '';
  opening += 1;
  view = { name, title, seconds, dueAt: 0, trouble, root, number: opening, update: make(root, app, query) };
  tick();
}

async function tick() {
  clearTimeout(timer);
  if (document.hidden || state.paused) return;
  // A question that is still open asks again when it is answered.
  if (isAsking) { timer = setTimeout(tick, 100); return; }
  isAsking = true;
  try {
    const step = state.step;
    const status = await get('status', { since: state.status && state.historyStep === step ? state.status.now_ms : '', step }, 1);
    remember(status, step);
    wait = 1000;
    heardAt = Date.now();
    $('stale').hidden = true;
    $('why').textContent = '';
    $('who').textContent = `${status.version} · ${status.node} · up ${span(status.uptime_seconds)}`;
    badge(status.findings.filter(one => one.level !== 'info').length);
    await updateView(status);
  } catch (error) {
    wait = Math.min(LONGEST_WAIT, wait * 2);
    sayStale(error);
  } finally {
    isAsking = false;
  }
  if (!document.hidden && !state.paused) timer = setTimeout(tick, wait);
}

async function updateView(status) {
  const current = view;
  if (Date.now() < current.dueAt) return;
  current.dueAt = Date.now() + current.seconds * 1000 - 500;
  try {
    await current.update(status);
    current.trouble.hidden = true;
    current.root.classList.remove('waiting');
    current.root.removeAttribute('aria-busy');
  } catch (error) {
    if (current.name === 'overview') throw error;
    current.trouble.hidden = false;
    const sentence = error.status ? error.message : 'Weir does not answer.';
    // Said once, because a reader of the screen reads each change aloud.
    if (current.trouble.textContent !== sentence) current.trouble.textContent = sentence;
  }
}

function sayStale(error) {
  const since = heardAt === null ? '' : ` What is shown is of ${span((Date.now() - heardAt) / 1000)} ago.`;
  const why = error.status === 401 ? 'Weir asks for a user; load the page again.'
    : error.status ? `Weir refuses the question: ${error.message}.` : 'Weir does not answer.';
  // Only the cause is read aloud, and only if it is another one.
  if ($('why').textContent !== why) $('why').textContent = why;
  $('age').textContent = `${since} Asking again each ${span(wait / 1000)}.`;
  $('stale').hidden = false;
}

function badge(count) {
  const link = $('nav').firstElementChild;
  const old = link.querySelector('.n');
  if (old ? old.textContent === String(count) : !count) return;
  if (old) old.remove();
  if (count) link.append(el('span', { class: 'n' }, String(count)));
  link.setAttribute('aria-label', count ? `Overview, findings: ${count}` : 'Overview');
  $('said').textContent = count === 1 ? '1 finding' : `${count} findings`;
  document.title = (count ? `(${count}) ` : '') + 'Weir';
}

function setTheme(theme) {
  if (theme) document.documentElement.dataset.theme = theme; else delete document.documentElement.dataset.theme;
  const [short, long] = THEME_TITLES[theme];
  $('theme').textContent = short;
  $('theme').setAttribute('aria-label', `${short}: the theme is ${long}`);
}

function nextTheme() {
  const theme = THEMES[(THEMES.indexOf(document.documentElement.dataset.theme || '') + 1) % THEMES.length];
  kept.set('theme', theme);
  setTheme(theme);
  redrawCharts();
}

function pause() {
  state.paused = !state.paused;
  $('pause').setAttribute('aria-pressed', String(state.paused));
  $('pause').textContent = state.paused ? 'Go on' : 'Pause';
  tick();
}

function moveRow(step) {
  const rows = [...document.querySelectorAll('tr.go')].filter(row => row.offsetParent !== null);
  const now = rows.indexOf(document.activeElement);
  const next = rows[now < 0 ? (step > 0 ? 0 : rows.length - 1) : now + step];
  if (next) next.focus();
}

function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.matches('input')) {
    if (event.key === 'Escape') event.target.blur();
    return;
  }
  if ($('help').open) return;
  const { key } = event;
  if (key === '/') { event.preventDefault(); $('find').focus(); $('find').select(); }
  else if (key === 'p') pause();
  else if (key === 't') nextTheme();
  else if (key === '?') $('help').showModal();
  else if (key === 'j' || key === 'k') moveRow(key === 'j' ? 1 : -1);
  else if (key >= '1' && key <= '9') location.hash = '#/' + VIEWS[key - 1][0];
}

VIEWS.forEach(([name, title], index) => $('nav').append(
  el('a', { href: '#/' + name, 'data-view': name, title: `${title} (${index + 1})` }, title)));
fill($('help'), el('h2', { id: 'helptitle' }, 'Keys'), el('table', null, el('tbody', null, KEYS.map(([key, what]) =>
  el('tr', null, el('th', { scope: 'row' }, el('kbd', null, key)), el('td', null, what))))),
el('button', { type: 'button', onclick: () => $('help').close() }, 'Close'));
$('pause').addEventListener('click', pause);
$('theme').addEventListener('click', nextTheme);
$('keys').addEventListener('click', () => $('help').showModal());
$('search').addEventListener('submit', event => {
  event.preventDefault();
  location.hash = '#/series?match=' + encodeURIComponent($('find').value);
  $('find').blur();
});
addEventListener('keydown', onKey);
addEventListener('hashchange', open);
addEventListener('resize', redrawCharts);
document.addEventListener('visibilitychange', tick);
setTheme(THEMES.includes(kept.get('theme')) ? kept.get('theme') : '');
open();
