/// The bounds that keep memory finite whatever is sent. Each has a flag of its own, `--limit.…`.
package struct SeriesLimits: Sendable, Equatable {
  /// What happens to a sample whose series would be new, and would exceed a limit on number.
  package enum Overflow: Sendable {
    /// It is refused.
    case refuse
    /// It goes to the overflow series of its name, unless it is a gauge.
    case series
  }

  // Limits on number.

  /// Series of all kinds together. A million of them, half counters and half histograms with short
  /// names, take about 400 MB.
  package var seriesMax = 1_000_000

  /// Series of one name, a tenth of all: a label that contains a user's id leaves room for every
  /// other name. A query of a name with more series does not finish in time.
  package var seriesPerNameMax = 100_000

  /// Distinct names. Programs have hundreds. Old StatsD clients, which put labels into names, have
  /// tens of thousands. This many names of all kinds, with one series each, take about 90 MB.
  package var namesMax = 100_000

  /// Sets. Each may grow to five sketches of 4 KiB, a hundred times a histogram's row: these take
  /// 200 MiB.
  package var setsMax = 10_000

  /// Bytes of all names and labels as a scrape shows them, a histogram's once per bucket.
  /// Prometheus does not read a longer page in time, and long names would take more memory than
  /// `seriesMax` suggests.
  package var exposedBytesMax = 1 << 30

  /// What happens to series above one of the five limits above.
  package var overflow = Overflow.refuse

  // Limits on one series.

  /// Labels of one series, as Prometheus recommends for scrape configurations.
  package var labelsPerSeriesMax = 64

  /// Bytes of a metric's name as exposed. A longer one is not a name but data in the wrong place.
  package var nameBytesMax = 1_024

  /// Bytes of a label's name as exposed, without a prefix `exported_`. One word or a few.
  package var labelNameBytesMax = 256

  /// Bytes of a label's value as sent. The default equals the limit on a whole series, which is
  /// reached first. Lower it where senders put more than words into labels.
  package var labelValueBytesMax = 4_096

  /// Bytes of one series' name and labels as exposed, including escapes.
  package var seriesBytesMax = 4_096

  /// Bytes of a line's name and tags as sent; longer ones are not read. Twice the limit on exposed
  /// bytes, because tags that are dropped or shortened take space as well.
  package var identityBytesMax: Int { 2 * seriesBytesMax }

  package init() {}
}
