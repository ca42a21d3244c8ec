import Glibc

/// Random numbers of the demo, the same in each run (SplitMix64).
struct GatewayRandom: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }

  mutating func happens(_ probability: Double) -> Bool {
    Double.random(in: 0..<1, using: &self) < probability
  }

  /// A number of which half are below `median`, with a long tail: log-normal.
  mutating func logNormal(median: Double, sigma: Double) -> Double {
    // Box and Muller's method.
    let radius = (-2 * log(Double.random(in: Double.leastNormalMagnitude..<1, using: &self)))
      .squareRoot()
    return median * exp(sigma * radius * cos(2 * .pi * Double.random(in: 0..<1, using: &self)))
  }

  /// One of the choices, by their weights.
  mutating func pick<Choice>(_ choices: [Choice], weight: (Choice) -> Double) -> Choice {
    var rest = Double.random(in: 0..<choices.reduce(0) { $0 + weight($1) }, using: &self)
    for choice in choices {
      rest -= weight(choice)
      if rest < 0 { return choice }
    }
    return choices[choices.count - 1]
  }
}
