/// Why a block of the state file cannot be what Weir wrote, though its check sum is right.
struct StateDamage: Error {
  /// What is wrong, as the end of a sentence.
  let what: StaticString

  init(_ what: StaticString) { self.what = what }

  static let short = StateDamage("it ends too early")
}
