package import ChaosModel

/// Tells what a system's links have carried; the command line adapts the proxy's figures to it.
package protocol TrafficSource: Sendable {
    /// The bytes of each link since its proxy began, by its name; on the loop.
    ///
    /// Errors: the proxy does not answer, or has no figures.
    func totals(of system: SystemDescription) async throws -> [String: LinkBytes]
}

/// Bytes that reached the two ends of a link.
package struct LinkBytes: Sendable, Equatable {
    package var upstream: Int
    package var downstream: Int

    package init(upstream: Int, downstream: Int) {
        self.upstream = upstream
        self.downstream = downstream
    }
}
