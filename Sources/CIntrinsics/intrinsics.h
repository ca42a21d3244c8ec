// Instructions that Swift has no name for.
#pragma once

#include <stdint.h>
#include <string.h>

/// Asks for the cache line at `address` to be read soon; never faults.
static inline void weir_prefetch(const void *address) { __builtin_prefetch(address, 0, 3); }

typedef uint8_t weir_lanes __attribute__((ext_vector_type(32)));
typedef _Bool weir_mask __attribute__((ext_vector_type(32)));

/// A bit for each lane that is not zero, the first lane's the lowest.
static inline uint32_t weir_bits(weir_lanes lanes) {
  weir_mask mask = __builtin_convertvector(lanes, weir_mask);
  uint32_t bits;
  memcpy(&bits, &mask, sizeof bits);
  return bits;
}

/// Compares 32 bytes at once. The lower half has a bit for each byte that is `left` or `right`, the
/// first byte's the lowest; the upper half is not zero if a byte is above 127.
static inline uint64_t weir_either(const void *address, uint8_t left, uint8_t right) {
  weir_lanes bytes;
  memcpy(&bytes, address, sizeof bytes);
  uint32_t hits = weir_bits((weir_lanes)((bytes == left) | (bytes == right)));
  uint32_t high = weir_bits((weir_lanes)(bytes > 127));
  return (uint64_t)high << 32 | hits;
}
