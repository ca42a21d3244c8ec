// The frames and answers of docs/protocol-vectors.json, which every implementation must agree on.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { weir } from './support.mjs';

const { decodeAnswer, encodeFrame } = weir;

const file = new URL('../../../../docs/protocol-vectors.json', import.meta.url);
// Doubles that JSON cannot hold are strings, in fields that hold no other strings.
const special = { NaN, Infinity, '-Infinity': -Infinity, '-0': -0 };
const numeric = new Set(['value', 'sum', 'zero', 'weight', 'values', 'bounds']);
const vectors = JSON.parse(readFileSync(file, 'utf8'), (key, value) => {
  if (!numeric.has(key)) return value;
  const read = (item) => (typeof item === 'string' && item in special ? special[item] : item);
  return Array.isArray(value) ? value.map(read) : read(value);
});
const keys = Object.fromEntries(
  Object.entries(vectors.keys).map(([id, secret]) => [id, Buffer.from(secret, 'hex')]));

describe('frames', () => {
  // Records that only a Weir that forwards sends.
  const forwarded = new Set(['text_gauge', 'forwarder']);
  const written = vectors.frames.filter((vector) => !vector.refused && !vector.decode_only
    && !vector.frame.records.some(({ type }) => forwarded.has(type)));
  assert.ok(written.length > 20, 'there are frames that every writer writes alike');
  for (const { name, hex, frame } of written) {
    test(name, () => assert.equal(encodeFrame(frame, { keys }).toString('hex'), hex));
  }
});

describe('answers', () => {
  assert.ok(vectors.answers.length > 0, 'there are answers');
  for (const { name, hex, answer } of vectors.answers) {
    test(name, () => {
      const secret = answer.key ? keys[answer.key] : undefined;
      const { instance, sequence } = decodeAnswer(Buffer.from(hex, 'hex'), { secret });
      assert.deepEqual({ instance, sequence: Number(sequence) }, {
        instance: answer.instance, sequence: Number(answer.sequence),
      });
    });
  }
});

test('a truncated answer, or one with another signature, is refused', () => {
  for (const { hex, answer } of vectors.answers) {
    const bytes = Buffer.from(hex, 'hex');
    const secret = answer.key ? keys[answer.key] : undefined;
    assert.equal(decodeAnswer(bytes.subarray(0, 11), { secret }), null);
    const other = Buffer.from(bytes);
    other[other.length - 1] ^= 1;
    if (secret) assert.equal(decodeAnswer(other, { secret }), null);
  }
});
