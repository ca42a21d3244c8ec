import Foundation
import WeirConfiguration

@testable import WeirDaemon

/// A log whose lines a test reads.
final class CapturedLog: Sendable {
  private let pipe = Pipe()

  /// Warnings and errors.
  var log: Log { log(.warn) }

  /// What has this level, and what is worse.
  func log(_ level: LogLevel) -> Log {
    Log(
      level: level, format: .logfmt, descriptor: pipe.fileHandleForWriting.fileDescriptor,
      now: { PipelineHarness.time })
  }

  /// The lines from `msg=` on. Nothing can be logged after it.
  func lines() throws -> [String] {
    try pipe.fileHandleForWriting.close()
    let text = String(
      decoding: try pipe.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
    return text.split(separator: "\n").map { line in
      line.range(of: "msg=").map { String(line[$0.upperBound...]) } ?? String(line)
    }
  }
}
