import WeirPush

/// Owners of a shard that have changed.
struct OwnerChanges: Sendable {
  let hasChanged: Bool
  /// All owners of the shard, shared by copy-on-write; none if none has to be written.
  let owners: [Owner]
  /// Those whose `changedIn` is this have changed; nil for all.
  let changedIn: UInt32?
  let removed: [InstanceID]
}
