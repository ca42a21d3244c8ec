// Opens views, asks for the status each second, and knows the keys.
import { el } from './dom.js';
import { span, viewOf, shown } from './format.js';
import { forgetCharts, redrawCharts } from './charts.js';
import { get, ApiError } from './api.js';
import { state, remember, kept, attempt, tellFault } from './state.js';
import overview from './overview.js';
import names from './names.js';
import series from './series.js';
import refused from './refused.js';
import { senders, limits, instances, scrapes, about } from './lists.js';

const VIEWS = [['overview', 'Overview', overview, 1], ['names', 'Names', names, 5], ['series', 'Series', series, 5],
  ['refused', 'Refused', refused, 5], ['senders', 'Senders', senders, 5], ['limits', 'Limits', limits, 5],
  ['instances', 'Instances', instances, 5], ['scrapes', 'Scrapes', scrapes, 5], ['about', 'About', about, 5]];
const KEYS = [['1 … 9', 'views'], ['/', 'find a series'], ['j, k', 'next, previous row'], ['Enter', 'open the row'],
  ['p', 'pause'], ['t', 'theme: as the system, light, dark'], ['?', 'this list'], ['Esc', 'close, leave a field']];
const THEMES = ['', 'light', 'dark'];
const THEME_TITLES = { '': ['Auto', 'as the system'], light: ['Light', 'light'], dark: ['Dark', 'dark'] };
const LONGEST_WAIT = 10000;
const $ = id => document.getElementById(id);

let view = null;
let timer = 0;
let wait = 1000;
let isAsking = false;
let isWanted = false;
let heardAt = null;

const app = {
  /// Asks for the view's answer now, also while the page is paused.
  refresh() { view.dueAt = 0; ask(); },
  setStep(step) { state.step = step; this.refresh(); },
};

function place() {
  const [path, query] = location.hash.replace(/^#\/?/, '').split('?');
  return { name: VIEWS.some(([name]) => name === path) ? path : 'overview', query: new URLSearchParams(query || '') };
}

function open() {
  const { name, query } = place();
  const [, , make, seconds] = VIEWS.find(each => each[0] === name);
  $('find').value = name === 'series' ? query.get('match') || '' : '';
  // A view that can change its choice keeps its rows, and with them the focus.
  if (view && view.name === name && view.update.choose) {
    view.update.choose(query);
    app.refresh();
    return;
  }
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
  $('main').replaceChildren(trouble, root);
  view = { name, seconds, dueAt: 0, isBusy: false, trouble, root, update: make(root, app, query) };
  ask();
}

/// Asks for the status, and for the view where it is due. Somebody has chosen something, or it is time.
async function ask() {
  clearTimeout(timer);
  // What was chosen in a hidden tab is asked for when it is seen.
  if (document.hidden) return;
  if (isAsking) { isWanted = true; return; }
  isAsking = true;
  do {
    isWanted = false;
    await askStatus();
  } while (isWanted);
  isAsking = false;
  if (!document.hidden && !state.paused) timer = setTimeout(ask, wait);
}

async function askStatus() {
  const step = state.step;
  const since = state.status && state.historyStep === step ? state.status.now_ms : '';
  let status;
  try {
    status = await get('status', { since, step }, { tries: 1, seconds: 5 });
  } catch (error) {
    if (!(error instanceof ApiError)) { tellFault(error); return; }
    wait = Math.min(LONGEST_WAIT, wait * 2);
    sayStale(error);
    return;
  }
  wait = 1000;
  heardAt = Date.now();
  $('stale').hidden = true;
  $('why').textContent = '';
  attempt(() => remember(status, step));
  attempt(() => {
    $('who').textContent = `${status.version} · ${status.node} · up ${span(status.uptime_seconds)}`;
    badge(status.findings.filter(one => one.level !== 'info').length);
  });
  // Not waited for: a heavy question takes its time, and the status goes on.
  updateView(status);
}

async function updateView(status) {
  const current = view;
  if (current.isBusy || Date.now() < current.dueAt) return;
  current.isBusy = true;
  current.dueAt = Date.now() + current.seconds * 1000 - 500;
  try {
    await current.update(status);
    current.trouble.hidden = true;
    current.root.classList.remove('waiting');
    current.root.removeAttribute('aria-busy');
  } catch (error) {
    if (error instanceof ApiError) {
      current.trouble.hidden = false;
      // Said once, because a reader of the screen reads each change aloud.
      const message = shown(error.message);
      if (current.trouble.textContent !== message) current.trouble.textContent = message;
    } else {
      tellFault(error);
    }
  }
  current.isBusy = false;
  // Something was chosen meanwhile.
  if (current.dueAt === 0 && current === view) updateView(status);
}

function sayStale(error) {
  const since = heardAt === null ? '' : ` What is shown is of ${span((Date.now() - heardAt) / 1000)} ago.`;
  const why = error.status === 401 ? 'Weir asks for a user; load the page again.'
    : error.status >= 400 ? `Weir refuses the question: ${error.message}.` : error.message;
  // Only the cause is read aloud, and only if it is another one.
  if ($('why').textContent !== why) $('why').textContent = why;
  $('age').textContent = since + (state.paused ? ' The page is paused.' : ` Asking again each ${span(wait / 1000)}.`);
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
  if (state.paused) clearTimeout(timer); else ask();
}

function moveRow(step) {
  const rows = [...document.querySelectorAll('.opener')].filter(row => row.offsetParent !== null);
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
$('help').append(el('h2', { id: 'helptitle' }, 'Keys'), el('table', null, el('tbody', null, KEYS.map(([key, what]) =>
  el('tr', null, el('th', { scope: 'row' }, el('kbd', null, key)), el('td', null, what))))),
el('button', { type: 'button', onclick: () => $('help').close() }, 'Close'));
$('pause').addEventListener('click', pause);
$('theme').addEventListener('click', nextTheme);
$('keys').addEventListener('click', () => $('help').showModal());
$('search').addEventListener('submit', event => {
  event.preventDefault();
  location.hash = viewOf('series', { match: $('find').value });
  $('find').blur();
});
addEventListener('keydown', onKey);
addEventListener('hashchange', open);
addEventListener('resize', redrawCharts);
// A paused page asks only for what was chosen while nobody saw it.
document.addEventListener('visibilitychange', () => { if (!state.paused || view.dueAt === 0) ask(); });
addEventListener('error', event => tellFault(event.error || event.message));
addEventListener('unhandledrejection', event => tellFault(event.reason));
setTheme(THEMES.includes(kept.get('theme')) ? kept.get('theme') : '');
open();
