/// Finds the end of a head or a trailer section without looking at a byte twice, and enforces the
/// limits on the way: what is wrong is found at the same byte however the bytes were split.
struct LineScanner: Sendable {
    enum Section: Sendable {
        /// One empty line before the request line is skipped (RFC 9112 §2.2).
        case request
        case response
        /// No start line; may be empty.
        case trailers
    }

    private let section: Section
    /// Where the first line begins: behind an empty line that was skipped.
    private(set) var start = 0
    private var lineStart = 0
    private var scanned = 0
    private var lines = 0

    init(_ section: Section) {
        self.section = section
    }

    /// The position behind the empty line that ends the section; `nil` while it is not there.
    ///
    /// `bytes` must begin where it began in the call before, and may have grown at its end.
    mutating func end(
        in bytes: MessageBytes,
        limits: HTTPLimits
    ) throws(HTTPParseError) -> Int? {
        while let feed = bytes.firstIndex(of: ASCII.lineFeed, in: scanned..<bytes.count) {
            try checkSize(lineEnd: feed, total: feed + 1, limits)
            guard feed > lineStart, bytes[feed - 1] == ASCII.carriageReturn else {
                throw .bareLineFeed
            }
            let isEmpty = feed - 1 == lineStart
            lineStart = feed + 1
            scanned = feed + 1
            if isEmpty {
                if lines > 0 || section == .trailers { return feed + 1 }
                guard section == .request, start == 0 else {
                    throw .bad("an empty line stands where the first line of the head should be.")
                }
                start = feed + 1
            } else {
                lines += 1
                let fields = section == .trailers ? lines : lines - 1
                if fields > limits.fieldsMax { throw .tooManyFields }
            }
        }
        scanned = bytes.count
        // The next byte cannot end the section within its limit: refuse now, not later.
        try checkSize(lineEnd: bytes.count, total: bytes.count + 1, limits)
        return nil
    }

    private func checkSize(
        lineEnd: Int,
        total: Int,
        _ limits: HTTPLimits
    ) throws(HTTPParseError) {
        // One more for the CR.
        let isStartLine = lines == 0 && section != .trailers
        if isStartLine, lineEnd - lineStart > limits.startLineBytesMax + 1 {
            throw .startLineTooLong
        }
        if total > limits.headBytesMax { throw .headTooLarge }
    }
}
