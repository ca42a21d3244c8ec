extension StateDirectory {
  /// Writes a whole state file in place of the one that there is, or of none.
  ///
  /// - Parameters:
  ///   - bytes: As `StateBlocks.file` makes them.
  ///   - number: That of the file.
  package func replace(with bytes: [UInt8], number: UInt64) throws(StateError) {
    var file = try StateFile.create(in: self, number: number)
    do throws(StateError) {
      let end = bytes.count - 2 * StateCommit.byteCount
      try file.append(Array(bytes[StateFormat.headerBytes..<end]))
      try file.commit()
      try file.publish()
    } catch {
      file.discard()
      throw error
    }
  }
}
