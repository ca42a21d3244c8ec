/// A page in the Prometheus text format 0.0.4, read as strictly as it can be.
///
/// Every family comes once, in order of names, with one HELP and one TYPE before its samples; no
/// series comes twice; counters are finite and not negative; histograms add up.
struct Page {
  struct Sample {
    let name: String
    let labels: [String: String]
    let value: Double
  }

  struct Family {
    let name: String
    let type: String
    var samples: [Sample] = []
  }

  private(set) var families: [Family] = []

  init(_ text: String) throws {
    guard text.hasSuffix("\n") else { throw HarnessError("The page does not end in a newline.") }
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false)[...]
    lines.removeLast()
    while let line = lines.first {
      guard line.hasPrefix("# HELP ") else { throw HarnessError("No HELP, but: \(line)") }
      let name = String(line.dropFirst("# HELP ".count).prefix { $0 != " " })
      guard line.dropFirst("# HELP \(name) ".count).isEmpty == false else {
        throw HarnessError("The help of \(name) is empty.")
      }
      lines.removeFirst()
      let type = "# TYPE \(name) "
      guard let line = lines.popFirst(), line.hasPrefix(type) else {
        throw HarnessError("The HELP of \(name) has no TYPE after it.")
      }
      var family = Family(name: name, type: String(line.dropFirst(type.count)))
      while let line = lines.first, !line.hasPrefix("#") {
        family.samples.append(try SampleReader.read(line))
        lines.removeFirst()
      }
      if let last = families.last, !last.name.utf8.lexicographicallyPrecedes(name.utf8) {
        throw HarnessError("\(name) comes after \(last.name).")
      }
      try family.verify()
      families.append(family)
    }
  }

  func family(_ name: String) -> Family? {
    families.first { $0.name == name }
  }

  /// The value of exactly this series; nil when the page does not have it.
  func value(_ name: String, _ labels: [String: String] = [:]) -> Double? {
    samples(name).first { $0.labels == labels }?.value
  }

  /// The sum over every series of the name that has these labels; 0 without one.
  func sum(_ name: String, _ labels: [String: String] = [:]) -> Double {
    samples(name).filter { sample in labels.allSatisfy { sample.labels[$0.key] == $0.value } }
      .reduce(0) { $0 + $1.value }
  }

  func samples(_ name: String) -> [Sample] {
    var found = family(name)?.samples.filter { $0.name == name } ?? []
    for suffix in ["_bucket", "_count", "_sum"] where name.hasSuffix(suffix) {
      let family = family(String(name.dropLast(suffix.count)))
      found += family?.samples.filter { $0.name == name } ?? []
    }
    return found
  }
}

extension Page.Family {
  /// Throws what is wrong with this family by itself.
  fileprivate func verify() throws {
    guard ["counter", "gauge", "histogram", "summary"].contains(type) else {
      throw HarnessError("\(name) has the type \(type).")
    }
    var seen: Set<[String]> = []
    for sample in samples {
      let suffixes =
        switch type {
        case "histogram": ["_bucket", "_count", "_sum"]
        case "summary": ["", "_count", "_sum"]
        default: [""]
        }
      guard suffixes.contains(where: { name + $0 == sample.name }) else {
        throw HarnessError("\(sample.name) stands under \(name), a \(type).")
      }
      let labels = sample.labels.sorted { $0.key < $1.key }.flatMap { [$0.key, $0.value] }
      guard seen.insert([sample.name] + labels).inserted else {
        throw HarnessError("\(sample.name) \(sample.labels) comes twice.")
      }
      if type == "counter", !(sample.value >= 0 && sample.value.isFinite) {
        throw HarnessError("The counter \(name) is \(sample.value).")
      }
    }
    if type == "histogram" { try verifyHistograms() }
  }

  /// Buckets ascend and accumulate, the last is +Inf and equals the count, and there is a sum.
  private func verifyHistograms() throws {
    var series: [[String: String]: [Page.Sample]] = [:]
    for sample in samples {
      series[sample.labels.filter { $0.key != "le" }, default: []].append(sample)
    }
    for (labels, samples) in series {
      let buckets = samples.filter { $0.name == name + "_bucket" }
      let bounds = buckets.compactMap { $0.labels["le"].flatMap(SampleReader.number) }
      guard bounds.count == buckets.count, bounds.last == .infinity,
        zip(bounds, bounds.dropFirst()).allSatisfy({ $0 < $1 })
      else { throw HarnessError("The bounds of \(name) \(labels) do not ascend to +Inf.") }
      let counts = buckets.map(\.value)
      guard zip(counts, counts.dropFirst()).allSatisfy({ $0 <= $1 }) else {
        throw HarnessError("The buckets of \(name) \(labels) do not accumulate.")
      }
      let count = samples.filter { $0.name == name + "_count" }.map(\.value)
      guard count.count == 1, count.first == counts.last else {
        throw HarnessError("The count of \(name) \(labels) is not its +Inf bucket.")
      }
      guard samples.filter({ $0.name == name + "_sum" }).count == 1 else {
        throw HarnessError("\(name) \(labels) has no sum.")
      }
    }
  }
}
