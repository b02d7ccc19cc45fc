import EventLoop
import JSON
import Synchronization

/// Tells what happens in the proxy to whoever listens now; any thread, and never waits.
///
/// While nobody listens an event costs one look at a number. Each listener has a bounded queue: who
/// reads too slowly is let go, so that no reader can hold up the proxy or fill its memory.
final class EventHub: Sendable {
    /// Listeners at a time.
    static let listenersMax = 64
    /// Events that wait for one listener.
    static let waitingMax = 1_024

    /// What a listener gets.
    enum Message: Sendable {
        case event(ProxyEvent)
        /// Nothing happened for a while: time to see whether the listener is still there.
        case silence
    }

    private struct Listener {
        let filter: EventFilter
        let continuation: AsyncStream<Message>.Continuation
    }

    private struct State {
        var listeners: [Int: Listener] = [:]
        var listenerCount = 0
        var eventCount: UInt64 = 0
    }

    private let state = Mutex(State())
    private let heard = Atomic<Int>(0)

    /// Whether anybody listens.
    var isHeard: Bool { heard.load(ordering: .relaxed) > 0 }

    /// Tells an event; its detail is made only when somebody listens.
    func tell(_ kind: ProxyEvent.Kind, of proxy: String, _ detail: () -> JSONObject) {
        guard isHeard else { return }
        var object: JSONObject = [
            "at_us": .integer(Loop.wallMicroseconds()), "proxy": .string(proxy),
        ]
        for member in detail().members { object[member.name] = member.value }
        let text = JSONValue.object(object).serialized()
        state.withLock { state in
            state.eventCount += 1
            let event = ProxyEvent(id: state.eventCount, kind: kind, proxy: proxy, text: text)
            for (number, listener) in state.listeners
            where listener.filter.accepts(kind, of: proxy) {
                guard case .dropped = listener.continuation.yield(.event(event)) else { continue }
                // It hears what waits for it, then its stream ends.
                listener.continuation.finish()
                state.listeners[number] = nil
            }
            heard.store(state.listeners.count, ordering: .relaxed)
        }
    }

    /// Begins to listen; `nil` when there are too many.
    ///
    /// - Returns: The listener's number, for `leave`, and what it hears. The stream ends when it
    ///   reads too slowly or the proxy stops.
    func listen(_ filter: EventFilter) -> (number: Int, messages: AsyncStream<Message>)? {
        let (messages, continuation) = AsyncStream<Message>.makeStream(
            bufferingPolicy: .bufferingOldest(EventHub.waitingMax)
        )
        let number = state.withLock { state -> Int? in
            guard state.listeners.count < EventHub.listenersMax else { return nil }
            state.listenerCount += 1
            state.listeners[state.listenerCount] = Listener(
                filter: filter,
                continuation: continuation
            )
            heard.store(state.listeners.count, ordering: .relaxed)
            return state.listenerCount
        }
        return number.map { ($0, messages) }
    }

    /// Reminds a listener that nothing happened.
    func remind(_ number: Int) {
        state.withLock { state in
            _ = state.listeners[number]?.continuation.yield(.silence)
        }
    }

    /// A listener is gone; harmless when it was let go before.
    func leave(_ number: Int) {
        state.withLock { state in
            state.listeners.removeValue(forKey: number)?.continuation.finish()
            heard.store(state.listeners.count, ordering: .relaxed)
        }
    }

    /// Lets everybody go.
    func close() {
        state.withLock { state in
            for listener in state.listeners.values { listener.continuation.finish() }
            state.listeners = [:]
            heard.store(0, ordering: .relaxed)
        }
    }
}
