import ChaosModel
import ChaosPluginAPI
import JSON
import Testing

@testable import FaultPartition

/// What is refused before anything is touched; needs no privileges.
@Suite(.timeLimit(.minutes(1)))
struct RefusalTests {
    struct Refusal: Sendable, CustomTestStringConvertible {
        var function: String
        var target: TargetSelector?
        var arguments: JSONObject
        var message: String

        var testDescription: String { message }
    }

    static let refusals: [Refusal] = [
        Refusal(
            function: "host",
            target: nil,
            arguments: ["peers": ["127.0.0.1"]],
            message: "127.0.0.1 is this host itself, where control sockets and observers talk —"
                + " peers. Name other hosts; to hit local links use the plugin toxic."
        ),
        Refusal(
            function: "host",
            target: nil,
            arguments: ["peers": ["10.0.0.9"], "ports": [22]],
            message: "port 22 is spared, so that you can still reach this host by ssh — ports."
                + " Leave it out."
        ),
        Refusal(
            function: "host",
            target: nil,
            arguments: [:],
            message: "everything of everybody cannot be cut — peers. Name peers or ports."
        ),
        Refusal(
            function: "host",
            target: nil,
            arguments: ["peers": ["db.example"]],
            message: "\"db.example\" is no address — peers. Use IPv4 or IPv6 addresses; names are"
                + " not looked up, so that the plan says what is hit."
        ),
        Refusal(
            function: "host",
            target: nil,
            arguments: ["peers": ["10.0.0.9"], "reject": true],
            message: "a reset answers what comes in — direction. Use \"in\" with reject."
        ),
        Refusal(
            function: "link",
            target: .link("orders->payments"),
            arguments: ["loss": 0],
            message: "a loss of nothing is no fault — loss. Use more than 0%."
        ),
        Refusal(
            function: "link",
            target: .link("orders->payments"),
            arguments: ["loss": 0.5, "every": 3],
            message: "loss and every cannot hold together — arguments. Give only one of them."
        ),
        Refusal(
            function: "link",
            target: .link("orders->payments"),
            arguments: [:],
            message: "the system has no network of its own — system. Start the shop with one (chaos"
                + " shop up --topology netns, as root), or cut this host: partition host."
        ),
    ]

    @Test(arguments: refusals)
    func `what would cut our own branch or means nothing is refused`(refusal: Refusal)
        async throws
    {
        let fault = try #require(try PartitionPlugin().fault(refusal.function))
        var context = StepContext(runID: "r1", arguments: refusal.arguments)
        context.target = refusal.target
        context.system = SystemDescription(name: "s", services: [], links: [], databases: [])
        context.system?.proxyAPI = "http://10.213.7.1:8474"
        let context_ = context
        let error = await #expect(throws: PartitionError.self) {
            _ = try await fault.prepare(context_)
        }
        #expect(error?.description == refusal.message)
    }
}

/// What hits more than the peers that are named; needs no privileges.
@Suite(.timeLimit(.minutes(1)))
struct HostReachTests {
    private func reach(_ arguments: JSONObject) throws -> String? {
        var arguments = arguments
        arguments["direction"] = "in"
        var context = StepContext(runID: "r", arguments: arguments)
        context.system = SystemDescription(name: "s", services: [], links: [], databases: [])
        context.system?.proxyAPI = "http://10.213.7.1:8474"
        return try PartitionPlugin().hostReach(of: "host", context)
    }

    @Test func `everybody, and by what the run is steered, are hit only when it is allowed`() throws
    {
        let everybody = try reach(["ports": [5_432]])
        #expect(everybody == "everybody is cut from port 5432 of this host. Name peers to hit less")
        let steered = "it strikes the proxy's control API at 10.213.7.1:8474"
        #expect(try reach(["peers": ["10.213.7.1"]]) == steered)
        #expect(try reach(["peers": ["10.213.7.1"], "ports": [8_474]]) == steered)
        #expect(try reach(["peers": ["10.213.7.1"], "ports": [9_999]]) == nil)
        #expect(try reach(["peers": ["203.0.113.9"]]) == nil)
        #expect(try PartitionPlugin().hostReach(of: "link", StepContext(runID: "r")) == nil)
    }
}

@Suite(.timeLimit(.minutes(1)))
struct DivisionTests {
    private static let five = ["a", "b", "c", "d", "e"]

    @Test(arguments: [
        (Division.Shape.halves, 2 * 3 * 2), (.oneNode, 2 * 4), (.majoritiesRing, 5 * 2),
        (.bridge, 2 * 2 * 2),
    ])
    func `a shape cuts as many pairs as it must, the same for the same seed`(
        shape: Division.Shape,
        pairs: Int
    ) throws {
        for seed in UInt64(0)..<20 {
            let division = try Division(shape, of: Self.five, seed: seed)
            #expect(division.deaf.count == pairs)
            #expect(division.deaf.allSatisfy { $0 != $1 })
            #expect(try Division(shape, of: Self.five, seed: seed) == division)
        }
    }

    @Test func `in a ring everybody hears a majority, and no two the same`() throws {
        let division = try Division(.majoritiesRing, of: Self.five, seed: 3)
        let heard = Self.five.map { node in
            Set(Self.five).subtracting(division.deaf.filter { $0.target == node }.map(\.source))
        }
        #expect(heard.allSatisfy { $0.count == 3 })
        #expect(Set(heard).count == 5)
    }

    @Test func `somebody in two groups, and too few for a shape, are refused`() {
        #expect(throws: PartitionError.self) { try Division(groups: [["a", "b"], ["b"]]) }
        #expect(throws: PartitionError.self) { try Division(groups: [["a"]]) }
        #expect(throws: PartitionError.self) {
            try Division(.majoritiesRing, of: ["a", "b", "c"], seed: 1)
        }
    }
}
