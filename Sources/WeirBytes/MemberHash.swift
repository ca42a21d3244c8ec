/// The hash of a set's member in the push protocol. All clients compute the same hash.
///
/// 64-bit FNV-1a (Fowler, Noll and Vo), followed by the finaliser of MurmurHash3 (Austin Appleby),
/// because FNV's high bits are weak for short input and a sketch selects its register by the high
/// bits. There is no key, so a sender who chooses the members can choose collisions.
package enum MemberHash {
  /// The hash of a member's bytes.
  ///
  /// - Complexity: O(bytes).
  package static func hash(_ member: Span<UInt8>) -> UInt64 {
    var hash: UInt64 = 14_695_981_039_346_656_037
    for index in member.indices {
      hash = (hash ^ UInt64(member[index])) &* 1_099_511_628_211
    }
    return mixed(hash)
  }

  /// The hash of a string's UTF-8 bytes.
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
