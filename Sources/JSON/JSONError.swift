/// A mistake in JSON text: what was expected, what was found, where, and what to do.
package struct JSONError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What went wrong, without the position: `expected a value, found ','`.
    package var message: String
    /// What to do about it, a whole sentence; empty when there is nothing to say.
    package var remedy: String
    /// 1 is the first line.
    package var line: Int
    /// 1 is the first character of the line; counted in Unicode scalars.
    package var column: Int
    /// Bytes before the mistake.
    package var offset: Int

    package init(message: String, remedy: String = "", line: Int, column: Int, offset: Int) {
        self.message = message
        self.remedy = remedy
        self.line = line
        self.column = column
        self.offset = offset
    }

    /// All parts on one line.
    ///
    /// For example `14:17: expected a value, found ','. Remove the comma.`
    package var description: String {
        remedy.isEmpty
            ? "\(line):\(column): \(message)." : "\(line):\(column): \(message). \(remedy)"
    }
}

/// The bounds that a reader puts on its input.
package struct JSONLimits: Hashable, Sendable {
    /// How deep arrays and objects may nest; the reader's stack grows with it.
    package var depth: Int
    /// The largest text in bytes.
    package var bytes: Int

    /// The usual bounds: 128 levels, 256 MiB.
    package static let standard = JSONLimits(depth: 128, bytes: 256 << 20)

    package init(depth: Int, bytes: Int) {
        self.depth = depth
        self.bytes = bytes
    }
}
