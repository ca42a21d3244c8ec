import WeirCapture

// Safety: libFuzzer lends `data` for the length of the call, with its true size.

/// What libFuzzer calls with each input: the length of the pieces that a file is read in, and the file. Any bytes
/// may come. What comes out must not depend on the pieces, and all of it must be in the file.
@c(LLVMFuzzerTestOneInput)
public func fuzzCapture(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
  let bytes = unsafe data.map { unsafe Array(UnsafeBufferPointer(start: $0, count: size)) } ?? []
  guard let first = bytes.first else { return 0 }
  let file = bytes[1...]
  let whole = FuzzedCapture.read(file, pieces: .max)
  let pieces = FuzzedCapture.read(file, pieces: Int(first) + 1)
  precondition(whole == pieces, "what is read depends on the pieces")
  precondition(whole.datagrams.reduce(0) { $0 + $1.payload.count } <= file.count)
  for datagram in whole.datagrams {
    // What was read can be written, unless a packet of IPv4 is longer than UDP allows.
    precondition(datagram.nanoseconds >= 0)
    _ = LineTimes.moved(datagram.payload, bySeconds: Int64(first) - 128)
  }
  return 0
}

/// A file without a file system.
enum FuzzedCapture {
  struct Result: Equatable {
    var datagrams: [CapturedDatagram] = []
    var error: CaptureError?
    var packets = 0
    var skipped = SkipCounts()
  }

  static func read(_ file: ArraySlice<UInt8>, pieces: Int) -> Result {
    var reader = CaptureReader()
    var result = Result()
    var rest = file
    do throws(CaptureError) {
      while !rest.isEmpty {
        reader.append(rest.prefix(pieces))
        rest = rest.dropFirst(pieces)
        while let datagram = try reader.next() { result.datagrams.append(datagram) }
      }
      _ = try reader.finish()
    } catch {
      result.error = error
    }
    (result.packets, result.skipped) = (reader.packets, reader.skipped)
    return result
  }
}
