import Testing
import WeirMetrics
import WeirPush

@testable import WeirClient

@Suite("The series of a client")
struct RegistryTests {
  @Test("have at most 4,096 bytes of name and labels", arguments: [0, 1, 7])
  func bytes(extra: Int) throws {
    var registry = Registry(seriesMax: 10)
    func cell(_ bytes: Int, _ name: String, _ definition: Definition) throws -> SeriesCell? {
      let value = String(repeating: "v", count: bytes - name.utf8.count - 3)
      let request = try SeriesRequest(name, ["key": value], definition, unit: nil, help: nil)
      #expect(request.series.textBytes == bytes)
      return try registry.cell(of: request, madeNanoseconds: 0)
    }
    #expect(try cell(4_096 - extra, "x_total", .counter) != nil)
    #expect(try cell(4_097 + extra, "x_total", .counter) == nil)
    #expect(try cell(4_097 + extra, "depth", .gauge(.last)) == nil)
    #expect(try cell(4_097 + extra, "x_seconds", .histogram(.standard)) == nil)
    #expect(registry.entries.count == 1)
  }
}
