import ChaosModel
package import ChaosPluginAPI
import EventLoop
import LinuxSystem

/// The process that undoes a run's faults when the runner can no longer do it.
///
/// ```
/// runner ── heartbeat bytes through a pipe ──▶ guardian (own session)
///    ✗ killed, stuck, or silent for 1 s           │ end of file, or no byte in time
///                                                 ▼
///                     ledger, newest first ─▶ revert, verify ─▶ guardian.jsonl, guardian.log
/// ```
///
/// The pipe is the lease: the kernel closes it when the runner dies, whatever killed it.
package enum Guardian {
    /// What a guardian must know.
    package struct Options: Sendable {
        package var runID: String
        package var plugins: [any Plugin]
        package var ledger: Ledger
        /// The reading end of the lease; standard input when `chaos guardian` is started by a
        /// runner.
        package var lease: Int32
        /// Called once the guardian watches; the command writes "ready" to standard output then.
        package var ready: @Sendable () -> Void
        /// How long the runner may be silent.
        package var silenceMax: Duration

        package init(
            runID: String,
            plugins: [any Plugin],
            ledger: Ledger = Ledger(),
            lease: Int32 = 0,
            silenceMax: Duration = .seconds(1),
            ready: @escaping @Sendable () -> Void
        ) {
            self.runID = runID
            self.plugins = plugins
            self.ledger = ledger
            self.lease = lease
            self.silenceMax = silenceMax
            self.ready = ready
        }
    }

    /// Watches the runner until it says that it ended cleanly, or until it is lost and all is
    /// undone.
    ///
    /// Returns whether nothing of the run is left. Errors: the run has no account in the ledger.
    package static func run(_ options: Options) async throws -> Bool {
        guard let loop = Loop.current else { preconditionFailure("a guardian needs a loop") }
        guard let run = try options.ledger.account(of: options.runID).run else {
            throw RunnerError(
                .guardian,
                "the run \(options.runID) has no account — \(options.ledger.directory)."
                    + " A guardian is started by chaos run; nothing is to be done by hand."
            )
        }
        let log = try GuardianLog(directory: run.directory)
        let lease = try LeaseWatch(descriptor: options.lease, silenceMax: options.silenceMax)
        options.ready()
        log.say("watching the runner, process \(run.pid), of run \(run.runID)")
        switch await lease.wait() {
        case .released:
            log.say("the run ended cleanly")
            return true
        case .lost(let why):
            let reverter = Reverter(plugins: options.plugins, ledger: options.ledger, loop: loop)
            return await cleanUp(run, because: why, reverter, log)
        }
    }

    /// A request that was under way when its sender died may take effect after the first undo, so a
    /// second pass follows this much later.
    static let lateEffectPause = Duration.milliseconds(250)
}

extension Guardian {
    private static func cleanUp(
        _ run: LedgerRun,
        because why: String,
        _ reverter: Reverter,
        _ log: GuardianLog
    ) async -> Bool {
        log.say("lost the runner: \(why)")
        log.record(.leaseLost, detail: why)
        do {
            let entries = try reverter.ledger.account(of: run.runID).entries
            for entry in entries { await revert(entry, reverter, log) }
            try await reverter.loop.sleep(for: lateEffectPause)
            var isClean = true
            for entry in entries {
                isClean = await strikeOut(entry, reverter, log) && isClean
            }
            // A record may have been written between the loss and the first look.
            let late = try reverter.ledger.account(of: run.runID).entries
                .filter { late in !entries.contains(late) }
            for entry in late {
                await revert(entry, reverter, log)
                isClean = await strikeOut(entry, reverter, log) && isClean
            }
            if isClean { log.record(.clean, detail: "nothing of the run is left") }
            return isClean
        } catch {
            log.say("the ledger cannot be read: \(error)")
            log.record(.revertFailed, detail: "\(error)")
            return false
        }
    }

    private static func revert(
        _ entry: LedgerEntry,
        _ reverter: Reverter,
        _ log: GuardianLog
    ) async {
        let what = "\(entry.undo.plugin) \(entry.undo.function) on \(entry.undo.target)"
        do {
            try await reverter.restore(entry)
            log.say("reverted \(what) (\(entry.faultID))")
            log.record(.reverted, faultID: entry.faultID, detail: what)
        } catch {
            log.say("could not revert \(what) (\(entry.faultID)): \(error)")
            log.record(.revertFailed, faultID: entry.faultID, detail: "\(error)")
        }
    }

    /// The second pass: once more, then the record goes; a record that stays is for
    /// `chaos recover`.
    private static func strikeOut(
        _ entry: LedgerEntry,
        _ reverter: Reverter,
        _ log: GuardianLog
    ) async -> Bool {
        do {
            try await reverter.revert(entry)
            return true
        } catch {
            log.say("\(entry.faultID) stays in the ledger: \(error). Run chaos recover.")
            log.record(.revertFailed, faultID: entry.faultID, detail: "\(error)")
            return false
        }
    }
}
