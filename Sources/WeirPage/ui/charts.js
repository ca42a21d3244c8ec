// Charts of the history: an SVG each, with one crosshair for all.
import { el, svg } from './dom.js';
import { NONE, span } from './format.js';

const LEFT = 46;
const BOTTOM = 18;
const TOP = 6;
const charts = new Set();
let cross = null;

/// The charts of a view that is left.
export function forgetCharts() {
  charts.clear();
  cross = null;
}

export const redrawCharts = () => charts.forEach(chart => chart.draw());

function nice(most) {
  if (!(most > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(most));
  return [1, 2, 2.5, 5, 10].map(factor => factor * power).find(value => value >= most);
}

/// A chart of some lines. `lines` are {key, name, look}; `read(key)` gives the numbers of a line.
export class Chart {
  constructor(title, lines, format, read, stepSeconds = () => 1) {
    Object.assign(this, { title, lines, format, read, stepSeconds });
    this.tip = el('div', { class: 'tip', hidden: true });
    this.svg = svg('svg', { 'aria-hidden': 'true' });
    this.said = el('span', { class: 'hidden' });
    this.node = el('figure', { class: 'chart', 'aria-label': title,
      onpointermove: event => { cross = this.indexAt(event); redrawCharts(); },
      onpointerleave: () => { cross = null; redrawCharts(); } }, this.svg, this.tip, this.said);
    charts.add(this);
  }

  columns() {
    const all = this.lines.map(line => this.read(line.key) || []);
    return { all, count: Math.max(2, ...all.map(values => values.length)) };
  }

  indexAt(event) {
    const box = this.node.getBoundingClientRect();
    const { count } = this.columns();
    const part = (event.clientX - box.left - LEFT) / (box.width - LEFT - 4);
    // Counted from the end, so that it means the same time in every chart.
    return count - 1 - Math.round(Math.min(1, Math.max(0, part)) * (count - 1));
  }

  draw() {
    const { all, count } = this.columns();
    const width = this.node.clientWidth || 300;
    const height = this.node.clientHeight || 120;
    const [plotWidth, plotHeight] = [width - LEFT - 4, height - BOTTOM - TOP];
    const known = all.flat().filter(Number.isFinite);
    const top = nice(Math.max(0, ...known));
    const x = index => LEFT + (plotWidth * index) / (count - 1);
    const y = value => TOP + plotHeight * (1 - value / top);
    const parts = [0, 0.5, 1].flatMap(part => [
      svg('line', { class: 'ax', x1: LEFT, x2: LEFT + plotWidth, y1: y(top * part), y2: y(top * part) }),
      svg('text', { x: LEFT - 6, y: y(top * part) + 3.5, 'text-anchor': 'end' }, this.format(top * part))]);
    const past = span(Math.max(1, count - 1) * this.stepSeconds());
    parts.push(svg('text', { x: LEFT, y: height - 3 }, past + ' ago'),
      svg('text', { x: LEFT + plotWidth, y: height - 3, 'text-anchor': 'end' }, 'now'));
    this.lines.forEach((line, number) => parts.push(...this.path(line, all[number], count, x, y, number === 0)));
    this.showCross(parts, all, count, x, plotHeight);
    this.svg.setAttribute('viewBox', `0 0 ${width} ${height}`);
    this.svg.replaceChildren(...parts);
    this.say(all);
  }

  path(line, values, count, x, y, hasArea) {
    const shift = count - values.length;
    let d = '';
    let first = null;
    let last = null;
    values.forEach((value, index) => {
      if (!Number.isFinite(value)) return;
      const isStart = index === 0 || !Number.isFinite(values[index - 1]);
      // A number between two unknown ones is a dot.
      d += (isStart ? 'M' : 'L') + x(index + shift).toFixed(1) + ' ' + y(value).toFixed(1) + (isStart ? 'h0' : '');
      first ??= index + shift;
      last = index + shift;
    });
    if (first === null) return [];
    const drawn = [svg('path', { class: 'line ' + line.look, d })];
    if (hasArea && !values.some((value, index) => index + shift > first && index + shift < last && !Number.isFinite(value))) {
      drawn.unshift(svg('path', { class: 'area ' + line.look.replace('s', 'f'),
        d: d + `L${x(last).toFixed(1)} ${y(0)}L${x(first).toFixed(1)} ${y(0)}Z` }));
    }
    return drawn;
  }

  showCross(parts, all, count, x, plotHeight) {
    this.tip.hidden = cross === null || cross > count - 1;
    if (this.tip.hidden) return;
    const index = count - 1 - cross;
    parts.push(svg('line', { class: 'cross', x1: x(index), x2: x(index), y1: TOP, y2: TOP + plotHeight }));
    const text = this.lines.map((line, number) => {
      const value = all[number][index - (count - all[number].length)];
      return (this.lines.length > 1 ? line.name + ' ' : '') + (Number.isFinite(value) ? this.format(value) : NONE);
    });
    this.tip.textContent = text.join(' · ') + (cross ? ', ' + span(cross * this.stepSeconds()) + ' ago' : ', now');
  }

  /// The same for readers of the screen, changed only when it is read.
  say(all) {
    const text = this.lines.map((line, number) => {
      const known = all[number].filter(Number.isFinite);
      if (!known.length) return `${line.name}: nothing yet`;
      return `${line.name}: now ${this.format(known.at(-1))}, least ${this.format(Math.min(...known))}, `
        + `most ${this.format(Math.max(...known))}`;
    }).join('; ');
    if (this.said.textContent !== text) this.said.textContent = text;
  }
}
