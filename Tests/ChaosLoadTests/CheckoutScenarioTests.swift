import ChaosJournal
import ChaosModel
import EventLoop
import HTTP
import JSON
import Testing

@testable import ChaosLoad

/// The client of the shop, against a server that answers as the shop may.
@Suite(.timeLimit(.minutes(2))) struct CheckoutScenarioTests {
    private static let placed = HTTPResponse.json(
        #"{"order":"o-1","status":"/orders/o-1"}"#,
        status: 202
    )

    private static func state(_ state: String, _ more: String = "") -> HTTPResponse {
        .json(#"{"state":"\#(state)"\#(more)}"#)
    }

    private struct Outcome {
        var placement: ClientOperation
        var checkout: ClientOperation
        var read: ClientOperation?
        var requests: [HTTPRequest]
    }

    /// What one client of the shop ends with; it has `patience`.
    private func outcome(
        patience: Duration = .seconds(30),
        mix: LoadProfile.Mix = .init(),
        _ answer: @escaping TestServer.Answer
    ) async throws -> Outcome {
        let history = History()
        var requests: [HTTPRequest] = []
        var profile = LoadProfile.steady("checkout", rate: 20, timeout: patience)
        profile.mix = mix
        try await TestServer.run(answer) { server in
            let generator = LoadGenerator(
                profile: profile,
                gateway: server.url + "/",
                seed: 5,
                runStartNanoseconds: 0,
                sink: history.add
            )
            try generator.start()
            await history.waitForInvocations(2)
            generator.stopArrivals()
            await generator.drain(within: .seconds(60))
            let key = history.operations.first?.key
            requests = server.requests.filter {
                let sent = $0.headers["Idempotency-Key"]
                return sent == nil || sent == key
            }
        }
        let mine = history.ends.filter { $0.arrival == 1 }
        return Outcome(
            placement: try #require(mine.first { $0.operation == "placement" }),
            checkout: try #require(mine.first { $0.operation == "checkout" }),
            read: mine.first { $0.operation == "read" },
            requests: requests
        )
    }

    @Test func `an order is placed with a key and followed until it is confirmed`() async throws {
        let result = try await outcome { request, _ in
            request.method == "POST" ? Self.placed : Self.state("confirmed")
        }
        #expect(result.placement.kind == .ok)
        #expect(result.placement.status == 202 && result.placement.order == "o-1")
        #expect(result.checkout.kind == .ok && result.checkout.order == "o-1")
        let post = try #require(result.requests.first { $0.method == "POST" })
        #expect(post.target == "/orders")
        #expect(post.headers["Idempotency-Key"] == result.placement.key)
        let order = try JSONValue.parse(post.body)
        #expect(order.objectValue?.names == ["customer", "sku", "quantity", "amount_cents"])
        let get = try #require(result.requests.first { $0.method == "GET" })
        #expect(get.target == "/orders/o-1?wait=10s")
    }

    @Test func `who reads asks once more when all is over, and is not kept waiting`() async throws {
        var mix = LoadProfile.Mix()
        mix.reading = 1
        let result = try await outcome(mix: mix) { request, _ in
            request.method == "POST" ? Self.placed : Self.state("confirmed")
        }
        let targets = result.requests.filter { $0.method == "GET" }.map(\.target)
        #expect(targets.prefix(2) == ["/orders/o-1?wait=10s", "/orders/o-1"])
        #expect(result.read?.kind == .ok && result.read?.status == 200)
        // Its time counts from its own beginning, not from the order's.
        let read = try #require(result.read?.latencyMilliseconds)
        #expect(try read <= #require(result.checkout.latencyMilliseconds))
    }

    @Test func `an order that is cancelled fails and says why`() async throws {
        let result = try await outcome { request, _ in
            request.method == "POST"
                ? Self.placed : Self.state("cancelled", #","reason":"declined""#)
        }
        #expect(result.placement.kind == .ok)
        #expect(result.checkout.kind == .fail)
        #expect(result.checkout.detail == "cancelled: declined")
    }

    @Test func `a refused order fails both, once`() async throws {
        let result = try await outcome { _, _ in .text("bad", status: 422) }
        #expect(result.placement.kind == .fail && result.placement.status == 422)
        #expect(result.checkout.kind == .fail)
        #expect(result.checkout.detail == "not placed: status 422")
        #expect(result.requests.count == 1)
    }

    @Test func `an uncertain answer is asked for again, with the same key and the same order`()
        async throws
    {
        let log = RequestLog()
        let result = try await outcome { request, _ in
            guard request.method == "POST" else { return Self.state("confirmed") }
            return log.add(request) <= 4 ? .text("later", status: 503) : Self.placed
        }
        #expect(result.placement.kind == .ok)
        let posts = result.requests.filter { $0.method == "POST" }
        #expect(Set(posts.map(\.body)).count == 1)
        #expect(Set(posts.map { $0.headers["Idempotency-Key"] }) == [result.placement.key])
    }

    @Test func `a refusal after an uncertain answer leaves the client in doubt`() async throws {
        let result = try await outcome { request, _ in
            let key = request.headers["Idempotency-Key"] ?? ""
            return await Self.first.isFirst(key)
                ? .text("oh", status: 500) : .text("no", status: 400)
        }
        #expect(result.placement.kind == .info && result.placement.status == 400)
        #expect(result.checkout.kind == .info)
    }

    @Test func `an acceptance that cannot be read leaves the client in doubt`() async throws {
        let result = try await outcome { _, _ in .json(#"{"order":"o-1"}"#, status: 202) }
        #expect(result.placement.kind == .info)
        #expect(result.placement.detail == "an unreadable answer")
    }

    @Test func `an order whose end is not seen in time is unknown`() async throws {
        let result = try await outcome(patience: .seconds(2)) { request, _ in
            request.method == "POST" ? Self.placed : Self.state("pending")
        }
        #expect(result.placement.kind == .ok)
        #expect(result.checkout.kind == .info && result.checkout.detail == "state pending")
    }

    @Test func `a shop that is too busy is not the cause of a doubt`() async throws {
        let result = try await outcome(patience: .seconds(2)) { _, _ in
            var answer = HTTPResponse.text("busy", status: 429)
            answer.headers.append("Retry-After", "0.1")
            return answer
        }
        #expect(result.placement.kind == .fail && result.placement.detail == "status 429")
        #expect(result.checkout.kind == .fail)
    }

    @Test(arguments: [
        (202, "done"), (200, "done"), (429, "again"), (425, "again"), (409, "doubt"),
        (408, "doubt"),
        (500, "doubt"), (503, "doubt"), (599, "doubt"), (400, "refused"), (404, "refused"),
        (422, "refused"), (302, "refused"),
    ])
    func `a status has its meaning`(_ status: Int, _ meaning: String) {
        let expected: CheckoutScenario.Meaning =
            switch meaning {
            case "done": .done
            case "again": .tryAgain(mayHaveHappened: false)
            case "doubt": .tryAgain(mayHaveHappened: true)
            default: .refused
            }
        #expect(CheckoutScenario.meaning(of: status) == expected)
    }

    @Test func `the same seed orders the same goods, under keys of its own`() async throws {
        func orders() async throws -> (bodies: [String], keys: Set<String>) {
            let history = History()
            var bodies: [String: String] = [:]
            try await TestServer.run { _, _ in
                .text("no", status: 400)
            } _: { server in
                let generator = LoadGenerator(
                    profile: .steady("checkout", rate: 200),
                    gateway: server.url,
                    seed: 77,
                    runStartNanoseconds: 0,
                    sink: history.add
                )
                try generator.start()
                await history.waitForEnds(40)
                await generator.drain(within: .seconds(20))
                for request in server.requests {
                    let key = request.headers["Idempotency-Key"] ?? ""
                    bodies[key] = String(decoding: request.body, as: UTF8.self)
                }
            }
            let keys = history.invocations.filter { $0.operation == "placement" }.map(\.key)
            return (keys.prefix(20).compactMap { bodies[$0] }, Set(keys))
        }
        let (first, second) = (try await orders(), try await orders())
        #expect(first.bodies.count == 20)
        #expect(first.bodies == second.bodies)
        #expect(Set(first.bodies).count > 15)
        #expect(first.keys.isDisjoint(with: second.keys))
    }

    private static let first = FirstTimes()
}

/// Tells the first question about a word from later ones.
actor FirstTimes {
    private var seen: Set<String> = []

    func isFirst(_ word: String) -> Bool { seen.insert(word).inserted }
}
