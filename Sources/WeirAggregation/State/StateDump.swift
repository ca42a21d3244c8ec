import WeirBytes
import WeirMetrics
import WeirPush

/// The text of a state file, for people and grep: `weir state dump`. One line for each series,
/// owner, and help.
///
///     # weir state, version 1, 2 groups, 48213 bytes
///     # committed 2026-11-26T06:41:13.250Z, second 86400 of Weir's clock
///     # 1204 series, 3 owners, 12 metas
///     series counter requests_total{path="/"} value=1027 updated=3s born=2026-11-25T04:00:00.000Z
///     owner 00c0ffee00c0ffee started=2026-11-26T06:00:00.000Z totals=12 received=512 last=4s
///     meta requests_total unit="" help="Requests."
package struct StateDump<Failure: Error> {
  private let image: StateImage
  private let output: ([UInt8]) throws(Failure) -> Void
  private var writer = ByteWriter()

  /// Text is passed on whenever there is this much of it.
  private static var pieceBytes: Int { 64 << 10 }

  /// - Parameter output: Gets the text, piece by piece.
  package init(_ image: StateImage, to output: @escaping ([UInt8]) throws(Failure) -> Void) {
    self.image = image
    self.output = output
  }

  /// - Complexity: O(bytes of the file).
  package mutating func write() throws(Failure) {
    head()
    for table in image.tables {
      for place in table.rows.indices where table.rows[place].isAlive {
        series(table, place)
        try pass(atLeast: StateDump.pieceBytes)
      }
    }
    for block in image.owners.values.sorted(by: { $0.payload.lowerBound < $1.payload.lowerBound }) {
      owner(block)
      try pass(atLeast: StateDump.pieceBytes)
    }
    for (name, meta) in image.metas {
      self.meta(name, meta)
      try pass(atLeast: StateDump.pieceBytes)
    }
    if let forwarder = image.forwarder { self.forwarder(forwarder) }
    if let cluster = image.cluster { self.cluster(cluster) }
    try pass(atLeast: 1)
  }

  private mutating func pass(atLeast bytes: Int) throws(Failure) {
    guard writer.bytes.count >= bytes else { return }
    try output(writer.bytes)
    writer.removeAll()
  }

  private mutating func head() {
    writer.append("# weir state, version 1, ")
    count(image.groupCount, " groups, ")
    count(image.byteCount, " bytes\n")
    if let times = image.times {
      writer.append("# committed ")
      writer.append(rfc3339: times.wallMilliseconds)
      writer.append(", second ")
      count(Int(times.second), " of Weir's clock\n")
    }
    writer.append("# ")
    count(image.seriesCount, " series, ")
    count(image.ownerCount, " owners, ")
    count(image.metas.count, " metas\n")
    if !image.groups.isEmpty {
      writer.append("# ")
      count(image.groups.count, " pushed groups, which are not listed\n")
    }
    if let damage = image.damage {
      writer.append("# damaged: ")
      writer.append(damage)
      writer.append("\n")
    }
  }

  private mutating func series(_ table: StateTable, _ place: Int) {
    let (row, bytes) = (table.rows[place], image.bytes)
    writer.append("series ")
    writer.append(table.seriesClass.kind.label)
    writer.append(" ")
    writer.append(bytes.span.extracting(row.range))
    values(table, place)
    if let settings = table.settings[place] {
      count(" settings=", Int(clamping: settings.count))
      number(" changes=", settings.changes.value)
    }
    if let gauge = table.gauges[place] { count(" values=", gauge.members.count { $0.isHere }) }
    if row.flags.contains(.negative) { writer.append(" negative") }
    let now = image.times?.second ?? row.tick
    count(" updated=", Int(now - min(now, row.tick)))
    writer.append("s born=")
    writer.append(rfc3339: UInt64(row.born) * 1_000)
    lifetime(table.seriesClass)
    writer.append("\n")
  }

  private mutating func lifetime(_ seriesClass: SeriesClass) {
    guard let lifetime = seriesClass.lifetimeSeconds else { return }
    count(" expires=", Int(lifetime))
    writer.append("s")
  }

  private mutating func values(_ table: StateTable, _ place: Int) {
    let values = table.values(place)
    let start = values.startIndex
    switch table.seriesClass.kind {
    case .counter:
      number(" value=", CompensatedSum(sum: values[start], error: values[start + 1]).value)
    case .gauge: number(" value=", values[start])
    case .set:
      var all = SetSketch()
      for step in table.sets[place].window.steps { all.merge(step.value) }
      number(" members=", all.count)
    case .histogram:
      number(" sum=", CompensatedSum(sum: values[start], error: values[start + 1]).value)
      writer.append(" buckets=")
      buckets(values.dropFirst(2), table.seriesClass.layout)
      if table.seriesClass.observer.native != nil {
        number(" native=", table.natives[place].count)
      }
      if table.seriesClass.observer.summary != nil {
        number(
          " window=",
          CompensatedSum.clamped(
            table.summaries[place].steps.reduce(0) { $0 + $1.value.count }))
      }
    }
  }

  /// Each bound with the number of observations between it and the one before.
  private mutating func buckets(_ counts: ArraySlice<Double>, _ layout: HistogramBounds) {
    for (index, number) in counts.enumerated() {
      if index > 0 { writer.append(",") }
      writer.append(index < layout.upper.count ? layout.upper[index] : .infinity)
      self.number(":", number)
    }
  }

  private mutating func owner(_ block: StateImage.OwnerBlock) {
    guard let saved = try? StateOwner(image.bytes.span, block) else { return }
    let owner = saved.owner
    writer.append("owner ")
    hexadecimal(owner.id.number)
    writer.append(" started=")
    writer.append(rfc3339: owner.id.startMilliseconds)
    count(" totals=", saved.entries.count)
    count(" received=", Int(owner.window.received))
    count(" missing=", Int(owner.window.missing))
    count(" lost=", Int(owner.window.lost))
    let now = image.times?.second ?? block.second
    count(" last=", Int(now - min(now, owner.lastSecond)))
    writer.append("s")
    if owner.isRetired { writer.append(" retired") }
    if owner.isFinished { writer.append(" finished") }
    if owner.isForwarder { writer.append(" forwarder") }
    writer.append("\n")
  }

  private mutating func meta(_ name: [UInt8], _ meta: FamilyMeta) {
    writer.append("meta ")
    writer.append(name)
    quoted(" unit=", meta.unit ?? "")
    quoted(" help=", meta.help ?? "")
    writer.append("\n")
  }

  private mutating func forwarder(_ forwarder: StateForwarder) {
    writer.append("forwarder ")
    hexadecimal(forwarder.id.number)
    writer.append(" started=")
    writer.append(rfc3339: forwarder.id.startMilliseconds)
    writer.append(" next=")
    writer.append(Int64(clamping: forwarder.nextSequence))
    quoted(" place=", forwarder.place)
    writer.append("\n")
  }

  private mutating func cluster(_ cluster: StateCluster) {
    writer.append("cluster")
    quoted(" stream=", cluster.stream)
    writer.append(" sequence=")
    writer.append(Int64(clamping: cluster.sequence))
    writer.append(" clock=")
    writer.append(Int64(clamping: cluster.milliseconds))
    writer.append(" message=")
    writer.append(rfc3339: cluster.messageMilliseconds)
    writer.append("\n")
  }

  private mutating func quoted(_ label: StaticString, _ text: String) {
    writer.append(label)
    var escaped: [UInt8] = [UInt8(ascii: "\"")]
    for byte in text.utf8 { escaped.appendEscaped(byte) }
    escaped.append(UInt8(ascii: "\""))
    writer.append(escaped)
  }

  private mutating func number(_ label: StaticString, _ value: Double) {
    writer.append(label)
    writer.append(value)
  }

  private mutating func count(_ label: StaticString, _ value: Int) {
    writer.append(label)
    writer.append(Int64(value))
  }

  private mutating func count(_ value: Int, _ label: StaticString) {
    writer.append(Int64(value))
    writer.append(label)
  }

  private mutating func hexadecimal(_ number: UInt64) {
    for shift in stride(from: UInt64(60), through: 0, by: -4) {
      let digit = UInt8(number >> shift & 15)
      writer.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
    }
  }
}
