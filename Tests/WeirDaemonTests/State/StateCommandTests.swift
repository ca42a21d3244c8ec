import Foundation
import Glibc
import Testing
import WeirAggregation
import WeirBytes
import WeirConfiguration
import WeirMetrics
import WeirPush
import WeirState

@testable import WeirDaemon

/// A directory with a state file that the real writer has written.
private final class CommandFolder {
  let path: String
  private let server: TestServer

  /// Series of every kind, an instance that pushes and one that has ended, in two commits.
  init() throws {
    path = FileManager.default.temporaryDirectory.appending(path: "weir-\(UUID())").path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    server = try TestServer([])
    var file = try StateFile.create(in: try StateDirectory.open(path), number: 7)
    var writer = StateWriter(owners: server.owners)
    ingest(Array("hits:3|c|#k:v\nhits:4|c\ntook:0.5|h\ndepth:2|g\nusers:ann|s".utf8))
    try commit(&writer, to: &file, second: 10)
    try file.publish()
    let pushed = TestServer.Series("pushed", labels: [])
    ingest(TestServer.frame(1, 1, [.counter(pushed, total: 5)]))
    ingest(TestServer.frame(2, 1, [.counter(pushed, total: 6)], flags: .final))
    try commit(&writer, to: &file, second: 12)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// The time of the last commit: 2026-11-26T06:41:13.250Z.
  static let milliseconds: UInt64 = 1_795_675_273_250
  /// Three seconds later.
  static let now = timespec(tv_sec: 1_795_675_276, tv_nsec: 0)

  private func ingest(_ message: [UInt8]) {
    var pipeline = server.pipeline()
    var messages = Messages()
    messages.append(message)
    pipeline.ingest(messages)
  }

  private func commit(
    _ writer: inout StateWriter, to file: inout StateFile, second: UInt32
  ) throws {
    var blocks = StateBlocks()
    let times = StateTimes(second: second, wallMilliseconds: CommandFolder.milliseconds)
    _ = writer.writeChanges(times: times, into: &blocks)
    try file.append(blocks.bytes)
    try file.commit()
  }

  var file: String { path + "/weir.state" }

  var bytes: [UInt8] {
    get { FileManager.default.contents(atPath: file).map { Array($0) } ?? [] }
    set { _ = FileManager.default.createFile(atPath: file, contents: Data(newValue)) }
  }

  /// What a command prints, and its error.
  func run(
    _ command: (CommandOutput) throws -> Void
  ) throws -> (lines: [String], error: String?) {
    let out = path + "/out"
    _ = FileManager.default.createFile(atPath: out, contents: nil)
    let handle = try #require(FileHandle(forWritingAtPath: out))
    var sentence: String?
    do {
      try command(CommandOutput(descriptor: handle.fileDescriptor))
    } catch {
      sentence = "\(error)"
    }
    try handle.close()
    let text = try String(contentsOfFile: out, encoding: .utf8)
    return (text.split(separator: "\n").map(String.init), sentence)
  }

  func check(at now: timespec = CommandFolder.now) throws -> (lines: [String], error: String?) {
    try run { try StateCommand.check(path, to: $0, at: now) }
  }

  func dump() throws -> (lines: [String], error: String?) {
    try run { try StateCommand.dump(path, to: $0) }
  }
}

@Suite("weir state")
struct StateCommandTests {
  private static let summary = [
    "last commit: 2026-11-26T06:41:13.250Z, 3 s ago",
    "series: 6 of 5 names (counter 3, gauge 1, histogram 1, set 1)",
    "instances: 1 live, 1 retired", "help and units: 0",
  ]

  @Test("check says what a whole file has")
  func whole() throws {
    let folder = try CommandFolder()
    let (lines, error) = try folder.check()
    #expect(error == nil)
    #expect(
      lines == ["\(folder.file): is whole: 2 commits, \(folder.bytes.count) bytes"]
        + Self.summary)
    let early = timespec(tv_sec: 1_795_675_000, tv_nsec: 0)
    #expect(
      try folder.check(at: early).lines[1]
        == "last commit: 2026-11-26T06:41:13.250Z, in the future by this machine's clock")
  }

  @Test("check counts what is not committed, which is no damage")
  func torn() throws {
    let folder = try CommandFolder()
    folder.bytes += [1]
    let (lines, error) = try folder.check()
    #expect(error == nil)
    #expect(
      lines == [
        "\(folder.file): is whole up to its last commit: 2 commits, \(folder.bytes.count) bytes",
        "the last 1 byte is not committed, as while weir writes or after a crash; no scrape has "
          + "shown what they say",
      ] + Self.summary)
  }

  @Test("check names a copy of a commit that cannot be read")
  func spoiled() throws {
    let folder = try CommandFolder()
    folder.bytes[folder.bytes.count - 1] ^= 1
    let (lines, error) = try folder.check()
    #expect(error == nil)
    #expect(
      lines[1]
        == "1 copy of a commit cannot be read, but the other copy can; look at the kernel's log "
        + "for a faulty disk")
    #expect(Array(lines.dropFirst(2)) == Self.summary)
  }

  @Test("check and dump say where the damage is, and what is before it")
  func damaged() throws {
    let folder = try CommandFolder()
    let start = try #require(StateScan(folder.bytes.span).blocks.first { $0.group == 2 })
    folder.bytes[start.payload.lowerBound] ^= 1
    let sentence =
      "\(folder.file): the file is damaged: the check sum of a block is wrong at byte "
      + "\(start.payload.lowerBound - 12), in group 2; weir will set it aside and start without it"
    let (lines, error) = try folder.check()
    #expect(error == sentence)
    #expect(
      lines == [
        "\(folder.file): is damaged: 1 commit, \(folder.bytes.count) bytes; what is before the "
          + "damage:",
        "last commit: 2026-11-26T06:41:13.250Z, 3 s ago",
        "series: 5 of 4 names (counter 2, gauge 1, histogram 1, set 1)",
        "instances: 0 live, 0 retired", "help and units: 0",
      ])
    let dump = try folder.dump()
    #expect(dump.error == sentence)
    #expect(dump.lines.count { $0.hasPrefix("series ") } == 5)
  }

  @Test("check and dump refuse a file that is intact, but says what cannot be")
  func impossible() throws {
    let folder = try CommandFolder()
    var file = try StateFile.create(in: try StateDirectory.open(folder.path), number: 8)
    var blocks = StateBlocks()
    blocks.append(.key) { $0.append([1, 2, 3] as [UInt8]) }
    try file.append(blocks.bytes)
    try file.commit()
    try file.publish()
    let sentence =
      "\(folder.file): the file is damaged: the key block at byte 32 of the state file is wrong: "
      + "it ends too early; weir will set it aside and start without it"
    let (lines, error) = try folder.check()
    #expect(error == sentence)
    #expect(lines.first?.hasPrefix("\(folder.file): is damaged: 1 commit, ") == true)
    #expect(lines.dropFirst().first == "last commit: unknown")
    #expect(try folder.dump().error == sentence)
  }

  @Test("check and dump say why there is nothing to read")
  func nothing() throws {
    let folder = try CommandFolder()
    func expect(_ sentence: String) throws {
      for (lines, error) in [try folder.check(), try folder.dump()] {
        #expect(lines.isEmpty)
        #expect(error == sentence)
      }
    }
    folder.bytes = []
    try expect("\(folder.file): the file is empty; remove it")
    folder.bytes = Array("a letter".utf8)
    try expect("\(folder.file): this is not a state file; move it away")
    try FileManager.default.removeItem(atPath: folder.file)
    try expect(
      "\(folder.file): there is no state file; give the directory of --state.dir of a weir that "
        + "has committed")
  }

  @Test("dump has a line for each series and instance")
  func dump() throws {
    let folder = try CommandFolder()
    let (lines, error) = try folder.dump()
    #expect(error == nil)
    #expect(lines[0] == "# weir state, version 1, 2 groups, \(folder.bytes.count) bytes")
    let begins = [
      #"series counter hits{k="v"} value=3 "#, "series counter hits value=4 ",
      "series counter pushed value=11 ", "series gauge depth value=2 ",
      "series histogram took sum=0.5 ", "series set users members=1 ",
      "owner 0000000000000001 started=2026-01-02T03:03:20.000Z totals=1 ",
      "owner 0000000000000002 started=2026-01-02T03:03:20.000Z ",
    ]
    for begin in begins { #expect(lines.count { $0.hasPrefix(begin) } == 1, "\(begin)") }
    #expect(lines.count == 3 + begins.count)
  }

  @Test("ends when nobody reads its output any more")
  func closedPipe() throws {
    let folder = try CommandFolder()
    signal(SIGPIPE, SIG_IGN)
    let pipe = Pipe()
    try pipe.fileHandleForReading.close()
    let output = CommandOutput(descriptor: pipe.fileHandleForWriting.fileDescriptor)
    for command in [
      { try StateCommand.dump(folder.path, to: output) },
      { try StateCommand.check(folder.path, to: output) },
    ] {
      #expect(throws: CommandOutput.Closed.self) { try command() }
    }
  }

  @Test("refuses a wrong command line")
  func misuse() {
    let table: [(arguments: [String], sentence: String)] = [
      ([], "state: write check or dump, and the directory"),
      (["chek", "/d"], #"state: "chek" is unknown; write check or dump"#),
      (["check"], "state check: give one directory, that of --state.dir"),
      (["dump", ""], "state dump: give one directory, that of --state.dir"),
      (["dump", "a", "b"], "state dump: give one directory, that of --state.dir"),
      (
        ["check", "--all", "a"],
        #"state: "--all" is a flag, which it does not take; leave it out"#
      ),
    ]
    for (arguments, sentence) in table {
      let error = #expect(throws: UsageError.self) {
        try Command.parse(["state"] + arguments, cores: 1)
      }
      #expect(error?.description == sentence)
    }
    #expect(Command.misuseStatus(of: ["state"]) == 2)
  }
}
