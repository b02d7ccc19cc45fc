import ChaosJournal
import ChaosLoad
import ChaosModel
import Synchronization

/// What a generator reported, and somebody to wait for it.
final class History: Sendable {
    private struct State {
        var operations: [ClientOperation] = []
        var seconds: [LoadSecond] = []
        var waiters: [(Claim, CheckedContinuation<Void, Never>)] = []
    }

    /// Something that becomes true of the operations.
    typealias Claim = @Sendable ([ClientOperation]) -> Bool

    private let state = Mutex(State())

    var operations: [ClientOperation] { state.withLock { $0.operations } }
    var seconds: [LoadSecond] { state.withLock { $0.seconds } }
    var invocations: [ClientOperation] { operations.filter { $0.kind == .invoke } }
    var ends: [ClientOperation] { operations.filter { $0.kind != .invoke } }

    func add(_ payload: JournalEvent.Payload) {
        let ready = state.withLock { state -> [CheckedContinuation<Void, Never>] in
            switch payload {
            case .operation(let operation): state.operations.append(operation)
            case .load(let second): state.seconds.append(second)
            default: break
            }
            let operations = state.operations
            let ready = state.waiters.filter { $0.0(operations) }.map(\.1)
            state.waiters.removeAll { $0.0(operations) }
            return ready
        }
        for continuation in ready { continuation.resume() }
    }

    /// Returns when the claim is true; the suite's time limit ends a wait in vain.
    func wait(until claim: @escaping Claim) async {
        await withCheckedContinuation { continuation in
            let isTrue = state.withLock { state in
                let isTrue = claim(state.operations)
                if !isTrue { state.waiters.append((claim, continuation)) }
                return isTrue
            }
            if isTrue { continuation.resume() }
        }
    }

    func waitForEnds(_ count: Int) async {
        await wait { $0.count { $0.kind != .invoke } >= count }
    }

    func waitForInvocations(_ count: Int) async {
        await wait { $0.count { $0.kind == .invoke } >= count }
    }
}

extension LoadProfile {
    /// Constant arrivals of one scenario.
    static func steady(
        _ scenario: String,
        rate: Double,
        timeout: Duration = .seconds(30)
    ) -> LoadProfile {
        var profile = LoadProfile(ratePerSecond: rate)
        profile.scenario = scenario
        profile.arrivals = .constant
        profile.timeout = timeout
        return profile
    }
}
