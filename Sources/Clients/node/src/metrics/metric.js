// A metric: a name, its definition, and its series by their labels.

'use strict';

const { LABEL_NAME, labelPairs, labelText } = require('./labels.js');
const { optionalText } = require('./options.js');
const { timer } = require('./timing.js');

class Metric {
  static options = ['help', 'unit', 'labelNames', 'collect'];

  #Series;
  #series = new Map();
  /**
   * The same series by their labels as the program wrote them, so that most calls find them at
   * once.
   */
  #asWritten = new Map();
  #plain = null;

  constructor(client, name, options, SeriesClass) {
    this.client = client;
    this.name = name;
    this.help = optionalText(name, 'help', options.help);
    this.unit = optionalText(name, 'unit', options.unit);
    this.labelNames = this.checkedLabelNames(options.labelNames);
    this.#Series = SeriesClass;
  }

  checkedLabelNames(names) {
    if (names === undefined) return null;
    if (!Array.isArray(names)) {
      throw new TypeError(`${this.name}: labelNames must be an array, such as ['provider'].`);
    }
    for (const name of names) {
      if (typeof name === 'string' && LABEL_NAME.test(name)) continue;
      throw new TypeError(
        `${this.name}: "${String(name)}" is not a valid label name; use letters, digits and _, and `
        + 'begin with neither a digit nor __.');
    }
    return Object.freeze([...new Set(names)]);
  }

  /** How the first definition differs from a second one; null if it does not. */
  difference({ unit, labelNames }) {
    const sorted = (names) => String([...(names ?? [])].sort());
    if (labelNames !== undefined && sorted(labelNames) !== sorted(this.labelNames)) {
      return this.labelNames ? `labelNames ${this.labelNames.join(', ')}` : 'no labelNames';
    }
    if (unit && this.unit && unit !== this.unit) return `unit "${this.unit}"`;
    return null;
  }

  /** The series of these labels. Keep it where samples are recorded often. */
  labels(labels, ...more) {
    if (labels === undefined || labels === null) return this.plain();
    if (typeof labels !== 'object') labels = this.#named([labels, ...more]);
    let key = '';
    try {
      for (const name in labels) {
        const value = labels[name];
        const text = typeof value === 'string' ? value : labelText(value);
        // With the lengths, so that different labels never have the same key.
        key += `${name.length},${text.length},${name}${text}`;
      }
    } catch {
      // A label cannot be read, for example an object whose toString throws.
      this.client.refuse();
      return this.client.lost;
    }
    return this.#asWritten.get(key) ?? this.#find(labels, key);
  }

  /** The series that has only the common labels. */
  plain() {
    if (this.#plain) return this.#plain;
    const series = this.#find({}, '');
    if (series !== this.client.lost) this.#plain = series;
    return series;
  }

  /** The series with the labels of `series` and those of `more`, if there are any. */
  labelsWith(series, more) {
    if (!more) return series;
    return this.labels({ ...Object.fromEntries(series.labelPairs), ...more });
  }

  /** A timer whose series is found at its end, with the labels that are known then too. */
  timerOf(labels, record) {
    const known = { ...labels };
    this.#checkNames(known);
    return timer((more) => this.labels({ ...known, ...more }), record);
  }

  /** Removes the series of these labels, if there is one. */
  remove(labels, ...more) {
    if (labels !== undefined && typeof labels !== 'object') labels = this.#named([labels, ...more]);
    this.#checkNames(labels ?? {});
    try {
      const pairs = labelPairs(labels ?? {}, this.client.commonLabels);
      this.#series.get(JSON.stringify(pairs))?.remove();
    } catch {
      this.client.refuse();
    }
  }

  /** Removes all series. */
  clear() {
    for (const series of this.#series.values()) series.remove();
  }

  /** The same as `clear`, which other libraries call reset. */
  reset() {
    this.clear();
  }

  /**
   * Adds a removed series again, unless another one has its labels by now; returns the one that
   * has.
   */
  restore(series) {
    const identity = JSON.stringify(series.labelPairs);
    const other = this.#series.get(identity);
    if (other) return other;
    this.#series.set(identity, series);
    return series;
  }

  /** Removes a series without a value to remember. */
  forget(series) {
    this.#series.delete(JSON.stringify(series.labelPairs));
    if (this.#plain === series) this.#plain = null;
  }

  /** Labels from their values in the order of `labelNames`. */
  #named(values) {
    const names = this.labelNames ?? [];
    if (values.length !== names.length) {
      const expected = names.length > 0
        ? `the values of ${names.join(', ')}` : 'define the metric with labelNames';
      throw new TypeError(
        `${this.name}: got ${values.length} label values; use { name: value }, or ${expected}.`);
    }
    return Object.fromEntries(names.map((name, index) => [name, values[index]]));
  }

  #checkNames(labels) {
    if (!this.labelNames) return;
    for (const name in labels) {
      if (this.labelNames.includes(name)) continue;
      const known = this.labelNames.join(', ') || 'none';
      throw new TypeError(`${this.name}: the label "${name}" is not in its labelNames: ${known}.`);
    }
  }

  #find(labels, key) {
    this.#checkNames(labels);
    let pairs;
    try {
      pairs = labelPairs(labels, this.client.commonLabels);
    } catch {
      this.client.refuse();
      return this.client.lost;
    }
    const identity = JSON.stringify(pairs);
    let series = this.#series.get(identity);
    if (!series) {
      const list = this.client.series;
      if (!list.hasRoomFor(this.name, pairs)) return this.client.lost;
      series = list.add(new this.#Series(this, pairs, list.nextSpread()));
      this.#series.set(identity, series);
    }
    if (this.#asWritten.size >= 2 * this.client.seriesMax) this.#asWritten.clear();
    this.#asWritten.set(key, series);
    return series;
  }
}

module.exports = { Metric };
