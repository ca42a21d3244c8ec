// Safety: a prefetch never faults, even for an invalid address.

import CIntrinsics

/// Loads the cache line at `address` into the cache before it is used.
@inlinable
@safe
package func prefetch(_ address: UnsafeRawPointer) {
  unsafe weir_prefetch(address)
}
