import WeirBytes
import WeirConfiguration
import WeirPush
import WeirSecurity
import WeirSockets

/// An instance that pushes: makes frames of records, sends them, and repeats those that are not confirmed.
final class FrameSender {
  /// A frame, and the answer that confirms it.
  struct Frame {
    let bytes: [UInt8]
    let answer: [UInt8]
  }

  /// The time after which a frame that is not confirmed is sent again.
  static let repeatInterval = Duration.milliseconds(200)
  private static let answerBytesMax = 64

  private let socket: UDPSender
  private let key: ForwardKey?
  private let instance = UInt64.random(in: .min ... .max)
  private let began = ContinuousClock.now
  private let startMilliseconds: UInt64
  private var sequence: UInt64 = 0
  private var writer = PushFrameWriter()

  /// - Parameter address: `HOST:PORT`.
  init(to address: String, key: ForwardKey?) throws(CommandFailure) {
    self.key = key
    startMilliseconds = FrameSender.wallMilliseconds()
    do {
      guard let peer = try ListenAddress.resolve(address).first else {
        throw CommandFailure.unreachable("\(address) has no address; write another one")
      }
      socket = try UDPSender.connect(to: peer)
    } catch let failure as CommandFailure {
      throw failure
    } catch is AddressError {
      throw .unreachable("\(address) has no address that is known now; write another one")
    } catch {
      throw .unreachable("\(address) cannot be reached: \(error)")
    }
  }

  /// The key that signs what this command pushes to a Weir with these flags; nil if it takes unsigned frames.
  static func key(_ options: Options.Push) throws(FileMistake) -> ForwardKey? {
    guard let file = options.keysFile else { return nil }
    let keys = try PushKeysFile.load(file).keys
    let key = keys.first { !$0.mayForward } ?? keys[0]
    return ForwardKey(id: Array(key.id.utf8), message: MessageKey(secret: key.secret))
  }

  private static func wallMilliseconds() -> UInt64 {
    UInt64(clamping: Log.wallClock().inMilliseconds)
  }

  /// Makes frames of records, as few as hold them.
  ///
  /// - Parameter flags: `confirm` if `deliver` sends them.
  func frames(
    _ records: [PushFrameWriter.Record], flags: PushFormat.Flags = []
  ) throws(CommandFailure) -> [Frame] {
    var frames: [Frame] = []
    var rest = records[...]
    while !rest.isEmpty {
      let head = head(flags)
      var taken = begin(head, PushFormat.frameBytesDefault, &rest)
      // A record that is too long for a packet has a longer frame of its own.
      if taken == 0 { taken = begin(head, PushFormat.frameBytesMax, &rest) }
      guard taken > 0 else {
        throw .trouble("a name with its labels is too long for a frame; write shorter ones")
      }
      frames.append(try finish(head))
    }
    return frames
  }

  private func head(_ flags: PushFormat.Flags) -> PushFrameHead {
    let age = (ContinuousClock.now - began) / .milliseconds(1)
    return PushFrameHead(
      instance: instance, startMilliseconds: startMilliseconds, sequence: sequence + 1,
      ageMilliseconds: UInt64(max(0, age)), flags: flags, keyID: key?.id)
  }

  /// Begins a frame and takes out the records that fit.
  ///
  /// - Returns: How many.
  private func begin(
    _ head: PushFrameHead, _ bytesMax: Int, _ rest: inout ArraySlice<PushFrameWriter.Record>
  ) -> Int {
    writer.begin(room: bytesMax - head.bytes)
    _ = writer.append(.clock(sentMilliseconds: max(1, FrameSender.wallMilliseconds())))
    var taken = 0
    while let record = rest.first, writer.append(record) {
      rest.removeFirst()
      taken += 1
    }
    return taken
  }

  private func finish(_ head: PushFrameHead) throws(CommandFailure) -> Frame {
    sequence += 1
    var frame = ByteWriter(capacity: head.bytes + writer.count)
    head.write(to: &frame)
    writer.write(to: &frame)
    var answer = ByteWriter()
    head.writeAnswer(to: &answer)
    if let key {
      guard let tag = key.message.tag(of: frame.bytes.span, in: frame.bytes.indices),
        let answerTag = key.message.tag(of: answer.bytes.span, in: answer.bytes.indices)
      else { throw .trouble("OpenSSL cannot sign; look at its installation") }
      frame.append(tag)
      answer.append(answerTag)
    }
    return Frame(bytes: frame.bytes, answer: answer.bytes)
  }

  /// Sends frames once.
  func send(_ frames: [Frame]) {
    for frame in frames { sendOnce(frame) }
  }

  private func sendOnce(_ frame: Frame) {
    for _ in 0..<2 {
      // The first error is about an earlier frame, and this one was not sent.
      do throws(SystemError) { return try socket.send(frame.bytes.span) } catch {}
    }
  }

  /// Sends frames, and again those that are not confirmed.
  ///
  /// - Returns: How many are confirmed.
  func deliver(_ frames: [Frame], within limit: Duration) -> Int {
    let end = ContinuousClock.now + limit
    var waiting = frames
    var buffer = [UInt8](repeating: 0, count: FrameSender.answerBytesMax)
    while !waiting.isEmpty, ContinuousClock.now < end {
      send(waiting)
      let next = min(end, ContinuousClock.now + FrameSender.repeatInterval)
      while !waiting.isEmpty, ContinuousClock.now < next {
        socket.waitReadable(milliseconds: 20)
        while true {
          var room = buffer.mutableSpan
          guard let count = try? socket.receive(into: &room) else { break }
          let answer = Array(buffer[..<count])
          waiting.removeAll { $0.answer == answer }
        }
      }
    }
    return frames.count - waiting.count
  }
}
