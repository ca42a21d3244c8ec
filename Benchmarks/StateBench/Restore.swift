import BenchmarkKit
import WeirAggregation
import WeirBytes
import WeirMetrics
import WeirState

/// What a start needs to read a file with series of one kind: the scan of its blocks, the image of
/// what they say, and making the series.
struct Restore {
  var scan: [Double] = []
  var image: [Double] = []
  var restore: [Double] = []
  var bytes = 0
  var faults: [String] = []

  init(series: Int, of kind: Series.Kind, rounds: Int) {
    let source = Case.aggregator()
    var receiver = EngineReceiver(aggregator: source)
    Case.send(Case.lines(series, of: kind), every: 1, to: &receiver)
    var writer = StateWriter(owners: Owners(aggregator: source))
    var blocks = StateBlocks()
    _ = writer.writeChanges(times: StateTimes(second: 1), into: &blocks)
    let file = blocks.file
    bytes = file.count
    for _ in 0..<rounds {
      let start = Clock.threadTime()
      let scan = StateScan(file.span)
      let scanned = Clock.threadTime()
      let image = StateImage(scan, file)
      let imaged = Clock.threadTime()
      let owners = Owners(aggregator: Case.aggregator(), keySeed: image.key)
      let restored = owners.restore(image)
      let end = Clock.threadTime()
      self.scan.append(Double(scanned - start) / 1e6)
      self.image.append(Double(imaged - scanned) / 1e6)
      restore.append(Double(end - imaged) / 1e6)
      if restored.series != series {
        faults.append("\(restored.series) series were restored, not \(series).")
      }
    }
  }

  func figures(_ series: Int, _ kind: Series.Kind) -> Figures {
    var figures = Figures()
    figures.add("series", "series", series)
    figures.add("of", "of", kind.rawValue)
    figures.add("scan, CPU ms", "scan_ms_median", scan.median, places: 2)
    figures.add("image, CPU ms", "image_ms_median", image.median, places: 2)
    figures.add("restore, CPU ms", "restore_ms_median", restore.median, places: 2)
    figures.add("bytes", "bytes", bytes)
    figures.add("correct", "correct", faults.isEmpty)
    return figures
  }
}

extension StateBlocks {
  /// A file that has these blocks in its only group.
  fileprivate var file: [UInt8] {
    let number: UInt64 = 1
    var header = ByteWriter()
    header.append(StateFormat.magic)
    header.append(littleEndian: UInt64(StateFormat.version))
    header.append(littleEndian: number)
    var sum = CRC32C()
    sum.add(header.bytes.span)
    header.append(littleEndian: UInt64(sum.value))
    let start = header.bytes.count
    var commits = StateBlocks()
    for _ in 0..<2 {
      commits.append(.commit) { writer in
        writer.append(Array("WRCOMMIT".utf8))
        for word in [number, 1, UInt64(start), UInt64(start + byteCount)] {
          writer.append(littleEndian: word)
        }
      }
    }
    return header.bytes + bytes + commits.bytes
  }
}
