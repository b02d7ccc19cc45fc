/// Reads a journal piece by piece, so that it need not be held as a whole.
///
/// Gives the same events and the same problems however the bytes are cut into pieces.
package struct JournalStream {
    /// The begin of a line whose end has not come yet.
    private var pending: [UInt8] = []
    private var problems: [JournalProblem] = []
    private var problemsLeftOut = 0
    private var line = 0
    private var expected = 1

    package init() {}

    /// Reads a piece; calls `body` with each event in it.
    package mutating func take(_ piece: [UInt8], _ body: (JournalEvent) -> Void) {
        var start = piece.startIndex
        while start < piece.endIndex {
            guard let end = piece[start...].firstIndex(of: UInt8(ascii: "\n")) else {
                pending += piece[start...]
                return
            }
            if pending.isEmpty {
                read(piece[start..<end], isTerminated: true, body)
            } else {
                pending += piece[start..<end]
                read(pending[...], isTerminated: true, body)
                pending.removeAll(keepingCapacity: true)
            }
            start = end + 1
        }
    }

    /// Reads what is left and returns what is wrong with the journal, in the order of its lines.
    package mutating func finish(_ body: (JournalEvent) -> Void) -> [JournalProblem] {
        if !pending.isEmpty { read(pending[...], isTerminated: false, body) }
        pending = []
        guard problemsLeftOut > 0 else { return problems }
        let rest = JournalProblem(
            kind: .unreadable,
            line: line,
            message: "\(problemsLeftOut) more problems are not listed."
        )
        return problems + [rest]
    }

    private mutating func read(
        _ bytes: ArraySlice<UInt8>,
        isTerminated: Bool,
        _ body: (JournalEvent) -> Void
    ) {
        line += 1
        guard bytes.contains(where: { $0 > UInt8(ascii: " ") }) else { return }
        do {
            let event = try Self.event(bytes)
            checkSequence(event.sequence)
            body(event)
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

    private mutating func checkSequence(_ sequence: Int) {
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

    private mutating func report(_ kind: JournalProblem.Kind, _ message: String) {
        if problems.count < JournalReader.problemLimit {
            problems.append(JournalProblem(kind: kind, line: line, message: message))
        } else {
            problemsLeftOut += 1
        }
    }
}
