import ChaosJournal
import ChaosModel
import ChaosPlan
import ChaosPluginAPI
import JSON
import Synchronization

extension RunSession {
    /// Stops the run when the condition's tolerance is met; what cannot be observed decides
    /// nothing.
    func check(_ condition: PlannedAbort) async {
        let phase = live.withLock { $0.probePhase }
        guard let output = try? await output(of: condition.probe, phase),
            let tolerance = condition.probe.step.tolerance,
            case .met = tolerance.evaluate(output, unit: condition.probe.function.unit)
        else { return }
        let value = redactor.value(output).serialized()
        stopRun(
            .aborted,
            "\(condition.probe.step.name) is \(value), which is \(tolerance.text)"
        )
    }
}
