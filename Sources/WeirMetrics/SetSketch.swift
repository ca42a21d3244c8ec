/// The number of distinct members among those added, in at most 4 KiB.
///
/// Up to `exactMax` members are kept as 64-bit hashes and counted exactly. With more members it
/// becomes a HyperLogLog (Flajolet, Fusy, Gandouet and Meunier, 2007) of 2¹² registers; its
/// standard error is 1.04/√4096 = 1.6 %. The estimate is the improved raw estimator of Otmar Ertl,
/// "New cardinality estimation algorithms for HyperLogLog sketches" (2017, algorithm 6), which
/// needs no table of corrections. Adding a member twice changes nothing. The union of two sketches
/// has the greater of each register.
package struct SetSketch: Sendable {
  /// The most members that are counted exactly.
  package static let exactMax = 128

  static let precision = 12
  package static let registerCount = 1 << precision
  /// The greatest rank that 64 - 12 bits can have.
  package static let rankMax = 64 - precision + 1

  /// Hashes in ascending order while there are few.
  package internal(set) var hashes: [UInt64] = []
  /// A rank for each of 2¹² registers, or none.
  package internal(set) var registers: [UInt8] = []

  package init() {}

  /// Adds a member by its 64-bit hash.
  ///
  /// - Complexity: O(`exactMax`) while exact, O(1) after.
  package mutating func insert(hash: UInt64) {
    guard registers.isEmpty else { return raise(hash) }
    let place = insertionPoint(of: hash)
    if place < hashes.count && hashes[place] == hash { return }
    guard hashes.count == SetSketch.exactMax else { return hashes.insert(hash, at: place) }
    beginRegisters()
    raise(hash)
  }

  package var isEmpty: Bool { hashes.isEmpty && registers.isEmpty }

  /// Adds every member of `other`.
  ///
  /// - Complexity: O(registers), or O(`exactMax`²) while both are exact.
  package mutating func merge(_ other: SetSketch) {
    guard other.registers.isEmpty else {
      if registers.isEmpty { beginRegisters() }
      for register in other.registers.indices {
        registers[register] = max(registers[register], other.registers[register])
      }
      return
    }
    for hash in other.hashes { insert(hash: hash) }
  }

  /// The number of distinct members: exact up to `exactMax`, otherwise an estimate as a whole
  /// number.
  ///
  /// - Complexity: O(1) while exact, O(registers) after.
  package var count: Double {
    registers.isEmpty ? Double(hashes.count) : estimate().rounded()
  }

  /// Raises one register of a sketch of the same precision to `rank`, which makes the count an estimate.
  ///
  /// - Precondition: the register is below 2¹², and the rank at most 53.
  /// - Complexity: O(1), O(registers) the first time.
  package mutating func raise(register: Int, to rank: UInt8) {
    precondition((0..<SetSketch.registerCount).contains(register) && rank <= SetSketch.rankMax)
    if registers.isEmpty { beginRegisters() }
    registers[register] = max(registers[register], rank)
  }

  private mutating func beginRegisters() {
    registers = [UInt8](repeating: 0, count: SetSketch.registerCount)
    for known in hashes { raise(known) }
    hashes = []
  }

  private mutating func raise(_ hash: UInt64) {
    let register = Int(truncatingIfNeeded: hash >> UInt64(64 - SetSketch.precision))
    let rest = hash << UInt64(SetSketch.precision)
    let rank = UInt8(min(rest.leadingZeroBitCount + 1, SetSketch.rankMax))
    if registers[register] < rank { registers[register] = rank }
  }

  private func insertionPoint(of hash: UInt64) -> Int {
    var low = 0
    var high = hashes.count
    while low < high {
      let middle = (low + high) / 2
      if hashes[middle] < hash { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// Algorithm 6 of Ertl 2017, with his names: `z` is computed from the number of registers of each
  /// rank.
  private func estimate() -> Double {
    let m = Double(SetSketch.registerCount)
    var multiplicity = [Int](repeating: 0, count: SetSketch.rankMax + 1)
    for rank in registers { multiplicity[Int(rank)] += 1 }
    var z = m * SetSketch.tau(1 - Double(multiplicity[SetSketch.rankMax]) / m)
    for rank in stride(from: SetSketch.rankMax - 1, through: 1, by: -1) {
      z = 0.5 * (z + Double(multiplicity[rank]))
    }
    z += m * SetSketch.sigma(Double(multiplicity[0]) / m)
    let alphaInfinity = 0.721347520444481703680  // 1 / (2 ln 2)
    return alphaInfinity * m * m / z
  }

  private static func sigma(_ fraction: Double) -> Double {
    if fraction == 1 { return .infinity }
    var x = fraction
    var y = 1.0
    var z = x
    var before: Double
    repeat {
      x *= x
      before = z
      z += x * y
      y += y
    } while z != before
    return z
  }

  private static func tau(_ fraction: Double) -> Double {
    if fraction == 0 || fraction == 1 { return 0 }
    var x = fraction
    var y = 1.0
    var z = 1 - x
    var before: Double
    repeat {
      x = x.squareRoot()
      before = z
      y *= 0.5
      z -= (1 - x) * (1 - x) * y
    } while z != before
    return z / 3
  }
}
