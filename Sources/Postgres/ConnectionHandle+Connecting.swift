import CPostgres
import EventLoop

extension ConnectionHandle {
    /// Begins to connect; the rest is `finishConnecting`.
    ///
    /// Keywords before `dbname` are defaults that the connection string may override, those after
    /// it override the string. Encryption by GSSAPI is not tried by default: it costs a round trip.
    static func start(
        _ conninfo: String,
        options: StaticString,
        loop: Loop
    ) throws(PostgresError) -> ConnectionHandle {
        let info = try ParameterTexts.terminated(conninfo, name: "the connection string")
        let started: OpaquePointer? = unsafe info.withUnsafeBufferPointer { info in
            let keywords: [StaticString] = [
                "gssencmode", "application_name", "options", "dbname", "client_encoding",
            ]
            let defaults: [StaticString] = ["disable", "chaos", options, "", "UTF8"]
            var names = unsafe keywords.map { unsafe Self.cString($0) }
            var values = unsafe defaults.map { unsafe Self.cString($0) }
            unsafe values[3] = info.baseAddress
            unsafe names.append(nil)
            unsafe values.append(nil)
            return unsafe PQconnectStartParams(names, values, 1)
        }
        guard let pointer = unsafe started else {
            throw PostgresError(.connection, "out of memory", isDefinite: true)
        }
        // So that a refusal's text carries its SQLSTATE: libpq offers it nowhere else.
        unsafe _ = PQsetErrorVerbosity(pointer, PQERRORS_VERBOSE)
        return unsafe ConnectionHandle(adopting: pointer, loop: loop)
    }

    private static func cString(_ text: StaticString) -> UnsafePointer<CChar>? {
        unsafe UnsafeRawPointer(text.utf8Start).assumingMemoryBound(to: CChar.self)
    }

    /// Connects; libpq may change sockets between two polls, so each is watched for one wait only.
    func finishConnecting(_ patience: Patience) async throws(PostgresError) {
        guard unsafe PQstatus(try claim()) != CONNECTION_BAD else { throw refusal() }
        // Nobody else may read the socket until libpq's handshake is over.
        isBusy = true
        defer { isBusy = false }
        var state = PGRES_POLLING_WRITING
        while state != PGRES_POLLING_OK {
            let interest: Readiness = state == PGRES_POLLING_READING ? .readable : .writable
            try watch()
            let outcome = await wait(for: interest, patience)
            unwatch()
            try check(outcome)
            state = unsafe PQconnectPoll(try claim())
            if state == PGRES_POLLING_FAILED { throw refusal() }
        }
        unsafe _ = PQsetnonblocking(try claim(), 1)
        try watch()
    }

    private func check(_ wake: Wake) throws(PostgresError) {
        switch wake {
        case .ready: return
        case .expired:
            throw PostgresError(
                .timeout,
                "connecting to \(target) did not end in time. Check that the server answers there.",
                isDefinite: true
            )
        case .cancelled, .closed:
            throw PostgresError(
                .cancelled,
                "connecting to \(target) was cancelled",
                isDefinite: true
            )
        }
    }

    /// Host and port as messages name them; never the whole connection string, for the password.
    private var target: String {
        guard let pointer = unsafe pointer else { return "the server" }
        let host = unsafe PQhost(pointer).map { unsafe String(cString: $0) } ?? ""
        let port = unsafe PQport(pointer).map { unsafe String(cString: $0) } ?? ""
        return "\(host):\(port)"
    }

    private func refusal() -> PostgresError {
        let (text, sqlState) = RefusalText.parse(errorText)
        return PostgresError(.connection, text, sqlState: sqlState, isDefinite: true)
    }
}

/// The text of a refused connection: `… failed: FATAL:  57P03: the database system is starting up`.
enum RefusalText {
    /// Takes the SQLSTATE and the LOCATION line, both of which verbose texts carry, out of the
    /// text.
    static func parse(_ text: String) -> (text: String, sqlState: String?) {
        let lines = text.split(separator: "\n").filter { !$0.hasPrefix("LOCATION:") }
        let joined = lines.joined(separator: " ")
        let pattern = #/:  (?<state>[0-9A-Z]{5}):[ ]/#
        guard let match = joined.firstMatch(of: pattern) else { return (joined, nil) }
        let state = String(match.output.state)
        return (joined.replacing(pattern, with: ": ", maxReplacements: 1), state)
    }
}
