package import ChaosModel

/// Starts and stops the system under test; the command line adapts the bundled shop to it.
package protocol SystemProvider: Sendable {
    /// Starts the system, or joins the one that runs, and describes it as it runs now.
    ///
    /// Errors: it does not come up; nothing of it is then left.
    func start(runID: String, progress: @escaping @Sendable (String) -> Void) async throws
        -> SystemDescription
    /// Stops what `start` started; a system that it only joined goes on.
    func stop() async
}
