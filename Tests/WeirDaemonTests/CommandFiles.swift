import Glibc
import TestSupport

@testable import WeirDaemon

/// Files in the place of a command's standard input and output.
enum CommandFiles {
  /// What a command writes.
  static func output(
    in folder: Folder, input: [UInt8], _ run: (LineInput, CommandOutput) throws -> Void
  ) throws -> String {
    folder.write("in", input)
    folder.write("out", [])
    let source = open("\(folder.path)/in", O_RDONLY)
    let target = open("\(folder.path)/out", O_WRONLY)
    defer {
      close(source)
      close(target)
    }
    try run(LineInput(descriptor: source), CommandOutput(descriptor: target))
    return String(decoding: folder.bytes("out") ?? [], as: UTF8.self)
  }
}
