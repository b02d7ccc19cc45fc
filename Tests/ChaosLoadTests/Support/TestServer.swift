import EventLoop
import HTTP
import Synchronization

/// An HTTP server on a free port of a loop of its own, which remembers what it was asked.
final class TestServer: Sendable {
    typealias Answer =
        @Sendable (_ request: HTTPRequest, _ number: Int) async throws -> HTTPResponse

    let url: String
    private let loop: Loop
    private let server: HTTPServer
    private let log: RequestLog

    private init(_ loop: Loop, _ server: HTTPServer, _ log: RequestLog) {
        self.loop = loop
        self.server = server
        self.log = log
        url = "http://\(server.address)"
    }

    /// Runs `body` with a server that answers each request by its number, from 1.
    static func run(
        _ answer: @escaping Answer,
        _ body: (TestServer) async throws -> Void
    ) async throws {
        let loop = try Loop.start(label: "server")
        defer { loop.stop() }
        let log = RequestLog()
        let server = try await loop.spawn {
            try await HTTPServer.start(on: .ipv4("127.0.0.1", 0)) { request in
                try await answer(request, log.add(request))
            }
        }.value
        do {
            try await body(TestServer(loop, server, log))
            await server.shutdown(grace: .seconds(1))
        } catch {
            await server.shutdown(grace: .seconds(1))
            throw error
        }
    }

    /// Everything that was asked so far.
    var requests: [HTTPRequest] { log.all }
}

/// The requests in the order of their arrival.
final class RequestLog: Sendable {
    private let requests = Mutex<[HTTPRequest]>([])

    var all: [HTTPRequest] { requests.withLock { $0 } }

    /// Returns the request's number.
    func add(_ request: HTTPRequest) -> Int {
        requests.withLock { requests in
            requests.append(request)
            return requests.count
        }
    }
}

/// Holds whoever comes until it is opened; then nobody any more.
final class Gate: Sendable {
    private struct State {
        var isOpen = false
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    func pass() async {
        await withCheckedContinuation { continuation in
            let isOpen = state.withLock { state in
                if !state.isOpen { state.waiting.append(continuation) }
                return state.isOpen
            }
            if isOpen { continuation.resume() }
        }
    }

    func open() {
        let waiting = state.withLock { state in
            state.isOpen = true
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }
}
