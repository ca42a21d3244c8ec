// Checks of the options that metrics are defined with.

'use strict';

const METRIC_NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
/** The names of Weir's own metrics, and of its clients' own. */
const RESERVED_PREFIXES = ['weir_', 'push_client_'];

/** Names that options have in other libraries, and their names here. */
const OTHER_NAMES = {
  buckets: 'bounds', aggregator: 'merge', labels: 'labelNames', label_names: 'labelNames',
  labelnames: 'labelNames', defaultLabels: 'labels', host: 'address', interval: 'flushInterval',
};

/** Throws if there is an unknown option, because a misspelt one would otherwise be ignored. */
function checkOptions(what, options, known) {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new TypeError(`${what}: the options must be an object, such as { ${known[0]}: … }.`);
  }
  for (const option of Object.keys(options)) {
    if (known.includes(option)) continue;
    const other = OTHER_NAMES[option];
    const remedy = known.includes(other) ? `use ${other}` : `the options are ${known.join(', ')}`;
    throw new TypeError(`${what}: there is no option "${option}"; ${remedy}.`);
  }
}

/** Throws if the name or an option of a metric is not valid. */
function checkDefinition(name, options, known) {
  if (typeof name !== 'string' || !METRIC_NAME.test(name)) {
    const text = typeof name === 'string' ? name : typeof name;
    throw new TypeError(
      `"${text}" is not a valid metric name; use letters, digits, _ and :, and no digit first.`);
  }
  const reserved = RESERVED_PREFIXES.find((prefix) => name.startsWith(prefix));
  if (reserved) {
    throw new TypeError(
      `${name}: names that begin with ${reserved} are reserved for Weir; choose another name.`);
  }
  checkOptions(name, options, known);
  if (options.collect !== undefined && typeof options.collect !== 'function') {
    throw new TypeError(`${name}: collect must be a function.`);
  }
}

/** Throws if a second definition of a metric differs from the first. */
function checkSame(metric, Class, options) {
  const { name } = metric;
  if (!(metric instanceof Class)) {
    throw new TypeError(
      `${name} is already defined as a ${metric.type}; choose another name for this metric.`);
  }
  const difference = metric.difference(options);
  if (difference) {
    throw new TypeError(
      `${name} is already defined with ${difference}; use the same options, or choose another `
      + 'name.');
  }
}

function optionalText(name, option, value) {
  if (value === undefined || value === null) return null;
  if (typeof value !== 'string') throw new TypeError(`${name}: ${option} must be a string.`);
  return value;
}

module.exports = { checkDefinition, checkOptions, checkSame, optionalText };
