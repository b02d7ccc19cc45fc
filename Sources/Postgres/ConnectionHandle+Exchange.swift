import CPostgres
import EventLoop

/// What the loss of the connection would mean for the statement under way.
struct Stakes {
    /// Whether a lost connection proves that nothing was changed.
    var lossIsDefinite: Bool
    /// What the statement is called in messages.
    var name: String
}

extension ConnectionHandle {
    /// How many bytes of values one result may have.
    static let resultBytesMax = 64 << 20

    /// Sends with one `PQsend…` call, waits for all its results and returns the last one.
    func exchange(
        _ patience: Patience,
        _ stakes: Stakes,
        send: (OpaquePointer) -> Int32
    ) async throws(PostgresError) -> PostgresRows {
        let pointer = unsafe try occupy(patience, stakes)
        defer { isBusy = false }
        guard unsafe send(pointer) == 1 else { throw lost(stakes) }
        unsafe _ = PQsetSingleRowMode(pointer)
        try await flush(patience, stakes)
        return try await collect(patience, stakes)
    }

    /// Makes the connection busy for one exchange, whose end must make it free again.
    func occupy(
        _ patience: Patience,
        _ stakes: Stakes
    ) throws(PostgresError) -> OpaquePointer {
        let pointer = unsafe try claim()
        guard !isBusy else {
            throw PostgresError(
                .misuse,
                "\(stakes.name): another statement runs on this connection. "
                    + "Wait for its end, or take a second connection from a pool.",
                isDefinite: true
            )
        }
        if patience.heedsCancellation && Task.isCancelled {
            throw PostgresError(.cancelled, "cancelled before it was sent", isDefinite: true)
        }
        guard unsafe PQstatus(pointer) == CONNECTION_OK else {
            close()
            throw PostgresError(.connection, "the connection was lost before", isDefinite: true)
        }
        isBusy = true
        return unsafe pointer
    }

    func flush(_ patience: Patience, _ stakes: Stakes) async throws(PostgresError) {
        while true {
            let state = unsafe PQflush(try claim(lossIsDefinite: stakes.lossIsDefinite))
            if state == 0 { return }
            guard state > 0 else { throw lost(stakes) }
            // The server may want to be read before it reads on (libpq, "Asynchronous Command
            // Processing").
            try await pause(for: [.readable, .writable], patience, stakes)
            guard unsafe PQconsumeInput(try claim(lossIsDefinite: stakes.lossIsDefinite)) == 1
            else { throw lost(stakes) }
        }
    }

    private func collect(
        _ patience: Patience,
        _ stakes: Stakes
    ) async throws(PostgresError) -> PostgresRows {
        var reader = ResultReader(stakes: stakes)
        while true {
            while unsafe PQisBusy(try claim(lossIsDefinite: stakes.lossIsDefinite)) == 1 {
                try await pause(for: .readable, patience, stakes)
                // A failure here shows up as an error result below.
                unsafe _ = PQconsumeInput(try claim(lossIsDefinite: stakes.lossIsDefinite))
            }
            guard let result = unsafe PQgetResult(try claim(lossIsDefinite: stakes.lossIsDefinite))
            else { break }
            unsafe reader.read(result)
            unsafe PQclear(result)
            if reader.mustAbandon { abandon(); break }
        }
        drainNotifications()
        if !isGood { close() }
        return try reader.outcome()
    }

    func pause(
        for interest: Readiness,
        _ patience: Patience,
        _ stakes: Stakes
    ) async throws(PostgresError) {
        switch await wait(for: interest, patience) {
        case .ready: return
        case .closed:
            throw PostgresError(
                .connection,
                "\(stakes.name): the connection was closed while it ran",
                isDefinite: stakes.lossIsDefinite
            )
        case .expired:
            abandon()
            throw PostgresError(
                .timeout,
                "\(stakes.name) did not end in time; the connection is closed. "
                    + "Check whether the change was made before you repeat it.",
                isDefinite: false
            )
        case .cancelled:
            abandon()
            throw PostgresError(
                .cancelled,
                "\(stakes.name) was cancelled while it ran; the connection is closed",
                isDefinite: stakes.lossIsDefinite
            )
        }
    }

    func lost(_ stakes: Stakes) -> PostgresError {
        let text = errorText
        close()
        return PostgresError(
            .connection,
            "\(stakes.name): \(text)",
            isDefinite: stakes.lossIsDefinite
        )
    }
}
