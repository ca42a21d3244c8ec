import WeirAggregation
import WeirExposition
import WeirGroups

/// A copy of what a scrape would read, for one heavy question. Its series are read outside of the `Scraper`.
struct HeavySource: Sendable {
  let catalog: Catalog
  let groups: GroupPage
  /// Writes series as a scrape without further wishes shows them; nil if no texts are wanted.
  var encoder: ExpositionEncoder?
}
