// Instructions that Swift has no name for.
#pragma once

/// Asks for the cache line at `address` to be read soon; never faults.
static inline void weir_prefetch(const void *address) { __builtin_prefetch(address, 0, 3); }
