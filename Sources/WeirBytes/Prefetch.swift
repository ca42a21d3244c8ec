// Safety: a prefetch never faults, whatever the address.

import CIntrinsics

/// Asks for the cache line at `address` ahead of its use.
@inlinable
@safe
package func prefetch(_ address: UnsafeRawPointer) {
  unsafe weir_prefetch(address)
}
