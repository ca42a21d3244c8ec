import BenchmarkKit
import Testing

@Suite struct PayloadTests {
  /// The lines as the bytes have them, spelled by somebody who does not know how they were packed.
  private func linesInBytes(_ payload: Payload) -> Int {
    payload.bytes.count(where: { $0 == UInt8(ascii: "\n") }) + payload.count
  }

  @Test(arguments: [Payload.Packing.lines(1), .lines(3), .frame], [false, true])
  func `a payload has the lines that it says and every series`(
    packing: Payload.Packing, isEven: Bool
  ) throws {
    let payload = try Payload(series: 100, packing: packing, seed: 7, isEven: isEven)
    #expect(linesInBytes(payload) == payload.lines.count)
    #expect(Set(payload.lines.map(\.series)).count == 100)
  }

  @Test(arguments: [Payload.Packing.lines(1), .lines(3), .frame])
  func `an even payload has datagrams of one length with a container id each`(
    packing: Payload.Packing
  ) throws {
    let payload = try Payload(series: 100, packing: packing, seed: 7, isEven: true)
    let lengths = (0..<payload.count).map {
      payload.datagramStarts[$0 + 1] - payload.datagramStarts[$0]
    }
    #expect(Set(lengths).count == 1)
    #expect(lengths[0] <= Payload.Packing.frameBytes)
    for end in payload.datagramStarts.dropFirst() {
      let datagram = payload.bytes[(end - lengths[0])..<end]
      let line = datagram[(datagram.lastIndex(of: UInt8(ascii: "\n")) ?? datagram.startIndex)...]
      #expect(String(decoding: line, as: UTF8.self).contains(/\|c:0+$/))
    }
  }

  @Test(arguments: Series.Kind.allCases)
  func `a payload of one kind has no other`(kind: Series.Kind) throws {
    let payload = try Payload(series: 50, of: kind, packing: .frame, seed: 1)
    #expect(payload.series.allSatisfy { $0.kind == kind })
  }

  @Test(arguments: [0, 1, 700, 1_024, 1_025])
  func `what is expected is what a walk through the datagrams adds up to`(sent: Int) throws {
    let payload = try Payload(series: 20, packing: .lines(2), seed: 3)
    var (increases, gauges): ([String: Double], [String: Double]) = ([:], [:])
    for line in (0..<sent).flatMap({ payload.lines(of: $0 % payload.count) }) {
      let series = payload.series[line.series]
      let value = Double(line.eighths) / 8
      switch series.kind {
      case .counter: increases[series.family + series.exposedLabels, default: 0] += value
      case .gauge: gauges[series.family + series.exposedLabels] = value
      case .histogram:
        increases["\(series.family)_count\(series.exposedLabels)", default: 0] += 1
        increases["\(series.family)_sum\(series.exposedLabels)", default: 0] += value
      }
    }
    let expected = Expectation(of: payload, sent: sent)
    #expect(expected.lines == 2 * sent)
    #expect(expected.increases == increases)
    #expect(expected.gauges == gauges)
  }
}
