/// What the state file keeps of a window.
extension SequenceWindow {
  /// Frames up to this one are not counted as lost.
  package var savedBase: UInt64 { base }

  /// A bit for each of the last frames, at its sequence modulo the length.
  package var savedWords: InlineArray<16, UInt64> { seen }
}
