import ChaosPluginAPI

/// A fault that is not prepared when it would hit this host itself and nobody allowed that.
struct GuardedFault: Fault {
    let fault: any Fault
    /// Why it would; `nil`: it would not.
    let reach: @Sendable (StepContext) throws -> String?

    func prepare(_ context: StepContext) async throws -> UndoRecord {
        if let why = try reach(context) {
            throw RunnerError(
                .host,
                "this host itself would be hit: \(why). Run with --allow-host if that is meant."
            )
        }
        return try await fault.prepare(context)
    }

    func inject(_ context: StepContext, _ undo: UndoRecord) async throws {
        try await fault.inject(context, undo)
    }

    func confirm(_ context: StepContext, _ undo: UndoRecord) async throws -> Effect {
        try await fault.confirm(context, undo)
    }

    func revert(_ undo: UndoRecord) async throws { try await fault.revert(undo) }

    func confirmReverted(_ undo: UndoRecord) async throws { try await fault.confirmReverted(undo) }
}
