import ChaosJournal
import ChaosModel
import ChaosRunner
import ChaosVerdict
import EventLoop
import HTTP
import JSON
import Synchronization

/// Tells others by HTTP when a run starts, is aborted and ends; never holds the run up.
///
/// Each address gets its events in order, on a loop of its own. An event is sent again twice when
/// it was not answered with 2xx; what cannot be delivered is said on stderr and changes nothing.
/// Every wait is bounded, so that a run ends at most `patience` and one attempt later.
final class Webhooks: Sendable {
    static let attemptsMax = 3
    /// How long one attempt may take.
    private static let attemptTimeout = Duration.seconds(3)
    private static let pauses: [Duration] = [.milliseconds(200), .seconds(1)]
    /// How long the end of a run waits for what is still on its way.
    private static let patience = Duration.seconds(5)

    private struct State {
        /// The last delivery to each address, which the next one follows.
        var last: [String: Task<Void, any Error>] = [:]
        var run: JSONObject = [:]
    }

    private let addresses: [String]
    private let loop: Loop?
    private let client: HTTPClient?
    private let state: Mutex<State>

    /// Without addresses it does nothing.
    ///
    /// Throws `SystemError` when no loop can be made.
    init(_ addresses: [String], file: String, title: String) throws {
        self.addresses = addresses
        loop = addresses.isEmpty ? nil : try Loop.start(label: "webhooks")
        client = loop.map { HTTPClient(maxConnectionsPerHost: 2, loop: $0) }
        state = Mutex(State(run: ["file": .string(file), "title": .string(title)]))
    }

    /// Sends what is worth an event.
    func take(_ progress: RunProgress) {
        switch progress {
        case .directory(let path):
            state.withLock { $0.run["directory"] = .string(path) }
            tell("run-started", [:])
        case .stopping(let reason, let why):
            tell("run-stopping", ["reason": .string(reason.rawValue), "text": .string(why)])
        default: break
        }
    }

    /// Sends the end of the run and waits a little for what is still on its way.
    func end(_ verdict: Verdict, report: String) async {
        tell(
            "run-ended",
            [
                "outcome": .string(verdict.outcome.rawValue),
                "exit_status": .integer(Int64(verdict.exitStatus)),
                "text": .string(verdict.sentence), "report": .string(report),
            ]
        )
        await close()
    }

    /// Ends all deliveries; harmless when there are none.
    func close() async {
        guard let loop else { return }
        let tasks = state.withLock { Array($0.last.values) }
        let client = client
        let end = loop.spawn {
            let timer = loop.after(Self.patience) { for task in tasks { task.cancel() } }
            for task in tasks { _ = try? await task.value }
            loop.cancel(timer)
            client?.close()
        }
        _ = try? await end.value
        loop.stop()
    }

    private static var now: String {
        Timestamp(microseconds: Loop.wallMicroseconds()).rfc3339
    }

    private func tell(_ event: String, _ details: JSONObject) {
        guard let loop, let client else { return }
        state.withLock { state in
            var document: JSONObject = [
                "event": .string(event), "at": .string(Self.now),
            ]
            for member in state.run.members + details.members {
                document[member.name] = member.value
            }
            let body = Array(JSONValue.object(document).serialized().utf8)
            for address in addresses {
                let previous = state.last[address]
                // Owned by the state, and waited for in `close`.
                state.last[address] = loop.spawn {
                    _ = try? await previous?.value
                    await Self.deliver(event, body, to: address, by: client, on: loop)
                }
            }
        }
    }

    private static func deliver(
        _ event: String,
        _ body: [UInt8],
        to address: String,
        by client: HTTPClient,
        on loop: Loop
    ) async {
        var last = "the run ended first"
        for attempt in 0..<attemptsMax where !Task.isCancelled {
            if attempt > 0 { try? await loop.sleep(for: pauses[attempt - 1]) }
            do {
                let answer = try await client.request(
                    "POST",
                    url: address,
                    headers: ["Content-Type": "application/json"],
                    body: body,
                    timeout: attemptTimeout
                )
                if (200..<300).contains(answer.status) { return }
                last = "it answered \(answer.status)"
            } catch {
                last = "\(error)"
            }
        }
        Console.say(
            "The webhook \(address) did not get \(event): \(last). The run is not affected."
        )
    }
}
