import EventLoop
import ShopBroker
import Synchronization
import Testing

/// A kind of broker under test: real, and fresh enough for each test.
protocol BrokerHarness: Sendable {
    /// A connection of its own to the broker, on the current loop.
    func broker() async throws -> any Broker

    /// Makes a topic that nobody else uses, and its group, `group-<topic>`.
    func topic(partitions: Int) async throws -> String

    /// Waits until the topics that were made survive a crash.
    func settle() async throws

    /// Kills the broker as a crash would (SIGKILL) and starts it again.
    func crash() async throws
}

/// What every broker must do, whatever stands behind the protocol.
enum BrokerConformance {
    static func message(_ number: Int, key: String) -> BrokerMessage {
        let digits = String(number, radix: 16)
        let tail = String(repeating: "0", count: 12 - digits.count) + digits
        return BrokerMessage(
            id: "00000000-0000-4000-8000-\(tail)",
            key: key,
            type: "counted",
            version: 1,
            payload: "{\"number\":\(number),\"text\":\"a \\\"quoted\\\" {text}, ü\"}",
            trace: number % 3 == 0 ? "00-\(number)" : nil
        )
    }

    /// A topic that does not exist is named; closes the broker.
    static func expectUnknownTopic(_ broker: any Broker) async {
        await #expect(throws: BrokerError.unknownTopic("nonsense")) {
            try await broker.publish(
                [message(1, key: "k")],
                to: "nonsense",
                by: BrokerPublisher(name: "p", token: 1)
            )
        }
        await broker.close()
    }

    static func request(_ topic: String, _ member: String) -> BrokerSubscriptionRequest {
        BrokerSubscriptionRequest(consumer: "group-\(topic)", member: member, topics: [topic])
    }

    /// Reads and acknowledges until `count` messages are there; half a minute at most.
    static func read(
        _ count: Int,
        from subscription: any BrokerSubscription
    ) async throws -> [BrokerDelivery] {
        var all: [BrokerDelivery] = []
        let end = Loop.monotonicNanoseconds() + 30_000_000_000
        while all.count < count {
            try #require(Loop.monotonicNanoseconds() < end, "\(all.count) of \(count) came")
            let batch = try await subscription.next(atMost: 100, within: .seconds(1))
            try await subscription.acknowledge(batch)
            all += batch.deliveries
        }
        return all
    }

    static func orderForEachKey(_ harness: some BrokerHarness) async throws {
        let topic = try await harness.topic(partitions: 4)
        let broker = try await harness.broker()
        let sent = (0..<200).map { message($0, key: "key-\($0 % 7)") }
        for start in stride(from: 0, to: sent.count, by: 13) {
            let batch = Array(sent[start..<min(start + 13, sent.count)])
            try await broker.publish(batch, to: topic, by: BrokerPublisher(name: topic, token: 1))
        }
        let subscription = try await broker.subscribe(request(topic, "a"))
        let got = try await read(sent.count, from: subscription).map(\.message)
        #expect(Set(got) == Set(sent))
        for key in Set(sent.map(\.key)) {
            #expect(got.filter { $0.key == key } == sent.filter { $0.key == key })
        }
        await subscription.close()
        await broker.close()
    }

    static func olderTokenIsRefused(_ harness: some BrokerHarness) async throws {
        let topic = try await harness.topic(partitions: 2)
        let broker = try await harness.broker()
        let old = BrokerPublisher(name: topic, token: 1)
        let new = BrokerPublisher(name: topic, token: 2)
        try await broker.publish([message(1, key: "k")], to: topic, by: old)
        try await broker.publish([message(2, key: "k")], to: topic, by: new)
        await #expect(throws: BrokerError.fenced) {
            try await broker.publish([message(3, key: "k")], to: topic, by: old)
        }
        try await broker.publish([message(4, key: "k")], to: topic, by: new)
        let subscription = try await broker.subscribe(request(topic, "a"))
        let got = try await read(3, from: subscription)
        #expect(got.map(\.message) == [1, 2, 4].map { message($0, key: "k") })
        await subscription.close()
        await broker.close()
    }

    /// A newer holder of the outbox, elsewhere, keeps the former one out; who comes back after it
    /// finds the door shut at once.
    static func newerHolderElsewhereWins(_ harness: some BrokerHarness) async throws {
        let topic = try await harness.topic(partitions: 1)
        let (former, heir) = (try await harness.broker(), try await harness.broker())
        let old = BrokerPublisher(name: topic, token: 7)
        let new = BrokerPublisher(name: topic, token: 9)
        try await former.publish([message(1, key: "k")], to: topic, by: old)
        try await heir.publish([message(2, key: "k")], to: topic, by: new)
        // Its connection never broke: only the token tells that it is late.
        await #expect(throws: BrokerError.fenced) {
            try await former.publish([message(3, key: "k")], to: topic, by: old)
        }
        await former.close()
        let third = try await harness.broker()
        await #expect(throws: BrokerError.fenced) {
            try await third.publish([message(4, key: "k")], to: topic, by: old)
        }
        try await third.publish([message(5, key: "k")], to: topic, by: new)
        let subscription = try await heir.subscribe(request(topic, "a"))
        let got = try await read(3, from: subscription)
        #expect(got.map(\.message) == [1, 2, 5].map { message($0, key: "k") })
        await subscription.close()
        await heir.close()
        await third.close()
    }

    /// A member that falls silent with deliveries in its hands: another one gets them.
    static func silentMemberLosesItsLanes(_ harness: some BrokerHarness) async throws {
        let topic = try await harness.topic(partitions: 2)
        let sent = (0..<20).map { message($0, key: "key-\($0)") }
        // Its loop ends while it holds what it read: as if the process was killed.
        let silent = try Loop.start(label: "silent")
        let first = try await silent.spawn {
            let broker = try await harness.broker()
            let publisher = BrokerPublisher(name: topic, token: 1)
            try await broker.publish(sent, to: topic, by: publisher)
            let subscription = try await broker.subscribe(request(topic, "silent"))
            var count = 0
            while count < sent.count {
                let batch = try await subscription.next(atMost: 100, within: .seconds(5))
                count += batch.deliveries.count
            }
            return count
        }.value
        silent.stop()
        #expect(first == sent.count)
        let broker = try await harness.broker()
        let subscription = try await broker.subscribe(request(topic, "heir"))
        let got = try await read(sent.count, from: subscription).map(\.message)
        #expect(Set(got) == Set(sent))
        await subscription.close()
        await broker.close()
    }

    /// Two members share; when one leaves the other has everything, and nothing is lost.
    static func membersShare(_ harness: some BrokerHarness) async throws {
        let topic = try await harness.topic(partitions: 4)
        let broker = try await harness.broker()
        let publisher = BrokerPublisher(name: topic, token: 1)
        let a = try await broker.subscribe(request(topic, "a"))
        let b = try await broker.subscribe(request(topic, "b"))
        var seen: [String: Set<BrokerMessage>] = ["a": [], "b": []]
        var number = 0
        // Until each has had something: the shares come to be even by themselves.
        for _ in 0..<100 where seen.values.contains(where: \.isEmpty) {
            let batch = (number..<number + 16).map { message($0, key: "\($0)-key") }
            try await broker.publish(batch, to: topic, by: publisher)
            number += 16
            for (name, member) in [("a", a), ("b", b)] {
                let batch = try await member.next(atMost: 100, within: .milliseconds(100))
                try await member.acknowledge(batch)
                seen[name]?.formUnion(batch.deliveries.map(\.message))
            }
        }
        #expect(seen.values.allSatisfy { !$0.isEmpty })
        await a.close()
        let last = (number..<number + 16).map { message($0, key: "\($0)-key") }
        try await broker.publish(last, to: topic, by: publisher)
        let all = Set((0..<number + 16).map { message($0, key: "\($0)-key") })
        let end = Loop.monotonicNanoseconds() + 30_000_000_000
        var known = seen.values.reduce(into: Set()) { $0.formUnion($1) }
        while known != all {
            try #require(Loop.monotonicNanoseconds() < end, "\(all.count - known.count) missing")
            let batch = try await b.next(atMost: 100, within: .seconds(1))
            try await b.acknowledge(batch)
            known.formUnion(batch.deliveries.map(\.message))
        }
        await b.close()
        await broker.close()
    }

    /// What was delivered and not acknowledged comes again to the same member when it asks for it.
    static func rewindDeliversAgain(_ harness: some BrokerHarness) async throws {
        let topic = try await harness.topic(partitions: 1)
        let broker = try await harness.broker()
        let publisher = BrokerPublisher(name: topic, token: 1)
        let sent = (0..<10).map { message($0, key: "k") }
        try await broker.publish(sent, to: topic, by: publisher)
        let subscription = try await broker.subscribe(request(topic, "a"))
        let first = try await subscription.next(atMost: 4, within: .seconds(5))
        try await subscription.acknowledge(first)
        let second = try await subscription.next(atMost: 4, within: .seconds(5))
        await subscription.rewind()
        let rest = try await read(10 - first.deliveries.count, from: subscription)
        #expect(!second.deliveries.isEmpty)
        #expect((first.deliveries + rest).map(\.message) == sent)
        await subscription.close()
        await broker.close()
    }

    /// The broker is killed while messages flow; all come, in their order, and whoever keeps
    /// an inbox has each effect once.
    static func crashesUnderLoad(_ harness: some BrokerHarness) async throws {
        let topic = try await harness.topic(partitions: 2)
        try await harness.settle()
        let sent = (0..<3000).map { message($0, key: "key-\($0 % 5)") }
        let publishing = Loop.current?.spawn {
            let broker = try await harness.broker()
            for start in stride(from: 0, to: sent.count, by: 20) {
                try await insist {
                    let publisher = BrokerPublisher(name: topic, token: 1)
                    let batch = Array(sent[start..<start + 20])
                    try await broker.publish(batch, to: topic, by: publisher)
                }
            }
            await broker.close()
        }
        let count = Mutex(0)
        let reading = Loop.current?.spawn {
            let broker = try await harness.broker()
            let subscription = try await broker.subscribe(request(topic, "a"))
            var inbox: Set<String> = []
            var effects: [BrokerMessage] = []
            let end = Loop.monotonicNanoseconds() + 60_000_000_000
            while effects.count < sent.count {
                try #require(Loop.monotonicNanoseconds() < end, "\(effects.count) came")
                do {
                    let batch = try await subscription.next(atMost: 100, within: .seconds(1))
                    effects += batch.deliveries.map(\.message).filter {
                        inbox.insert($0.id).inserted
                    }
                    count.withLock { [number = effects.count] in $0 = number }
                    try await subscription.acknowledge(batch)
                } catch {
                    await subscription.rewind()
                    try await Loop.current?.sleep(for: .milliseconds(50))
                }
            }
            await subscription.close()
            await broker.close()
            return effects
        }
        let end = Loop.monotonicNanoseconds() + 30_000_000_000
        while count.withLock({ $0 }) < 200 {
            try #require(Loop.monotonicNanoseconds() < end, "nothing came")
            try await Loop.current?.sleep(for: .milliseconds(5))
        }
        try await harness.crash()
        try await publishing?.value
        let effects = try await #require(reading).value
        #expect(Set(effects) == Set(sent))
        for key in Set(sent.map(\.key)) {
            #expect(effects.filter { $0.key == key } == sent.filter { $0.key == key })
        }
    }

    /// Tries again, as a relay does, for half a minute at most.
    private static func insist(_ body: () async throws -> Void) async throws {
        let end = Loop.monotonicNanoseconds() + 30_000_000_000
        while true {
            do {
                return try await body()
            } catch {
                guard Loop.monotonicNanoseconds() < end else { throw error }
                try await Loop.current?.sleep(for: .milliseconds(50))
            }
        }
    }
}
