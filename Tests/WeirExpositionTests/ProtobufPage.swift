import TestSupport
import Testing
import WeirExposition
import WeirMetrics

/// Pages in protobuf, read back.
enum ProtobufPage {
  typealias Message = ProtobufReader.Message

  static func families(_ write: (inout ExpositionEncoder) -> Void) throws -> [Message] {
    var encoder = ExpositionEncoder(.protobuf)
    write(&encoder)
    encoder.finish()
    return try ProtobufReader.families(encoder.take())
  }

  static func histogram(
    _ buckets: [Double], _ upper: [Double], native: NativeHistogram? = nil,
    exemplars: [Int: Exemplar] = [:]
  ) throws -> Message {
    let families = try families {
      $0.beginFamily(FamilyHead(Array("h".utf8), help: "", type: .histogram))
      $0.histogram(
        Array("h".utf8).span, nameLength: 1,
        HistogramReading(
          buckets: buckets[...], sum: 7.25, native: native, startUnixSeconds: 9,
          exemplars: exemplars), labels: BucketLabels(HistogramBounds(upper: upper)))
      $0.endFamily()
    }
    #expect(try families[0].integer(3) == 4)
    return try families[0].messages(4)[0].messages(7)[0]
  }
}
