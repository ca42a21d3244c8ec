// Label names and values, as a program writes them and as they are sent.

'use strict';

const LABEL_NAME = /^(?!__)[a-zA-Z_][a-zA-Z0-9_]*$/;

function isLabels(value) {
  return typeof value === 'object' && value !== null;
}

function labelText(value) {
  return value === undefined || value === null ? '' : String(value);
}

/**
 * Labels as they are sent: in ascending order of their names, with names that are valid in
 * Prometheus, and without empty values and those that repeat a common label. So labels that mean
 * the same are the same series, however they were written.
 */
function labelPairs(labels, common) {
  const pairs = new Map();
  for (const name in labels) pairs.set(labelName(name), wellFormed(labelText(labels[name])));
  return [...pairs]
    .filter(([name, value]) => value !== '' && common.get(name) !== value)
    .sort(([left], [right]) => (left < right ? -1 : 1));
}

function labelName(name) {
  return name.replace(/[^a-zA-Z0-9_]/gu, '_').replace(/^(?=[0-9]|$)/, '_');
}

/** Without unpaired surrogates, which UTF-8 cannot encode. */
function wellFormed(text) {
  return /[\ud800-\udfff]/.test(text) ? Buffer.from(text).toString() : text;
}

module.exports = { LABEL_NAME, isLabels, labelText, labelPairs };
