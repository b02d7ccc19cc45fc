import EventLoop
import Glibc
import JSON
import LinuxSystem
import RabbitMQServer
import Testing

/// Whole experiments against the real shop: real PostgreSQL, real sockets, real faults.
///
/// One at a time.
@Suite(.serialized, .timeLimit(.minutes(10)))
struct ExperimentTests {
    private func firings(_ journal: [JSONValue]) -> Int {
        journal.count { $0["event"]?.stringValue == "firing" }
    }

    @Test func `lost acknowledgements charge nobody twice`() async throws {
        try await withProgram { program in
            let (outcome, run) = try await program.experiment("experiments/lost-commit-ack.json")
            #expect(outcome.status == 0, "\(outcome.answer)\n\(outcome.conversation)")
            #expect(firings(try program.journal(run)) >= 20)
            let html = try program.text("\(run)/report.html")
            #expect(html.hasPrefix("<!DOCTYPE html>"))
            #expect(html.contains("prefers-color-scheme"))
            let status = try await program.run("status", "--json")
            #expect(try JSONValue.parse(status.answer)["shops"]?.arrayValue == [])
        }
    }

    @Test func `a shop that retries without a key is caught with both charges`() async throws {
        try await withProgram { program in
            let (outcome, run) = try await program.experiment(
                "experiments/lost-commit-ack.json",
                "--mutant",
                "retry-without-key"
            )
            #expect(outcome.status == 1, "\(outcome.answer)\n\(outcome.conversation)")
            let journal = try program.journal(run)
            let violated = journal.first {
                $0["event"]?.stringValue == "invariant"
                    && $0["name"]?.stringValue == "no-double-charge-per-order"
            }
            #expect(violated?["holds"]?.boolValue == false)
            let witness = try #require(violated?["witnesses"]?[0])
            let order = try #require(witness["order"]?.stringValue)
            let charges = try #require(witness["charges"]?.arrayValue)
            #expect(charges.count >= 2)
            let html = try program.text("\(run)/report.html")
            #expect(html.contains(order))
            for charge in charges {
                let id = charge.stringValue ?? charge["id"]?.stringValue
                #expect(html.contains(try #require(id)))
            }
        }
    }

    @Test func `a shop that forgets its reservations is caught by an outage`() async throws {
        try await withProgram { program in
            let (outcome, _) = try await program.experiment(
                "experiments/processor-outage.json",
                "--mutant",
                "no-reservation-check"
            )
            #expect(outcome.status == 1, "\(outcome.answer)\n\(outcome.conversation)")
        }
    }

    @Test func `the correct shop sits the outage out`() async throws {
        try await withProgram { program in
            let (outcome, _) = try await program.experiment("experiments/processor-outage.json")
            #expect(outcome.status == 0, "\(outcome.answer)\n\(outcome.conversation)")
        }
    }

    @Test func `a slow processor is survived`() async throws {
        try await withProgram { program in
            let (outcome, _) = try await program.experiment("experiments/payment-latency.json")
            #expect(outcome.status == 0, "\(outcome.answer)\n\(outcome.conversation)")
        }
    }

    @Test func `a fault that cannot fire is inconclusive and says why`() async throws {
        try await withProgram { program in
            let (outcome, _) = try await program.experiment(
                "Tests/EndToEndTests/Experiments/no-commit-on-the-link.json"
            )
            #expect(outcome.status == 2, "\(outcome.answer)\n\(outcome.conversation)")
            #expect(outcome.answer.lowercased().contains("inconclusive"))
            #expect(outcome.answer.contains("gateway->gateway-db"))
        }
    }

    @Test func `the correct shop does well with one bad instance of two`() async throws {
        try await withProgram { program in
            let (outcome, _) = try await program.experiment("experiments/one-bad-instance.json")
            #expect(outcome.status == 0, "\(outcome.answer)\n\(outcome.conversation)")
        }
    }

    @Test(
        .enabled(if: Environment.get("CHAOS_NIGHTLY") != nil, "make nightly runs it"),
        arguments: [
            "slow-disk", "failing-disk", "thundering-herd", "everything-killed",
            "malformed-messages", "event-side-killed", "random-kills",
        ]
            + (UserAccount.isRoot ? ["full-disk"] : [])
    )
    func `the correct shop survives its disks, its own return, and the death of everything`(
        name: String
    ) async throws {
        try await withProgram { program in
            let (outcome, _) = try await program.experiment("experiments/\(name).json")
            #expect(outcome.status == 0, "\(outcome.answer)\n\(outcome.conversation)")
        }
    }

    @Test(
        .enabled(if: Environment.get("CHAOS_NIGHTLY") != nil, "make nightly runs it"),
        .enabled(
            if: RabbitBinaries.areInstalled,
            "rabbitmq-server is not installed: apt-get install rabbitmq-server"
        ),
        arguments: ["rabbitmq-killed", "rabbitmq-node-lost"]
    )
    func `the correct shop loses no event when RabbitMQ dies, or one of three`(
        name: String
    ) async throws {
        try await withProgram { program in
            let (outcome, _) = try await program.experiment("experiments/\(name).json")
            #expect(outcome.status == 0, "\(outcome.answer)\n\(outcome.conversation)")
        }
    }

    @Test(arguments: [
        "payments-killed", "orders-paused", "payments-descriptors", "payments-pool",
        "payments-clock-back", "payments-database-clock",
    ])
    func `the correct shop survives what its processes and their clocks may suffer`(
        name: String
    ) async throws {
        try await withProgram { program in
            let (outcome, run) = try await program.experiment("experiments/\(name).json")
            #expect(outcome.status == 0, "\(outcome.answer)\n\(outcome.conversation)")
            let states = try program.journal(run).compactMap { event in
                event["event"]?.stringValue == "fault" ? event["state"]?.stringValue : nil
            }
            #expect(states.contains("confirmed") && states.last == "reverted", "\(states)")
        }
    }
}
