import WeirMapping
import WeirMetrics

extension MappingReader {
  /// Reads `summary_options`, and what the old key `quantiles` says.
  ///
  /// - Returns: Whether `summary_options` and quantiles in it are there.
  @discardableResult
  mutating func readSummaryOptions(
    _ fields: MappingFields, into settings: inout ClassSettings
  ) throws(FileMistake) -> OptionsFound {
    let old = try fields.list("quantiles", example: "[{quantile: 0.5}]")
    if let old { settings.quantiles = try quantiles(old, fields) }
    guard let entry = fields.entry("summary_options") else {
      return OptionsFound(oldLine: old?.line)
    }
    let options = try MappingFields(
      entry.value, file: file, subject: "summary_options",
      hint: "write keys such as max_age: below it")
    options.check(["quantiles", "max_age", "age_buckets", "buf_cap"], &warnings)
    let list = try options.list("quantiles", example: "[{quantile: 0.5}]")
    if let list, let quantiles = try quantiles(list, options) { settings.quantiles = quantiles }
    settings.maxAgeSeconds = try maxAge(options)
    if let count = try options.count("age_buckets"), count.value > 0 {
      settings.ageBuckets = bounded(
        count, by: FlagBounds.ageBucketsMax, "age_buckets", "as many as Weir keeps")
    }
    // The buffer of upstream's streams of quantiles; Weir has none.
    _ = try options.count("buf_cap")
    return OptionsFound(line: entry.keyLine, listLine: list?.line, oldLine: old?.line)
  }

  /// Reads `histogram_options`, and what the old key `buckets` says.
  ///
  /// - Returns: Whether `histogram_options` and buckets in it are there.
  @discardableResult
  mutating func readHistogramOptions(
    _ fields: MappingFields, into settings: inout ClassSettings
  ) throws(FileMistake) -> OptionsFound {
    let old = try fields.list("buckets", example: "[0.1, 0.5, 1]")
    if let old { settings.bounds = try bounds(old, fields) }
    guard let entry = fields.entry("histogram_options") else {
      return OptionsFound(oldLine: old?.line)
    }
    let options = try MappingFields(
      entry.value, file: file, subject: "histogram_options",
      hint: "write keys such as buckets: below it")
    options.check(
      ["buckets", "native_histogram_bucket_factor", "native_histogram_max_buckets"], &warnings)
    let list = try options.list("buckets", example: "[0.1, 0.5, 1]")
    if let list, let bounds = try bounds(list, options) { settings.bounds = bounds }
    settings.native = try native(options)
    return OptionsFound(line: entry.keyLine, listLine: list?.line, oldLine: old?.line)
  }

  /// Which of the options there are, by their lines; nil for those that are missing.
  struct OptionsFound {
    var line: Int?
    /// The list of quantiles or buckets within them.
    var listLine: Int?
    /// The old key for this list.
    var oldLine: Int?
  }

  /// Ascending and each once; nil if the list is empty, which says nothing.
  private mutating func quantiles(
    _ list: MappingFields.Field<[YAMLNode]>, _ fields: MappingFields
  ) throws(FileMistake) -> [Double]? {
    var found: Set<Double> = []
    for node in list.value {
      let item = try MappingFields(
        node, file: file, subject: "a quantile", hint: "write it as - quantile: 0.5")
      item.check(["quantile", "error"], &warnings)
      // Its error is Weir's own, a few per cent of the value.
      _ = try item.number("error")
      guard let quantile = try item.number("quantile") else {
        throw fields.mistake(node.line, "a quantile has no number; write quantile: 0.5")
      }
      guard !quantile.value.isNaN else {
        throw fields.mistake(
          quantile.line, "quantile: nan is not from 0 to 1; write 0.99 for the 99th percentile")
      }
      guard (0...1).contains(quantile.value) else {
        // statsd_exporter starts with such a file.
        warnings.add(
          quantile.line,
          "quantile: \(text(quantile.value)) is not from 0 to 1 and is left out; write 0.99 for the 99th "
            + "percentile")
        continue
      }
      found.insert(quantile.value)
    }
    guard found.count <= FlagBounds.quantilesMax else {
      throw fields.mistake(
        list.line,
        "there are \(found.count) quantiles; write \(FlagBounds.quantilesMax) at most")
    }
    return found.isEmpty ? nil : found.sorted()
  }

  private mutating func maxAge(_ options: MappingFields) throws(FileMistake) -> Int? {
    guard let age = try options.duration("max_age", example: "10m"), age.value.nanoseconds != 0
    else { return nil }
    guard age.value.nanoseconds > 0 else {
      throw options.mistake(age.line, "max_age is negative; write a positive one such as 10m")
    }
    if !age.value.hasUnit {
      warnings.add(
        age.line,
        "max_age has no unit, and is \(age.value.nanoseconds) ns; write it with one, such as 10m")
    }
    return min(age.value.seconds, FlagBounds.ttlSecondsMax)
  }

  /// Nil if the list is empty, which says nothing. A last bound of infinity is implied and left out.
  private func bounds(
    _ list: MappingFields.Field<[YAMLNode]>, _ fields: MappingFields
  ) throws(FileMistake) -> HistogramBounds? {
    if list.value.isEmpty { return nil }
    var bounds: [Double] = []
    for (index, node) in list.value.enumerated() {
      let number = try fields.number(of: node, "a bucket")
      let bound = number == 0 ? 0 : number
      if bound == .infinity, index == list.value.count - 1 { break }
      guard bound.isFinite else {
        throw fields.mistake(
          node.line, "a bucket is \(text(bound)); write a number, because +Inf is always there")
      }
      if let last = bounds.last, bound <= last {
        throw fields.mistake(
          node.line,
          "the bucket \(text(bound)) is not above \(text(last)) before it; write them in ascending order"
        )
      }
      bounds.append(bound)
    }
    guard bounds.count <= HistogramBounds.countMax else {
      throw fields.mistake(
        list.line,
        "there are \(bounds.count) buckets; write \(HistogramBounds.countMax) at most")
    }
    return HistogramBounds(upper: bounds)
  }

  private mutating func native(_ options: MappingFields) throws(FileMistake) -> ClassSettings
    .Native?
  {
    let factor = try options.number("native_histogram_bucket_factor")
    let most = try options.count("native_histogram_max_buckets")
    if let factor {
      guard factor.value > 0 else {
        if factor.value != 0 {
          warnings.add(
            factor.line,
            "native_histogram_bucket_factor: \(text(factor.value)) is not a ratio of bounds and is ignored; "
              + "write a number above 1 such as 1.1, or 1 for no native histogram")
        }
        return bucketsMax(most).map { .on(factor: nil, bucketsMax: $0) }
      }
      if factor.value <= 1 { return .off }
    }
    let bucketsMax = bucketsMax(most)
    return factor == nil && bucketsMax == nil
      ? nil : .on(factor: factor?.value, bucketsMax: bucketsMax)
  }

  /// The most native buckets; nil for 0, which says nothing.
  private mutating func bucketsMax(_ count: MappingFields.Field<Int>?) -> Int? {
    guard let count, count.value > 0 else { return nil }
    return bounded(
      count, by: FlagBounds.nativeBucketsMax, "native_histogram_max_buckets",
      "as many as Weir keeps")
  }

  /// A count, or the most that Weir admits, with a warning.
  private mutating func bounded(
    _ count: MappingFields.Field<Int>, by most: Int, _ key: String, _ reason: String
  ) -> Int {
    guard count.value > most else { return count.value }
    warnings.add(
      count.line, "\(key): \(count.value) counts as \(most), \(reason); write \(most) or less")
    return most
  }

  /// A number without a superfluous `.0`.
  private func text(_ number: Double) -> String {
    let text = "\(number)"
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }
}
