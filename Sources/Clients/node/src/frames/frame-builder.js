// Builds frames of the push protocol, docs/protocol.md, from records.
//
//     header | strings | common labels | lists of bounds | records | signature
//
// A record refers to strings and to lists of bounds by their index, so each of these parts grows
// while records are added, and `finish` joins them.

'use strict';

const { ByteWriter, varintBytes } = require('./byte-writer.js');
const {
  FLAGS, FRAME_BYTES_MAX, MAGIC, MERGES, RECORDS, TAG_BYTES, VERSION, tag,
} = require('./format.js');

/** Builds one frame at a time. A record that does not fit leaves the frame as it was. */
class FrameBuilder {
  #header = new ByteWriter();
  #strings = new ByteWriter();
  #common = new ByteWriter();
  #bounds = new ByteWriter();
  #records = new ByteWriter();
  #record = new ByteWriter();
  #stringIndices = new Map();
  #boundsIndices = new Map();
  #key = null;
  recordCount = 0;

  /**
   * Begins a frame: `instance` is eight bytes, `key` is `{ id, secret }` or null. If `sent` is
   * given, the wall time of sending, it is the first record; `recordCount` does not count it.
   */
  begin({ instance, start, sequence, age, final, confirm, key, common, sent }) {
    const parts = [this.#header, this.#strings, this.#common, this.#bounds, this.#records];
    for (const part of parts) part.length = 0;
    this.#stringIndices.clear();
    this.#boundsIndices.clear();
    this.recordCount = 0;
    this.#key = key ?? null;
    const header = this.#header;
    header.byte(MAGIC[0]);
    header.byte(MAGIC[1]);
    header.byte(VERSION);
    header.byte(
      (key ? FLAGS.signed : 0) | (final ? FLAGS.final : 0) | (confirm ? FLAGS.confirm : 0));
    if (key) {
      header.byte(Buffer.byteLength(key.id));
      header.append(Buffer.from(key.id));
    }
    header.append(instance);
    header.varint(start);
    header.varint(sequence);
    header.varint(age);
    this.#labels(this.#common, common);
    if (sent > 0) this.add({ type: 'clock', sent_ms: sent }, FRAME_BYTES_MAX);
    this.recordCount = 0;
  }

  /** The size of the frame in bytes if it ended here. */
  get size() {
    return this.#header.length + varintBytes(this.#stringIndices.size) + this.#strings.length
      + this.#common.length + varintBytes(this.#boundsIndices.size) + this.#bounds.length
      + this.#records.length + (this.#key ? TAG_BYTES : 0);
  }

  /**
   * Adds a record, unless the frame would then exceed `limit` bytes. Returns whether it was added.
   */
  add(record, limit) {
    const before = {
      strings: this.#strings.length, stringCount: this.#stringIndices.size,
      bounds: this.#bounds.length, boundsCount: this.#boundsIndices.size,
      records: this.#records.length,
    };
    this.#record.length = 0;
    this.#fields(this.#record, record);
    this.#records.varint(RECORDS[record.type]);
    this.#records.varint(this.#record.length);
    this.#records.append(this.#record.bytes, this.#record.length);
    if (this.size <= limit) {
      this.recordCount += 1;
      return true;
    }
    this.#strings.length = before.strings;
    this.#bounds.length = before.bounds;
    this.#records.length = before.records;
    forgetAfter(this.#stringIndices, before.stringCount);
    forgetAfter(this.#boundsIndices, before.boundsCount);
    return false;
  }

  finish() {
    const header = this.#header;
    header.varint(this.#stringIndices.size);
    header.append(this.#strings.bytes, this.#strings.length);
    header.append(this.#common.bytes, this.#common.length);
    header.varint(this.#boundsIndices.size);
    header.append(this.#bounds.bytes, this.#bounds.length);
    header.append(this.#records.bytes, this.#records.length);
    if (this.#key) header.append(tag(header.bytes.subarray(0, header.length), this.#key.secret));
    return Buffer.from(header.bytes.subarray(0, header.length));
  }

  #string(string) {
    let index = this.#stringIndices.get(string);
    if (index === undefined) {
      index = this.#stringIndices.size;
      this.#stringIndices.set(string, index);
      this.#strings.text(string);
    }
    return index;
  }

  #labels(writer, labels) {
    writer.varint(labels.length);
    for (const [name, value] of labels) {
      writer.varint(this.#string(name));
      writer.varint(this.#string(value));
    }
  }

  /** The index of a list of bounds in the frame, from 1; 0 stands for Weir's own bounds. */
  #boundsList(bounds) {
    if (!bounds) return 0;
    const key = bounds.join();
    if (!this.#boundsIndices.has(key)) {
      this.#boundsIndices.set(key, this.#boundsIndices.size + 1);
      this.#bounds.varint(bounds.length);
      for (const bound of bounds) this.#bounds.number(bound);
    }
    return this.#boundsIndices.get(key);
  }

  #fields(writer, record) {
    if (record.type === 'clock') return writer.varint(record.sent_ms);
    writer.varint(this.#string(record.name));
    if (record.type === 'meta') {
      writer.varint(record.unit ? this.#string(record.unit) + 1 : 0);
      writer.varint(record.help ? this.#string(record.help) + 1 : 0);
      return;
    }
    this.#labels(writer, record.labels);
    switch (record.type) {
      case 'gauge':
      case 'gauge_add':
        writer.byte(MERGES[record.merge]);
        writer.number(record.value);
        if (record.held_ms !== undefined) writer.varint(record.held_ms);
        return;
      case 'members':
        writer.varint(record.hashes.length);
        for (const hash of record.hashes) writer.append(Buffer.from(hash, 'hex').reverse());
        if (record.ends_ms !== undefined) writer.zigzag(record.ends_ms);
        return;
      case 'sketch':
        writer.byte(record.precision);
        cells(writer, record.registers, (rank) => writer.byte(rank));
        if (record.ends_ms !== undefined) writer.zigzag(record.ends_ms);
        return;
      case 'observations':
        writer.number(record.weight);
        writer.varint(record.values.length);
        for (const value of record.values) writer.number(value);
        break;
      case 'histogram':
        writer.varint(this.#boundsList(record.bounds));
        writer.number(record.sum);
        cells(writer, record.buckets, (count) => writer.number(count));
        break;
      case 'exponential':
        writer.zigzag(record.schema);
        writer.number(record.sum);
        writer.number(record.zero);
        run(writer, record.positive);
        run(writer, record.negative);
        break;
      default:
        writer.number(record.value);
    }
    this.#exemplars(writer, record.exemplars ?? [], record.began_ms);
  }

  /**
   * The count of exemplars is written if there are any, or if the beginning of the series follows.
   */
  #exemplars(writer, exemplars, began) {
    if (exemplars.length === 0 && began === undefined) return;
    writer.varint(exemplars.length);
    for (const exemplar of exemplars) {
      this.#labels(writer, exemplar.labels);
      writer.number(exemplar.value);
      writer.varint(exemplar.age_ms);
    }
    if (began !== undefined) writer.varint(began);
  }
}

/** Removes all but the first `count` entries. */
function forgetAfter(indices, count) {
  if (indices.size === count) return;
  for (const key of [...indices.keys()].slice(count)) indices.delete(key);
}

/**
 * Pairs of an index and a value, in ascending order. Each index is written as the number skipped.
 */
function cells(writer, pairs, write) {
  writer.varint(pairs.length);
  let next = 0;
  for (const [index, value] of pairs) {
    writer.varint(index - next);
    write(value);
    next = index + 1;
  }
}

/** The same, where the first index may be negative. */
function run(writer, pairs) {
  writer.varint(pairs.length);
  let next = null;
  for (const [index, count] of pairs) {
    if (next === null) writer.zigzag(index);
    else writer.varint(index - next);
    writer.number(count);
    next = index + 1;
  }
}

module.exports = { FrameBuilder };
