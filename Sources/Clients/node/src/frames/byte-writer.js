// Bytes that are written one after another: varints, numbers and texts.

'use strict';

/** A buffer that grows as it is written. */
class ByteWriter {
  bytes = Buffer.allocUnsafe(2048);
  length = 0;

  reserve(count) {
    if (this.length + count <= this.bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.bytes.length * 2, this.length + count));
    this.bytes.copy(larger, 0, 0, this.length);
    this.bytes = larger;
  }

  byte(value) {
    this.reserve(1);
    this.bytes[this.length++] = value;
  }

  append(bytes, count = bytes.length) {
    this.reserve(count);
    this.length += bytes.copy(this.bytes, this.length, 0, count);
  }

  text(string) {
    const count = Buffer.byteLength(string);
    this.varint(count);
    this.reserve(count);
    this.length += this.bytes.write(string, this.length);
  }

  /** A whole number from 0 to 2^53, or a bigint up to 2^64 - 1. */
  varint(value) {
    this.reserve(10);
    if (typeof value === 'bigint') {
      for (; value > 0xffff_ffffn; value >>= 7n) {
        this.bytes[this.length++] = Number(value & 127n) | 128;
      }
      value = Number(value);
    }
    // Bitwise operators work on 32 bits.
    while (value >= 0x8000_0000) {
      this.bytes[this.length++] = (value % 128) | 128;
      value = Math.floor(value / 128);
    }
    while (value >= 128) {
      this.bytes[this.length++] = (value & 127) | 128;
      value >>>= 7;
    }
    this.bytes[this.length++] = value;
  }

  zigzag(value) {
    this.varint(value < 0 ? -2 * value - 1 : 2 * value);
  }

  number(value) {
    const magnitude = Math.abs(value);
    if (!Number.isInteger(value) || magnitude > 2 ** 53 || Object.is(value, -0)) {
      this.byte(1);
      this.reserve(8);
      this.length = this.bytes.writeDoubleLE(value, this.length);
      return;
    }
    // Twice the magnitude, plus one for a negative number. It is written in two parts, because a
    // double cannot hold it above 2^53.
    const low = (magnitude % 64) * 2 + (value < 0 ? 1 : 0);
    const high = Math.floor(magnitude / 64);
    if (high === 0) return this.byte(low);
    this.byte(low | 128);
    this.varint(high);
  }
}

/** The number of bytes that `value` takes as a varint. */
function varintBytes(value) {
  let count = 1;
  for (; value >= 128; value = Math.floor(value / 128)) count += 1;
  return count;
}

module.exports = { ByteWriter, varintBytes };
