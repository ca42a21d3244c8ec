/// Why a pushed frame was refused.
///
/// These are the values of the `reason` label of `weir_push_frames_refused_total`.
package enum PushRefusal: UInt8, Error, Sendable, CaseIterable {
  /// It ends within its header, its strings or its bounds, or exceeds the limit on its length.
  case truncated
  /// Its sequence is 0, its key's id has an impossible length, its times are impossible, or it is
  /// an answer.
  case badHeader
  case unknownVersion
  case unknownFlags
  /// A string is not UTF-8, or a label points to no string.
  case badString
  /// Bounds are not finite and ascending, or there are too many.
  case badBounds
  /// Keys are in force, and it has no tag.
  case unsigned
  /// No key in force has its id.
  case unknownKey
  case badTag
  /// There are no keys to check it with.
  case signedWithoutKeys
  /// It is signed, and so old that nobody knows whether it was seen before.
  case replayed
  /// The limit on instances is reached.
  case tooManyInstances
  /// It is one that the receiver itself has sent, so that Weirs forward in a circle.
  case loop

  /// The value of the metric's `reason` label.
  package var label: StaticString {
    switch self {
    case .truncated: "truncated"
    case .badHeader: "bad_header"
    case .unknownVersion: "unknown_version"
    case .unknownFlags: "unknown_flags"
    case .badString: "bad_string"
    case .badBounds: "bad_bounds"
    case .unsigned: "unsigned"
    case .unknownKey: "unknown_key"
    case .badTag: "bad_tag"
    case .signedWithoutKeys: "signed_without_keys"
    case .replayed: "replayed"
    case .tooManyInstances: "too_many_instances"
    case .loop: "loop"
    }
  }

  /// What is wrong, for the client that pushed it over HTTP.
  package var sentence: StaticString {
    switch self {
    case .truncated: "it ends before it is complete, or is longer than 65507 bytes"
    case .badHeader: "its header can't be: sequence 0, an impossible time or key, or an answer"
    case .unknownVersion: "it does not begin with F7 57 01, which is version 1 of the protocol"
    case .unknownFlags: "it has a flag that version 1 of the protocol does not know"
    case .badString:
      "a string is not UTF-8, a label points to no string, or more than 256 common labels hold"
    case .badBounds: "a list of bounds is not finite and ascending, or longer than 200"
    case .unsigned: "it is not signed, and --push.keys-file asks for it"
    case .unknownKey: "it is signed with a key whose id is not in --push.keys-file"
    case .badTag: "its signature is not that of its key"
    case .signedWithoutKeys: "it is signed, and there is no --push.keys-file to check it by"
    case .replayed: "it is signed, and too old to know whether it was seen before"
    case .tooManyInstances: "there are as many instances as --limit.push-instances allows"
    case .loop: "it comes from this Weir itself, so that --forward.* leads back to it"
    }
  }
}

/// Why a record of a frame was refused. Where its series was the reason, that is a `Refusal`.
package enum RecordRefusal: UInt8, Error, Sendable, CaseIterable {
  /// It ends before its last field, or a field is invalid.
  case malformed
  /// This version of Weir does not know its type.
  case unknownType
  /// It points to no string.
  case badString
  /// A number is not finite, or is negative where that is not allowed.
  case badNumber
  /// Its buckets, bounds or registers are impossible, or its bounds have changed.
  case badBuckets
  /// The limit on totals is reached.
  case tooManyTotals
  /// It says that the instance forwards, and the key of the frame does not allow that.
  case notAForwarder

  /// The value of the `reason` label of `weir_push_records_refused_total`.
  package var label: StaticString {
    switch self {
    case .malformed: "malformed"
    case .unknownType: "unknown_type"
    case .badString: "bad_string"
    case .badNumber: "bad_number"
    case .badBuckets: "bad_buckets"
    case .tooManyTotals: "too_many_totals"
    case .notAForwarder: "not_a_forwarder"
    }
  }
}
