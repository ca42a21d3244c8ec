import Testing

@testable import WeirAggregation

/// What is known of the rows that were forwarded.
struct SentRowsTests {
  private var confirmed = ConfirmedFrames()
  private var sent = SentRows()

  init() {
    sent.makeRoom(for: 2)
    for sequence in 1...9 as ClosedRange<UInt64> { confirmed.write(sequence) }
  }

  /// Expects what is known of a row.
  private mutating func expect(
    _ known: String, row: Int = 0, generation: UInt32 = 1,
    at location: SourceLocation = #_sourceLocation
  ) {
    let (isNew, isWaiting) = sent.look(row, generation, confirmed)
    let found = (isNew ? "new" : "known") + (isWaiting ? ", waits" : "")
    #expect(found == known, sourceLocation: location)
  }

  @Test mutating func `a row waits from its frame until the answer to it`() {
    expect("new")
    expect("known")
    sent.note(0, frame: 4)
    expect("known, waits")
    sent.note(0, frame: 7)
    _ = confirmed.confirm(4)
    expect("known, waits")
    _ = confirmed.confirm(7)
    expect("known")
    expect("new", row: 1)
  }

  @Test mutating func `a confirmed row waits no more, however many frames follow`() {
    expect("new")
    sent.note(0, frame: 9)
    _ = confirmed.confirm(9)
    expect("known")
    for sequence in 10...9 + ConfirmedFrames.length { confirmed.write(sequence) }
    expect("known")
  }

  @Test mutating func `another series in the row is new, and has nothing of the one before`() {
    expect("new")
    sent.note(0, frame: 3)
    expect("new", generation: 3)
    // Nothing of it was sent, because it was too long for a frame.
    expect("known", generation: 3)
    sent.note(0, frame: 5)
    _ = confirmed.confirm(3)
    expect("known, waits", generation: 3)
  }

  @Test mutating func `rows of another class are new`() {
    expect("new")
    sent.note(0, frame: 3)
    sent.reset(8)
    #expect(sent.serial == 8)
    sent.makeRoom(for: 1)
    expect("new")
    expect("known")
  }
}
