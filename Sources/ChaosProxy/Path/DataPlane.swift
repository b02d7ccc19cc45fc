import EventLoop
import Synchronization

/// The threads that carry bytes: each connection lives wholly on one data loop.
///
/// A proxy has a `LinkPort` of the same number on every loop. The one on the first loop listens and
/// hands each accepted socket to the loop that has the fewest connections.
final class DataPlane: Sendable {
    /// More loops than this help nobody on one machine.
    static let loopsMax = 16

    let loops: [DataLoop]
    /// Who listens hears from here what happens on any loop.
    let events = EventHub()

    /// Starts the threads.
    ///
    /// - Parameters:
    ///   - loopCount: 1 … 16; `nil`: one per processor that this process may use.
    ///   - dialTimeout: How long a server may take to accept a connection.
    /// - Throws: `SystemError` when the kernel gives no epoll descriptor or thread.
    init(loopCount: Int? = nil, dialTimeout: Duration) throws(SystemError) {
        let count = min(max(1, loopCount ?? Loop.processorCount), DataPlane.loopsMax)
        var loops: [DataLoop] = []
        do {
            for index in 0..<count {
                loops.append(try DataLoop(label: "chaos-data-\(index)", dialTimeout: dialTimeout))
            }
        } catch {
            for data in loops { data.loop.stop() }
            throw error
        }
        self.loops = loops
    }

    /// Where proxies listen and names are looked up.
    var home: DataLoop { loops[0] }

    /// Runs `body` on every data loop and returns the results, that of the first loop in front.
    ///
    /// The first loop is done before the others begin, so that what it handed over before is there
    /// when their turn comes.
    @discardableResult
    func perform<T: Sendable>(_ body: @escaping @Sendable (DataLoop) -> T) async -> [T] {
        var results = [await home.perform(body)]
        let others = loops.dropFirst()
        guard !others.isEmpty else { return results }
        results += await withCheckedContinuation { continuation in
            let gathering = Gathering(count: others.count, continuation)
            for (index, data) in others.enumerated() {
                data.loop.execute { gathering.add(body(data), at: index) }
            }
        }
        return results
    }

    /// The first address of a name; `nil` when it has none.
    func lookUp(_ host: String, port: UInt16) async -> SocketAddress? {
        await home.lookUp(host, port: port)
    }

    /// The loop with the fewest connections, for one more.
    func leastLoaded() -> DataLoop {
        var best = home
        var fewest = Int.max
        for data in loops {
            let count = data.connectionCount.load(ordering: .relaxed)
            if count < fewest { (best, fewest) = (data, count) }
        }
        return best
    }

    /// Closes everything and ends the threads.
    func shutdown() async {
        await perform { data in data.closeAll() }
        for data in loops { data.loop.stop() }
    }
}

/// Collects one result from each of some loops.
private final class Gathering<T: Sendable>: Sendable {
    private struct State {
        var results: [T?]
        var missing: Int
    }

    private let state: Mutex<State>
    private let continuation: CheckedContinuation<[T], Never>

    init(count: Int, _ continuation: CheckedContinuation<[T], Never>) {
        state = Mutex(State(results: Array(repeating: nil, count: count), missing: count))
        self.continuation = continuation
    }

    func add(_ result: T, at index: Int) {
        let all = state.withLock { state -> [T]? in
            state.results[index] = result
            state.missing -= 1
            return state.missing == 0 ? state.results.compactMap(\.self) : nil
        }
        if let all { continuation.resume(returning: all) }
    }
}
