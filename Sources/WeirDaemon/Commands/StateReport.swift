import WeirState

/// The state file of a directory, in words.
struct StateReport {
  let path: String
  let bytes: [UInt8]
  let scan: StateScan

  /// - Throws: `StateError` if there is no file, or it cannot be read.
  init(_ directory: String) throws(StateError) {
    path = StateDirectory.filePath(in: directory)
    guard let bytes = try StateDirectory.read(directory) else {
      throw StateError(
        "\(path): there is no state file; give the directory of --state.dir of a weir that has "
          + "committed")
    }
    self.bytes = bytes
    scan = StateScan(bytes.span)
  }

  /// Why the file cannot be used; nil if it can.
  var error: StateError? {
    switch scan.verdict {
    case .whole, .tornEnd: nil
    case .damaged(let what):
      StateError(
        "\(path): the file is damaged: \(what); weir will set it aside and start without it")
    case .newer(let version):
      StateError(
        "\(path): version \(version) of the format is later than \(StateFormat.version), which this "
          + "weir reads; use the weir that wrote it")
    case .foreign: StateError("\(path): this is not a state file; move it away")
    case .empty: StateError("\(path): the file is empty; remove it")
    }
  }

  /// What `weir state check` prints.
  var lines: [String] {
    var lines: [String] = []
    let what = "\(count(scan.groupCount, "commit")), \(count(bytes.count, "byte"))"
    switch scan.verdict {
    case .whole: lines.append("\(path): is whole: \(what)")
    case .tornEnd(let torn):
      lines.append("\(path): is whole up to its last commit: \(what)")
      lines.append(
        "the last \(count(torn, "byte")) \(torn == 1 ? "is" : "are") not committed, as while weir "
          + "writes or after a crash; no scrape has shown what they say")
    case .damaged where scan.groupCount > 0:
      lines.append("\(path): \(count(scan.groupCount, "commit")) can be read before the damage")
    case .damaged, .newer, .foreign, .empty: return []
    }
    if scan.spoiledCommits > 0 {
      let copies = scan.spoiledCommits == 1 ? "1 copy" : "\(scan.spoiledCommits) copies"
      lines.append(
        "\(copies) of a commit cannot be read, but the other copy can; look at the kernel's log for "
          + "a faulty disk")
    }
    return lines
  }

  private func count(_ number: Int, _ noun: String) -> String {
    "\(number) \(noun)\(number == 1 ? "" : "s")"
  }

  /// Prints what `weir state dump` does.
  func writeDump(to output: CommandOutput) throws {
    for block in scan.blocks {
      try output.write(
        "group \(block.group): a block of type \(block.type) with \(block.payload.count) bytes\n")
    }
  }
}
