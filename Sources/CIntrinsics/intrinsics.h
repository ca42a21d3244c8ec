// Instructions that Swift has no name for.
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined(__x86_64__)
#include <cpuid.h>
#elif defined(__aarch64__) && defined(__linux__)
#include <sys/auxv.h>
#endif

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

/// Looks at 32 bytes at once: a bit for each that is a letter, a digit, `_` or `more`, the first
/// byte's the lowest.
static inline uint32_t weir_name_bytes(const void *address, uint8_t more) {
  weir_lanes bytes;
  memcpy(&bytes, address, sizeof bytes);
  weir_lanes letters = (bytes | 0x20) - 'a';
  weir_lanes digits = bytes - '0';
  return weir_bits((weir_lanes)((letters < 26) | (digits < 10) | (bytes == '_') | (bytes == more)));
}

// CRC-32C: both architectures have an instruction for it, which is not in their first versions, so
// that a program has to ask the processor.
#if defined(__x86_64__)
#define WEIR_CRC32C __attribute__((target("sse4.2")))
#define weir_crc32c_8(sum, word) ((uint32_t)__builtin_ia32_crc32di(sum, word))
#define weir_crc32c_1(sum, byte) __builtin_ia32_crc32qi(sum, byte)
#elif defined(__aarch64__) && defined(__linux__)
#define WEIR_CRC32C __attribute__((target("crc")))
#define weir_crc32c_8(sum, word) __builtin_arm_crc32cd(sum, word)
#define weir_crc32c_1(sum, byte) __builtin_arm_crc32cb(sum, byte)
#endif

/// Whether `weir_crc32c` may be called on this processor.
static inline int weir_has_crc32c(void) {
#if defined(__x86_64__)
  unsigned int a, b, c, d;
  return __get_cpuid(1, &a, &b, &c, &d) && (c & bit_SSE4_2) != 0;
#elif defined(__aarch64__) && defined(__linux__)
  return (getauxval(AT_HWCAP) & 1 << 7) != 0;  // HWCAP_CRC32
#else
  return 0;
#endif
}

#ifdef WEIR_CRC32C
/// Adds `count` bytes to the register of a CRC-32C.
WEIR_CRC32C static inline uint32_t weir_crc32c(uint32_t sum, const void *bytes, size_t count) {
  const uint8_t *next = (const uint8_t *)bytes;
  for (; count >= 8; count -= 8, next += 8) {
    uint64_t word;
    memcpy(&word, next, 8);
    sum = weir_crc32c_8(sum, word);
  }
  for (; count > 0; count--, next++) sum = weir_crc32c_1(sum, *next);
  return sum;
}
#else
static inline uint32_t weir_crc32c(uint32_t sum, const void *bytes, size_t count) {
  (void)bytes;
  (void)count;
  return sum;
}
#endif
