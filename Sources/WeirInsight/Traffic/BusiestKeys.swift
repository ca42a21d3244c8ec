import Glibc

/// How busy each of many keys is: rates that forget the past, for the busiest ones.
///
/// A rate is a mean over the past in which what is 30 s old counts a third. It is right from the beginning on,
/// because it is divided by the time that can have been seen.
@usableFromInline
package struct BusiestKeys<Key: Hashable & Sendable>: Sendable {
  /// After so many seconds something counts for 1/e.
  @inlinable package static var memorySeconds: Double { 30 }
  /// The most keys that are known. When there are more, the quieter half is forgotten, and added up as others.
  @inlinable package static var keysMax: Int { 4_096 }
  /// A key that sums to less is forgotten.
  private static var silentSum: Double { 0.01 }

  @usableFromInline
  struct Sums: Sendable {
    @usableFromInline var amount = 0.0
    @usableFromInline var refused = 0.0
    @usableFromInline var heardAt = 0.0

    @inlinable init() {}
  }

  package struct Reading: Sendable, Equatable {
    package let key: Key
    /// A second.
    package let amount: Double
    package let refused: Double
    /// Since the last one.
    package let heardSeconds: Double
  }

  @usableFromInline var sums: [Key: Sums] = [:]
  private var forgotten = Sums()
  private var forgottenKeys = 0.0
  private let startedAt: Double
  @usableFromInline var updatedAt: Double
  /// What has come since the last update counts as if it had come in the middle.
  @usableFromInline var freshness = 1.0

  /// - Parameter seconds: Now, by a clock that never goes back.
  package init(at seconds: Double) {
    startedAt = seconds
    updatedAt = seconds
  }

  package var count: Int { sums.count }

  /// Lets time pass. Call it before adding what has come since.
  ///
  /// - Complexity: O(keys).
  package mutating func advance(to seconds: Double) {
    guard seconds > updatedAt else { return }
    let factor = exp(-(seconds - updatedAt) / Self.memorySeconds)
    updatedAt = seconds
    freshness = factor.squareRoot()
    sums = sums.compactMapValues { sum in
      var sum = sum
      sum.amount *= factor
      sum.refused *= factor
      return sum.amount + sum.refused > Self.silentSum ? sum : nil
    }
    forgotten.amount *= factor
    forgotten.refused *= factor
    forgottenKeys *= factor
  }

  @inlinable
  package mutating func add(_ key: Key, amount: Double, refused: Double = 0) {
    if sums.count >= Self.keysMax, sums[key] == nil { forgetQuietHalf() }
    add(amount * freshness, refused * freshness, to: &sums[key, default: Sums()])
  }

  @inlinable
  func add(_ amount: Double, _ refused: Double, to sum: inout Sums) {
    sum.amount += amount
    sum.refused += refused
    sum.heardAt = updatedAt
  }

  @usableFromInline
  mutating func forgetQuietHalf() {
    let quiet = sums.sorted { $0.value.amount < $1.value.amount }.prefix(sums.count / 2)
    for (key, sum) in quiet {
      forgotten.amount += sum.amount
      forgotten.refused += sum.refused
      forgottenKeys += 1
      sums[key] = nil
    }
  }

  /// What a sum is a second.
  private var scale: Double {
    let seen = Self.memorySeconds * (1 - exp(-(updatedAt - startedAt) / Self.memorySeconds))
    // A shorter time says nothing about a second.
    return 1 / max(1, seen)
  }

  /// The rate of a key; nil if it is not known.
  package func rate(of key: Key) -> Double? { sums[key].map { $0.amount * scale } }

  /// All rates, by key.
  package var rates: [Key: Double] {
    let scale = scale
    return sums.mapValues { $0.amount * scale }
  }

  /// The busiest keys, and how many others there are about, and how busy these are together.
  ///
  /// - Complexity: O(n log n) in the keys.
  package func busiest(_ count: Int) -> (keys: [Reading], others: (keys: Int, amount: Double)) {
    let scale = scale
    let sorted = sums.sorted {
      ($0.value.amount + $0.value.refused) > ($1.value.amount + $1.value.refused)
    }
    let keys = sorted.prefix(count).map {
      Reading(
        key: $0.key, amount: $0.value.amount * scale, refused: $0.value.refused * scale,
        heardSeconds: max(0, updatedAt - $0.value.heardAt))
    }
    let rest = sorted.dropFirst(count).reduce(forgotten.amount) { $0 + $1.value.amount }
    return (keys, (max(0, sorted.count - count) + Int(forgottenKeys.rounded()), rest * scale))
  }
}
