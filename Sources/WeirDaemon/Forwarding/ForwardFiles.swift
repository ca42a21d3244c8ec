import WeirConfiguration
import WeirCurl
import WeirSecurity

/// The files that `--forward.*` names, read and checked.
struct ForwardFiles {
  /// Signs frames; nil for none.
  let key: ForwardKey?
  /// A sentence for each thing that is allowed but not advisable.
  let warnings: [String]

  /// More than the certificates of all public authorities.
  static let caBytesMax = 4 << 20

  /// - Throws: `FileMistake`: the first mistake.
  init(_ options: Options.Forward) throws(FileMistake) {
    if let file = options.caFile {
      try ForwardFiles.checkAuthorities(file, flag: "--forward.ca-file")
    }
    guard let file = options.keyFile else {
      (key, warnings) = (nil, [])
      return
    }
    let keys = try PushKeysFile.load(file, flag: "--forward.key-file")
    // A file has at least one key.
    let first = keys.keys[0]
    key = ForwardKey(id: Array(first.id.utf8), message: MessageKey(secret: first.secret))
    warnings = keys.warnings
  }

  /// libcurl is opened when it is needed, so that it may be missing.
  static func checkLibrary() throws(StartError) {
    do throws(CurlConnection.Failure) {
      try CurlConnection.open()
    } catch {
      throw StartError(
        description:
          "--forward.url: libcurl cannot be opened: \(error); install it (Debian: libcurl4), "
          + "or forward by UDP with --forward.address")
    }
  }

  /// libcurl reads the file, but only when it connects.
  static func checkAuthorities(_ file: String, flag: String) throws(FileMistake) {
    let remedy = "name a file of certificates in PEM with \(flag)"
    let bytes: [UInt8]
    do throws(FileTrouble) {
      bytes = try FileContents.read(file, bytesMax: caBytesMax).bytes
    } catch {
      throw FileMistake(file, line: nil, "\(error); \(error.remedy ?? remedy)")
    }
    guard TLSContext.hasCertificates(bytes) else {
      throw FileMistake(file, line: nil, "it contains no certificates in PEM; \(remedy)")
    }
  }
}
