/// Reads a whole journal, also one whose writer was killed in the middle of a line.
package enum JournalReader {
    /// At most so many problems are told apart; the rest is counted in the last one.
    package static let problemLimit = 100

    /// Reads every line that can be read.
    ///
    /// Never fails: what is wrong with the journal stands in `problems`, in the order of its lines.
    /// An incomplete last line is left out, an unreadable line in the middle too, and a gap in the
    /// sequence numbers is reported where it is noticed.
    package static func events(
        in bytes: [UInt8]
    ) -> (events: [JournalEvent], problems: [JournalProblem]) {
        var stream = JournalStream()
        var events: [JournalEvent] = []
        stream.take(bytes) { events.append($0) }
        let problems = stream.finish { events.append($0) }
        return (events, problems)
    }
}

/// Something that is wrong with a journal; what could be read is read all the same.
package struct JournalProblem: Hashable, Sendable {
    package enum Kind: String, Sendable {
        /// The last line has no end: the writer was killed.
        case tornEnd = "torn-end"
        /// A line is no event.
        case unreadable
        /// Sequence numbers are missing or repeated.
        case sequence
    }
    package var kind: Kind
    /// The line's number, from 1.
    package var line: Int
    /// A sentence for people.
    package var message: String

    package init(kind: Kind, line: Int, message: String) {
        self.kind = kind
        self.line = line
        self.message = message
    }
}
