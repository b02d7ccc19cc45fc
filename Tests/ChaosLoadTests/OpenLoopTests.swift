import ChaosJournal
import ChaosModel
import ChaosPluginAPI
import EventLoop
import HTTP
import Testing

@testable import ChaosLoad

/// The generator against a real server: what it does when the system is slow, gone or too much.
@Suite(.timeLimit(.minutes(2))) struct OpenLoopTests {
    /// A generator that has started; `body` runs meanwhile, and everything has ended afterwards.
    private func load(
        _ profile: LoadProfile,
        at url: String,
        seed: UInt64 = 1,
        inFlightMax: Int = 1000,
        drain limit: Duration = .seconds(20),
        hook: (@Sendable (JournalEvent.Payload) -> Void)? = nil,
        _ body: (LoadGenerator, History) async throws -> Void
    ) async throws -> (LoadGenerator, History) {
        let history = History()
        let generator = LoadGenerator(
            profile: profile,
            gateway: url,
            seed: seed,
            runStartNanoseconds: Loop.monotonicNanoseconds(),
            inFlightMax: inFlightMax
        ) { payload in
            hook?(payload)
            history.add(payload)
        }
        try generator.start()
        do {
            try await body(generator, history)
        } catch {
            await generator.drain(within: .zero)
            throw error
        }
        await generator.drain(within: limit)
        return (generator, history)
    }

    @Test func `every operation is invoked, then ends exactly once`() async throws {
        try await TestServer.run { _, number in
            number % 10 == 0 ? .text("no", status: 404) : .text("yes")
        } _: { server in
            let profile = LoadProfile.steady("http-get", rate: 50)
            let (generator, history) = try await load(profile, at: server.url) { _, history in
                await history.waitForEnds(100)
            }
            let byArrival = Dictionary(grouping: history.operations, by: \.arrival)
            for (arrival, operations) in byArrival {
                #expect(operations.map(\.kind).first == .invoke, "arrival \(arrival)")
                #expect(operations.count == 2, "arrival \(arrival)")
            }
            #expect(byArrival.keys.sorted() == Array(1...byArrival.count))
            #expect(Set(history.invocations.map(\.key)).count == byArrival.count)
            let counts = try #require(generator.report().operations.first?.counts)
            #expect(counts.pending == 0 && counts.info == 0)
            #expect(counts.ok + counts.fail == server.requests.count)
            #expect(counts.fail == server.requests.count / 10)
            #expect(history.ends.allSatisfy { ($0.status == 200) == ($0.kind == .ok) })
            #expect(history.ends.allSatisfy { $0.latencyMilliseconds != nil })
        }
    }

    @Test func `a server that stalls does not slow the arrivals, and all of them feel it`()
        async throws
    {
        let gate = Gate()
        try await TestServer.run { _, _ in
            await gate.pass()
            return .text("at last")
        } _: { server in
            let profile = LoadProfile.steady("http-get", rate: 200)
            let (generator, history) = try await load(profile, at: server.url) { _, history in
                defer { gate.open() }
                // Nothing was answered yet, and they keep coming.
                await history.waitForInvocations(100)
                #expect(history.ends.isEmpty)
                await history.wait { _ in server.requests.count >= 50 }
            }
            // The first waited while at least 99 others came, 5 ms apart.
            let first = try #require(history.ends.first { $0.arrival == 1 })
            #expect(try #require(first.latencyMilliseconds) >= 99 * 5)
            let latencies = history.ends.compactMap(\.latencyMilliseconds)
            #expect(latencies.count == history.invocations.count)
            let report = generator.report().operations[0]
            #expect(try #require(report.max) >= 99 * 5)
            #expect(report.counts.ok == report.planned)
        }
    }

    /// The generator's own thread is held up: it says so, and the operations that it began late are
    /// as late as their clients would have been.
    @Test func `latency counts from the planned start, and the generator's lag is told`()
        async throws
    {
        let stall: Int64 = 300_000_000
        try await TestServer.run { _, _ in
            .text("at once")
        } _: { server in
            let hook: @Sendable (JournalEvent.Payload) -> Void = { payload in
                guard case .operation(let operation) = payload, operation.arrival == 1,
                    operation.kind == .invoke
                else { return }
                let until = Loop.monotonicNanoseconds() + stall
                while Loop.monotonicNanoseconds() < until {}
            }
            let profile = LoadProfile.steady("http-get", rate: 100)
            let (generator, history) = try await load(profile, at: server.url, hook: hook) {
                await $1.waitForEnds(30)
            }
            let report = generator.report()
            // The second was due 10 ms after the first, and could begin 290 ms later at the
            // earliest.
            #expect(report.lagMax >= 285)
            #expect(!report.isSound)
            let second = try #require(history.ends.first { $0.arrival == 2 })
            #expect(try #require(second.latencyMilliseconds) >= 285)
            #expect(history.seconds.map(\.lag).max().map { $0 >= 285 } == true)
        }
    }

    @Test func `what the generator cannot carry fails as saturated, and is not dropped`()
        async throws
    {
        let gate = Gate()
        try await TestServer.run { _, _ in
            await gate.pass()
            return .text("yes")
        } _: { server in
            let profile = LoadProfile.steady("http-get", rate: 200)
            let (generator, history) = try await load(profile, at: server.url, inFlightMax: 3) {
                defer { gate.open() }
                await $1.waitForEnds(20)
            }
            let saturated = history.ends.filter { $0.detail == "generator saturated" }
            #expect(saturated.count >= 20)
            #expect(saturated.allSatisfy { $0.kind == .fail && $0.latencyMilliseconds == nil })
            let report = generator.report()
            #expect(report.saturated == saturated.count)
            #expect(!report.isSound)
            #expect(history.ends.count == history.invocations.count)
            #expect(history.ends.count { $0.kind == .ok } >= 3)
        }
    }

    @Test func `a client that gets no answer in time does not know; a refused one knows`()
        async throws
    {
        let gate = Gate()
        try await TestServer.run { _, _ in
            await gate.pass()
            return .text("too late")
        } _: { server in
            defer { gate.open() }
            let patience = Duration.seconds(1)
            let profile = LoadProfile.steady("http-get", rate: 50, timeout: patience)
            let (_, history) = try await load(profile, at: server.url) { await $1.waitForEnds(5) }
            #expect(history.ends.allSatisfy { $0.kind == .info && $0.detail == "timeout" })
            #expect(history.ends.allSatisfy { ($0.latencyMilliseconds ?? 0) >= 995 })
        }
        // Port 1 of this machine: nobody listens there.
        let profile = LoadProfile.steady("http-get", rate: 50)
        let (_, history) = try await load(profile, at: "http://127.0.0.1:1") {
            await $1.waitForEnds(5)
        }
        #expect(history.ends.allSatisfy { $0.kind == .fail && $0.detail == "refused" })
    }

    @Test func `what is in flight when the drain's limit is over ends as unknown`() async throws {
        let gate = Gate()
        try await TestServer.run { _, _ in
            await gate.pass()
            return .text("never")
        } _: { server in
            defer { gate.open() }
            let profile = LoadProfile.steady("http-get", rate: 100)
            let (generator, history) = try await load(
                profile,
                at: server.url,
                drain: .milliseconds(50)
            ) { _, history in
                await history.wait { _ in server.requests.count >= 5 }
            }
            #expect(history.ends.count == history.invocations.count)
            #expect(history.ends.count { $0.kind == .info } >= 5)
            #expect(generator.report().operations[0].counts.pending == 0)
            // Harmless the second time.
            await generator.drain(within: .zero)
        }
    }

    @Test func `no arrival comes after the arrivals were stopped`() async throws {
        try await TestServer.run { _, _ in
            .text("yes")
        } _: { server in
            let profile = LoadProfile.steady("http-get", rate: 50)
            let (generator, history) = try await load(profile, at: server.url) { _, history in
                await history.waitForEnds(10)
            }
            let planned = generator.report().operations[0].planned
            #expect(planned == history.invocations.count)
            #expect(server.requests.count == planned)
            #expect(history.seconds.map(\.planned).reduce(0, +) == planned)
            #expect(history.seconds.map(\.ok).reduce(0, +) == planned)
        }
    }

    @Test func `figures are by the phase in which an operation was planned`() async throws {
        try await TestServer.run { _, _ in
            .text("yes")
        } _: { server in
            let profile = LoadProfile.steady("http-get", rate: 300)
            let (generator, history) = try await load(profile, at: server.url) {
                generator,
                history in
                await history.waitForEnds(10)
                for phase in [ProbePhase.before, .during] {
                    generator.beginPhase(phase)
                    await history.wait { _ in
                        generator.counts(operation: "get", phase: phase).ok >= 20
                    }
                }
            }
            let before = generator.counts(operation: "get", phase: .before)
            let during = generator.counts(operation: "get", phase: .during)
            #expect(before.ok >= 20 && during.ok >= 20)
            #expect(before.ok + during.ok < history.ends.count)
            #expect(generator.counts(operation: "get", phase: .after).ok == 0)
            #expect(generator.elapsed(phase: .before) > .zero)
            let p99 = generator.latencyMilliseconds(
                operation: "get",
                quantile: 0.99,
                phase: .during
            )
            #expect(p99 != nil)
            #expect(
                generator.latencyMilliseconds(operation: "get", quantile: 0.5, phase: .after) == nil
            )
        }
    }

    @Test func `mistakes of the profile are told before anything begins`() throws {
        func message(_ profile: LoadProfile) -> String? {
            let generator = LoadGenerator(
                profile: profile,
                gateway: "http://127.0.0.1:1",
                seed: 1,
                runStartNanoseconds: 0
            ) { _ in }
            do {
                try generator.start()
                return nil
            } catch {
                return "\(error)"
            }
        }
        #expect(
            message(.steady("browse", rate: 1))
                == "the scenario 'browse' is unknown. Use one of: checkout, http-get."
        )
        for rate in [0, -1, 20_001, .infinity, .nan] as [Double] {
            let text = message(.steady("http-get", rate: rate))
            #expect(text == "a rate of \(rate)/s is not possible. Use 0.1 to 20000.")
        }
    }

    @Test func `a generator runs once`() async throws {
        try await TestServer.run { _, _ in
            .text("yes")
        } _: { server in
            _ = try await load(.steady("http-get", rate: 10), at: server.url) { generator, _ in
                #expect(throws: LoadError.self) { try generator.start() }
            }
        }
    }
}
