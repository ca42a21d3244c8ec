// Numbers, times and foreign text as people read them.
import { el } from './dom.js';

const SPACE = '\u00a0';
export const NONE = '–';
/// A limit that is full within this many seconds needs somebody.
export const SOON = 86400;

/// A number with three digits that count, and k, M or G.
export function num(value, digits = 3) {
  if (value === null || value === undefined || Number.isNaN(value)) return NONE;
  const size = Math.abs(value);
  if (size >= 1e15) return value.toExponential(digits - 1);
  for (const [unit, factor] of [['G', 1e9], ['M', 1e6], ['k', 1e3]]) {
    if (size < (unit === 'k' ? 1e4 : factor)) continue;
    const scaled = value / factor;
    const places = Math.max(0, digits - 1 - Math.floor(Math.log10(Math.abs(scaled))));
    const text = scaled.toFixed(places);
    return (text.includes('.') ? text.replace(/\.?0+$/, '') : text) + SPACE + unit;
  }
  if (size >= 100 || Number.isInteger(value)) return Math.round(value).toLocaleString('en');
  if (size >= 0.1 || size === 0) return value.toFixed(1).replace(/\.0$/, '');
  return String(Number(value.toPrecision(2)));
}

/// A whole number with all its digits.
export const whole = value => (value === null || value === undefined ? NONE : Math.round(value).toLocaleString('en'));

/// A rate in a column: very small ones are all the same.
export const perSecond = value => (value > 0 && value < 0.1 ? '<' + SPACE + '0.1' : num(value));

/// How many there are of something: `1 scrape`, `1,204 scrapes`.
export const count = (number, one, many = one + 's') => whole(number) + SPACE + (number === 1 ? one : many);

export const rate = value => (value === null || value === undefined ? NONE : num(value) + '/s');

export function share(part) {
  if (!part) return '0' + SPACE + '%';
  if (part < 0.0001) return '<' + SPACE + '0.01' + SPACE + '%';
  return String(Number((100 * part).toPrecision(2))) + SPACE + '%';
}

/// A time of some seconds, in the unit that suits it.
export function span(seconds) {
  if (seconds === null || seconds === undefined) return NONE;
  if (seconds === 0) return '<' + SPACE + '1' + SPACE + 'ms';
  if (seconds < 0.001) return Math.round(seconds * 1e6) + SPACE + 'µs';
  if (seconds < 1) return Number((seconds * 1e3).toPrecision(2)) + SPACE + 'ms';
  if (seconds < 10) return Number(seconds.toPrecision(2)) + SPACE + 's';
  if (seconds < 120) return Math.round(seconds) + SPACE + 's';
  if (seconds < 7200) return Math.round(seconds / 60) + SPACE + 'min';
  if (seconds < 172800) return Math.round(seconds / 3600) + SPACE + 'h';
  return Math.round(seconds / 86400) + SPACE + 'days';
}

/// How long ago: `now`, `35 s ago`.
export function ago(seconds) {
  if (seconds === null || seconds === undefined) return 'never';
  return seconds < 2 ? 'now' : span(seconds) + ' ago';
}

export function bytes(count) {
  if (count === null || count === undefined) return NONE;
  for (const [unit, size] of [['GiB', 2 ** 30], ['MiB', 2 ** 20], ['KiB', 2 ** 10]]) {
    if (count >= size) return Number((count / size).toPrecision(3)) + SPACE + unit;
  }
  return count + SPACE + 'B';
}

/// A limit or what is used of it, with its unit.
export const amount = (limit, value) => (limit.endsWith('_bytes') ? bytes(value) : num(value));

/// The name of a limit as people write it.
export const limitName = limit => limit.replaceAll('_', ' ').replace(/^http /, 'HTTP ');

export const clock = milliseconds => new Date(milliseconds).toISOString().slice(11, 23);
export const day = milliseconds => new Date(milliseconds).toISOString().replace('T', ' ').slice(0, 19) + ' UTC';

// Control, bidi, zero-width and other invisible characters.
const HIDDEN = /[\u0000-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202f\u205f-\u206f\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\uffff\u2800\ud800-\udfff]|[\u{1bca0}-\u{1bca3}\u{1d173}-\u{1d17a}\u{e0000}-\u{e0fff}]/u;

/// Text of a sender: hidden characters are written out, and long texts are cut.
export function foreign(text, max = 90) {
  const characters = [...String(text)];
  const isCut = characters.length > max;
  const box = el('bdi', { class: 'v', title: isCut ? visible(characters.slice(0, 2000)) : null });
  let run = '';
  const flush = () => { if (run) box.append(run); run = ''; };
  for (const character of characters.slice(0, max)) {
    if (!HIDDEN.test(character)) { run += character; continue; }
    flush();
    box.append(el('span', { class: 'esc' }, escaped(character)));
  }
  run += isCut ? '…' : '';
  flush();
  return box;
}

/// Text with line breaks in which other hidden characters are written out.
export const shown = text => text.split('\n').map(line => visible([...line])).join('\n');

const visible = characters => characters.map(one => (HIDDEN.test(one) ? escaped(one) : one)).join('');

function escaped(character) {
  if (character === '\n') return '\\n';
  if (character === '\t') return '\\t';
  const code = character.codePointAt(0).toString(16);
  return code.length > 4 ? '\\u{' + code + '}' : '\\u' + code.padStart(4, '0');
}

/// The labels of a series: {model="x", provider="y"}. A line breaks between labels.
export function labels(set) {
  const box = el('span', { class: 'v' }, '{');
  Object.entries(set).forEach(([name, value], index) => {
    box.append(index ? ', ' : '', el('span', { class: 'label' }, foreign(name, 40), '="', foreign(value, 60), '"'));
  });
  box.append('}');
  return box;
}

/// A selector for a name, in quotes if it is no classic one, and perhaps for labels with these values.
export function selectorOf(name, set = {}) {
  const quoted = text => '"' + text.replace(/[\\"]/g, '\\$&').replaceAll('\n', '\\n') + '"';
  const isClassic = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/.test(name);
  const isPlain = label => /^[a-zA-Z_][a-zA-Z0-9_]*$/.test(label);
  const parts = Object.entries(set).map(([label, value]) => `${isPlain(label) ? label : quoted(label)}=${quoted(value)}`);
  if (!isClassic) parts.unshift(quoted(name));
  return (isClassic ? name : '') + (parts.length ? `{${parts.join(',')}}` : '');
}

/// The address of a view of this page, such as viewOf('refused', {reason: 'bad_value'}).
export function viewOf(view, choice = {}) {
  const query = new URLSearchParams(Object.entries(choice).filter(([, value]) => value)).toString();
  return '#/' + view + (query ? '?' + query : '');
}
