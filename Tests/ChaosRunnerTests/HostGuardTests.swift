import BundledPlugins
import ChaosJournal
import ChaosPluginAPI
import EventLoop
import JSON
import RunnerFixtures
import Testing

@testable import ChaosRunner

/// What would hit this host itself is refused by the runner too, whoever made the plan.
@Suite struct HostGuardTests {
    @Test(arguments: [false, true])
    func `a fault of the whole host begins only when it is allowed`(isAllowed: Bool) async throws {
        let sandbox = try Sandbox()
        defer { sandbox.remove() }
        let specification = FaultSpecification("resource", "cpu", ["workers": 1, "share": 0.01])
        let states = try await onLoop { _ in
            var options = ExperimentRunner.Options(
                plugins: bundledPlugins,
                output: sandbox.output,
                guardian: [
                    "/usr/bin/env", "CHAOS_STATE_DIR=\(sandbox.directory)",
                    HostProcess.executable, "guardian",
                ],
                toolVersion: "test"
            )
            options.ledger = sandbox.ledger
            options.allowsHost = isAllowed
            _ = try await ExperimentRunner(options).run(
                experiment: ["title": "Host"],
                plan: try specification.plan(bundledPlugins)
            )
            return try sandbox.faultStates()
        }
        #expect(states.contains(.injected) == isAllowed, "\(states)")
        #expect(states.contains(.failed) == !isAllowed, "\(states)")
        let told = try sandbox.events().contains { event in
            guard case .fault(let transition) = event.payload else { return false }
            return transition.error?.contains("Run with --allow-host") == true
        }
        #expect(told == !isAllowed)
    }
}
