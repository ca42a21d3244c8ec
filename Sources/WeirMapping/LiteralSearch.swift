/// Finds which of many short texts a name contains, without regard to the case of ASCII letters.
///
/// An automaton of Aho and Corasick ("Efficient string matching: an aid to bibliographic search", 1975):
/// a state is the longest end of what was read that begins one of the texts. Bytes that occur in no text
/// share a class, so that a state has one successor per class and not per byte.
struct LiteralSearch: Sendable {
  /// The class of each byte; 0 for those in no text.
  private var classes = [UInt8](repeating: 0, count: 256)
  private var classCount = 1
  /// The successor of a state for a class, at `state * classCount + class`.
  private var next: [Int32] = []
  /// The text that ends in a state; -1 if none does.
  private var text: [Int32] = [-1]
  /// The state of the longest shorter end in which a text ends; 0 if there is none.
  private var shorter: [Int32] = [0]

  /// Successors of all states: 32 MiB. With more, too much memory would serve too few names.
  private static let successorsMax = 8 << 20

  /// Nil if there are too many texts.
  ///
  /// - Precondition: no text is empty or has an upper-case letter.
  init?(_ texts: [[UInt8]]) {
    for byte in texts.joined() where classes[Int(byte)] == 0 {
      guard classCount < 256 else { return nil }
      classes[Int(byte)] = UInt8(classCount)
      classCount += 1
    }
    let statesMax = texts.reduce(1) { $0 + $1.count }
    guard statesMax * classCount <= Self.successorsMax else { return nil }
    for upper in UInt8(ascii: "A")...UInt8(ascii: "Z") {
      classes[Int(upper)] = classes[Int(upper | 0x20)]
    }
    next = [Int32](repeating: -1, count: classCount)
    for (number, text) in texts.enumerated() { add(text, Int32(number)) }
    link()
  }

  private mutating func add(_ bytes: [UInt8], _ number: Int32) {
    var state = 0
    for byte in bytes {
      let place = state * classCount + Int(classes[Int(byte)])
      if next[place] < 0 {
        next[place] = Int32(text.count)
        next += [Int32](repeating: -1, count: classCount)
        text.append(-1)
        shorter.append(0)
      }
      state = Int(next[place])
    }
    text[state] = number
  }

  /// Completes the successors, from short states to long ones.
  private mutating func link() {
    /// The state of the longest shorter end.
    var fallback = [Int32](repeating: 0, count: text.count)
    var queue: [Int] = []
    for byteClass in 0..<classCount {
      if next[byteClass] > 0 { queue.append(Int(next[byteClass])) } else { next[byteClass] = 0 }
    }
    var head = 0
    while head < queue.count {
      let state = queue[head]
      head += 1
      let other = Int(fallback[state])
      shorter[state] = text[other] >= 0 ? Int32(other) : shorter[other]
      for byteClass in 0..<classCount {
        let place = state * classCount + byteClass
        let onward = next[other * classCount + byteClass]
        if next[place] < 0 {
          next[place] = onward
        } else {
          fallback[Int(next[place])] = onward
          queue.append(Int(next[place]))
        }
      }
    }
  }

  /// The numbers of the texts that a name contains, each once, in no order.
  ///
  /// - Complexity: O(name + texts found, each time that one is found).
  func found(in name: Span<UInt8>) -> [Int32] {
    var numbers: [Int32] = []
    var seen: Set<Int32> = []
    var state = 0
    for index in name.indices {
      state = Int(next[state * classCount + Int(classes[Int(name[index])])])
      var end = text[state] >= 0 ? state : Int(shorter[state])
      while end > 0 {
        // Whatever ends in a state that was seen was seen with it.
        guard seen.insert(Int32(end)).inserted else { break }
        numbers.append(text[end])
        end = Int(shorter[end])
      }
    }
    return numbers
  }
}
