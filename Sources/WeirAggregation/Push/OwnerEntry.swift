import WeirBytes
import WeirMetrics
import WeirPush

/// What an owner has sent about one series: its total, or where that is kept, and the lease of the
/// merged series.
///
///     fingerprint   16 bytes
///     handle         4        of the merged series' lease
///     generation     4        of the lease
///     first          8        by what it is about, see there
///     second         8        about (3 bits) │ held │ told │ based │ class of the lease (10) │ detail (48)
struct OwnerEntry: Sendable, BitwiseCopyable {
  let fingerprint: Fingerprint
  private var handle: SeriesHandle
  private var generation: UInt32
  /// Depends on `about`. A counter: its total, as bits. A gauge: one more than the sequence of the
  /// frame that last set it. A text gauge: the same of the last frame with it. Explicit buckets: the
  /// index of its first cell. Exponential buckets: an index.
  var first: UInt64 = 0
  private var second: UInt64

  /// The words that the state file keeps after the fingerprint, in addition to `first`.
  var savedLease: UInt64 { UInt64(handle.bits) << 32 | UInt64(generation) }
  var savedSecond: UInt64 { second }

  private static let aboutShift: UInt64 = 61
  private static let held: UInt64 = 1 << 60
  private static let told: UInt64 = 1 << 59
  private static let based: UInt64 = 1 << 58
  private static let classShift: UInt64 = 48
  private static let classMask: UInt64 = (1 << ClassID.bits - 1) << classShift
  /// The number of bits of `detail`.
  static let detailBits = 48
  private static let detailMask: UInt64 = 1 << UInt64(detailBits) - 1

  init(_ fingerprint: Fingerprint, _ lease: SeriesLease, _ content: PushRecord.Content) {
    self.fingerprint = fingerprint
    handle = lease.handle
    generation = lease.generation
    second =
      PushRecord.about(content) << OwnerEntry.aboutShift
      | UInt64(lease.classID.index) << OwnerEntry.classShift
  }

  /// An entry that was saved.
  ///
  /// - Parameters:
  ///   - lease: It replaces that of `second`.
  ///   - second: The last word, whose class is of another process.
  init(_ fingerprint: Fingerprint, _ lease: SeriesLease, first: UInt64, second: UInt64) {
    self.fingerprint = fingerprint
    handle = lease.handle
    generation = lease.generation
    self.first = first
    self.second =
      second & ~(OwnerEntry.classMask | OwnerEntry.held)
      | UInt64(lease.classID.index) << OwnerEntry.classShift
  }

  /// The number of the class in an entry's last word, which no class may have.
  static func classNumber(ofSecond second: UInt64) -> Int {
    Int((second & classMask) >> classShift)
  }

  /// Whether the last word says that the owner holds the series.
  static func isHeld(inSecond second: UInt64) -> Bool { second & held != 0 }

  /// The lease of the merged series. After that has expired the lease is void, but the owner's
  /// total is still known.
  var lease: SeriesLease {
    @inline(__always) get {
      let index = (second & OwnerEntry.classMask) >> OwnerEntry.classShift
      return SeriesLease(
        handle: handle, generation: generation,
        classID: ClassID(Int(truncatingIfNeeded: index)))
    }
    set {
      handle = newValue.handle
      generation = newValue.generation
      second =
        second & ~OwnerEntry.classMask
        | UInt64(newValue.classID.index) << OwnerEntry.classShift
    }
  }

  /// What kind of content it is about, as a number of `PushRecord.about`.
  var about: UInt64 { second >> OwnerEntry.aboutShift }

  /// Depends on `about`. A counter with a baseline: its index among the owner's baselines. A gauge:
  /// the place of its value, as bits. A text gauge: one more than the index of its first cell. Explicit
  /// buckets: which bounds, `PushedBounds.id`.
  /// Exponential buckets with a baseline: its index.
  var detail: UInt64 {
    get { second & OwnerEntry.detailMask }
    set {
      precondition(newValue <= OwnerEntry.detailMask)
      second = second & ~OwnerEntry.detailMask | newValue
    }
  }

  /// Whether this owner holds the series: `SeriesTable.holders` counts it.
  var isHeld: Bool {
    get { second & OwnerEntry.held != 0 }
    set { set(OwnerEntry.held, newValue) }
  }

  /// Whether the owner has sent a total, and not only changes.
  var hasTotal: Bool {
    get { second & OwnerEntry.told != 0 }
    set { set(OwnerEntry.told, newValue) }
  }

  /// Whether a part of the total is a baseline.
  var hasBaseline: Bool {
    get { second & OwnerEntry.based != 0 }
    set { set(OwnerEntry.based, newValue) }
  }

  /// Whether both are true, so that a greater total only needs to be added.
  var isSettled: Bool {
    @inline(__always) get {
      second & (OwnerEntry.held | OwnerEntry.told) == OwnerEntry.held | OwnerEntry.told
    }
  }

  private mutating func set(_ flag: UInt64, _ isSet: Bool) {
    second = isSet ? second | flag : second & ~flag
  }

  /// A counter's total.
  var total: Double {
    get { Double(bitPattern: first) }
    set { first = newValue.bitPattern }
  }
}

/// The entries of one owner, found by fingerprint.
///
/// A client sends its series in the same order each time. So the next one is nearly always the one
/// after the last that was found, and no table is needed.
struct OwnerEntries: Sendable {
  private(set) var list: [OwnerEntry] = []
  /// An open-addressing table: the index of an entry plus one, or 0.
  private var table: [UInt32] = []
  /// The entry that is checked first.
  private var next = 0

  private static let tableMin = 16

  var count: Int { list.count }

  subscript(index: Int) -> OwnerEntry {
    @inline(__always) get { list[index] }
    @inline(__always) _modify { yield &list[index] }
  }

  /// The index of the entry with a fingerprint, or nil.
  ///
  /// - Complexity: O(1), expected.
  @inline(__always)
  mutating func find(_ fingerprint: Fingerprint) -> Int? {
    if next >= list.count { next = 0 }
    if next < list.count, list[next].fingerprint == fingerprint {
      next &+= 1
      return next &- 1
    }
    guard let found = look(for: fingerprint) else { return nil }
    next = found &+ 1
    return found
  }

  /// Makes room for this many entries.
  mutating func reserve(_ number: Int) {
    list.reserveCapacity(number)
    while number * 4 > table.count * 3 { grow() }
  }

  private func look(for fingerprint: Fingerprint) -> Int? {
    if table.isEmpty { return nil }
    let mask = table.count &- 1
    var place = Int(truncatingIfNeeded: fingerprint.low) & mask
    while table[place] != 0 {
      let index = Int(table[place]) &- 1
      if list[index].fingerprint == fingerprint { return index }
      place = (place &+ 1) & mask
    }
    return nil
  }

  /// Adds an entry whose fingerprint is not in the list yet.
  ///
  /// - Returns: Its index.
  mutating func add(_ entry: OwnerEntry) -> Int {
    // At most three quarters full, so that look-ups are short.
    if (list.count + 1) * 4 > table.count * 3 { grow() }
    list.reserveSparingly(1)
    list.append(entry)
    _ = insert(list.count - 1)
    next = list.count
    return list.count - 1
  }

  /// Adds an entry of a state file. There is room for it.
  ///
  /// - Returns: False if a look-up would take too many steps. Random fingerprints never do; someone has chosen them.
  mutating func restore(_ entry: OwnerEntry) -> Bool {
    list.append(entry)
    return insert(list.count - 1) <= OwnerEntries.probesMax
  }

  /// Of a million random fingerprints none needs 1,000.
  private static let probesMax = 4_096

  private mutating func grow() {
    table = [UInt32](repeating: 0, count: max(OwnerEntries.tableMin, table.count * 2))
    for index in list.indices { _ = insert(index) }
  }

  /// - Returns: How many places were taken.
  private mutating func insert(_ index: Int) -> Int {
    let mask = table.count - 1
    var place = Int(truncatingIfNeeded: list[index].fingerprint.low) & mask
    var probes = 0
    while table[place] != 0 {
      place = (place + 1) & mask
      probes += 1
    }
    table[place] = UInt32(index + 1)
    return probes
  }
}
