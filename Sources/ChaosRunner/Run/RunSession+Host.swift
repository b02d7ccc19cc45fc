import ChaosJournal
import ChaosModel
import ChaosPlan
import ChaosPluginAPI
import EventLoop
import JSON
import LinuxSystem
import Synchronization

// The machine before the method and after the last undo.
extension RunSession {
    /// How long the machine may take to be read.
    private static let hostDeadline = Duration.seconds(10)
    /// How often a difference is looked at again, and the pause between: what was undone a moment
    /// ago may still be going.
    private static let hostLooksMax = 3
    private static let hostPause = Duration.milliseconds(200)

    /// Reads what the plan's faults could change.
    func readHostBefore() async {
        let faults = plan.steps.filter(\.isFault)
        guard !faults.isEmpty else { return }
        do {
            let state = try await readHost(faults)
            live.withLock { $0.host = state }
        } catch {
            let text = redactor.text("\(error)")
            journal.write(.hostCompared(HostComparison(facts: 0, error: text)))
        }
    }

    /// Compares the machine with what it was, and writes down the differences; none are told when
    /// no method was begun.
    func compareHost() async {
        guard let before = live.withLock({ $0.host }) else { return }
        do {
            var comparison = HostComparison(facts: 0)
            for look in 1...Self.hostLooksMax {
                if look > 1 { try await loop.sleep(for: Self.hostPause) }
                comparison = try await readHost(plan.steps.filter(\.isFault)).compared(with: before)
                if comparison.left.isEmpty { break }
            }
            comparison.left = comparison.left.map(redactor.text)
            comparison.others = comparison.others.map(redactor.text)
            journal.writeDurably(.hostCompared(comparison))
            for text in comparison.left { options.progress(.note("NOT AS BEFORE: \(text)")) }
            for text in comparison.others { note("changed by somebody else meanwhile: \(text)") }
        } catch {
            let text = redactor.text("\(error)")
            journal.write(.hostCompared(HostComparison(facts: 0, error: text)))
        }
    }

    private func readHost(_ faults: [PlannedStep]) async throws -> HostState {
        try await withDeadline(Self.hostDeadline) {
            var state = HostState()
            for planned in faults {
                let facts = try await self.plugin(planned)?.hostFacts(
                    of: planned.function.name,
                    self.context(planned, .during)
                )
                state.facts += (facts ?? []).filter { fact in
                    !state.facts.contains { $0.subject == fact.subject }
                }
            }
            let names = Set(faults.map(\.step.provider.type))
            for plugin in self.options.plugins where names.contains(plugin.manifest.name) {
                let found = try await plugin.leftovers()
                state.tagged.formUnion(
                    found.filter { $0.owner == ProcessIdentity.current }.map { leftover in
                        let undo = leftover.undo
                        let name = undo.state["table"]?.stringValue.map { " (\($0))" } ?? ""
                        return "\(undo.plugin) \(undo.function) on \(undo.target)\(name)"
                    }
                )
            }
            return state
        }
    }
}
