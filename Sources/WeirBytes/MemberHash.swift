/// The hash by which the push protocol names a set's member, the same in every client.
///
/// FNV-1a of 64 bits (Fowler, Noll and Vo), whose high bits are weak for short input, and then the
/// finaliser of MurmurHash3 (Austin Appleby), for a sketch takes its register from the high bits. It
/// has no key: who chooses the members may choose collisions.
package enum MemberHash {
  /// - Complexity: O(bytes).
  package static func hash(_ member: Span<UInt8>) -> UInt64 {
    var hash: UInt64 = 14_695_981_039_346_656_037
    for index in member.indices {
      hash = (hash ^ UInt64(member[index])) &* 1_099_511_628_211
    }
    return mixed(hash)
  }

  /// The hash of a string's UTF-8.
  package static func hash(_ member: String) -> UInt64 { hash(member.utf8.span) }

  private static func mixed(_ hash: UInt64) -> UInt64 {
    var hash = hash
    hash ^= hash >> 33
    hash &*= 0xff51_afd7_ed55_8ccd
    hash ^= hash >> 33
    hash &*= 0xc4ce_b9fe_1a85_ec53
    return hash ^ hash >> 33
  }
}
