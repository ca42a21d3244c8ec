extension HTTPRequest {
  /// Whether a browser sent it because of a page of another site.
  ///
  /// Such a page can make its reader's browser send requests to servers that only the browser reaches. So what
  /// changes something must refuse them. Programs that are no browsers send neither field.
  package var isFromOtherSite: Bool {
    if let site = headers["Sec-Fetch-Site"] { return site != "same-origin" && site != "none" }
    guard let origin = headers["Origin"] else { return false }
    // `null` is the origin of a page that hides its own.
    guard let host = headers["Host"], let scheme = origin.firstRange(of: "://") else { return true }
    return !String(origin[scheme.upperBound...]).equalsIgnoringCase(host)
  }

  /// Whether a browser has sent it for a page, and not a program. Every browser says so where a request may change
  /// something.
  package var isFromPage: Bool { headers["Sec-Fetch-Site"] != nil || headers["Origin"] != nil }

  /// Whether a page of another site asks in the background. A link that somebody follows does not.
  package var isAskedByOtherSite: Bool {
    isFromOtherSite && headers["Sec-Fetch-Mode"] != "navigate"
  }
}
