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
        var state = State()
        var start = bytes.startIndex
        while start < bytes.endIndex {
            let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.endIndex
            state.take(bytes[start..<end], isTerminated: end < bytes.endIndex)
            start = end < bytes.endIndex ? end + 1 : end
        }
        return state.finish()
    }

    private struct State {
        var events: [JournalEvent] = []
        var problems: [JournalProblem] = []
        var problemsLeftOut = 0
        var line = 0
        var expected = 1

        mutating func take(_ bytes: ArraySlice<UInt8>, isTerminated: Bool) {
            line += 1
            guard bytes.contains(where: { $0 > UInt8(ascii: " ") }) else { return }
            do {
                let event = try Self.event(bytes)
                checkSequence(event.sequence)
                events.append(event)
            } catch {
                if isTerminated {
                    report(.unreadable, "line \(line) cannot be read: \(error.message).")
                    expected += 1
                } else {
                    report(
                        .tornEnd,
                        "the last line (\(line)) is incomplete: the writer was stopped while it "
                            + "wrote. It is left out."
                    )
                }
            }
        }

        private static func event(_ bytes: ArraySlice<UInt8>) throws(JournalError) -> JournalEvent {
            if let event = OperationScanner.event(bytes) { return event }
            return try JournalEvent(line: Array(bytes))
        }

        mutating func checkSequence(_ sequence: Int) {
            if sequence > expected {
                let missing = sequence - expected
                report(
                    .sequence,
                    "\(missing) event\(missing == 1 ? " is" : "s are") missing before line "
                        + "\(line): "
                        + "sequence number \(sequence) where \(expected) is due."
                )
            } else if sequence < expected {
                report(
                    .sequence,
                    "line \(line) has sequence number \(sequence) where \(expected) is due: "
                        + "it was written twice or by a second writer."
                )
            }
            expected = Swift.max(expected, sequence == .max ? sequence : sequence + 1)
        }

        mutating func report(_ kind: JournalProblem.Kind, _ message: String) {
            if problems.count < JournalReader.problemLimit {
                problems.append(JournalProblem(kind: kind, line: line, message: message))
            } else {
                problemsLeftOut += 1
            }
        }

        func finish() -> (events: [JournalEvent], problems: [JournalProblem]) {
            guard problemsLeftOut > 0 else { return (events, problems) }
            let rest = JournalProblem(
                kind: .unreadable,
                line: line,
                message: "\(problemsLeftOut) more problems are not listed."
            )
            return (events, problems + [rest])
        }
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
