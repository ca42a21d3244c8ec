/// The bounds that keep memory finite whatever is sent. Each has a flag of its own, `--limit.…`.
package struct Limits: Sendable, Equatable {
  /// What becomes of a sample whose series would be new, and is beyond a limit on number.
  package enum Overflow: Sendable {
    /// It is refused.
    case refuse
    /// It goes to the overflow series of its name, unless it is a gauge's.
    case series
  }

  // Limits on number.

  /// Series of all kinds together. A million of them, half counters and half histograms with short
  /// names, take some 400 MB.
  package var seriesMax = 1_000_000

  /// Series of one name, a tenth of all: a label that somebody put a user's id into leaves room for
  /// every other name. More than this no query of that name comes through in time.
  package var seriesPerNameMax = 100_000

  /// Distinct names. Programs have hundreds; StatsD clients of old, which put labels into names,
  /// tens of thousands. So many names of all kinds, with a series each, take some 90 MB.
  package var namesMax = 100_000

  /// Sets. Each may grow to five sketches of 4 KiB, a hundred times a histogram's row: these take
  /// 200 MiB.
  package var setsMax = 10_000

  /// Bytes of all names and labels as a scrape shows them, a histogram's once a bucket. What is longer
  /// no Prometheus reads in time, and long names would take more memory than `seriesMax` suggests.
  package var exposedBytesMax = 1 << 30

  /// What happens beyond one of the five above.
  package var overflow = Overflow.refuse

  // Limits on one series.

  /// Labels of one series, as in Prometheus' own advice for scrape configurations.
  package var labelsPerSeriesMax = 64

  /// Bytes of a metric's name as exposed. What is longer is no name but data in the wrong place.
  package var nameBytesMax = 1_024

  /// Bytes of a label's name as exposed, without an `exported_` in front. A word or a few.
  package var labelNameBytesMax = 256

  /// Bytes of a label's value as sent. As long as a whole series, which is the narrower bound; to be
  /// set lower where senders put more than words into labels.
  package var labelValueBytesMax = 4_096

  /// Bytes of one series' name and labels as they are exposed, escapes included.
  package var seriesBytesMax = 4_096

  /// Bytes of a line's name and tags as they are sent; longer ones are not even read. Twice what may
  /// be exposed of them, for what is dropped or made shorter takes room as well.
  package var identityBytesMax: Int { 2 * seriesBytesMax }

  package init() {}
}
