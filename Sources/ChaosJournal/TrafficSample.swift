/// What the links that a proxy carries transported since the last look, about a second ago.
package struct TrafficSample: Sendable, Equatable {
    /// The bytes of one link.
    package struct Link: Sendable, Equatable {
        package var name: String
        /// Bytes that reached the server.
        package var upstream: Int
        /// Bytes that reached clients.
        package var downstream: Int

        package init(name: String, upstream: Int, downstream: Int) {
            self.name = name
            self.upstream = upstream
            self.downstream = downstream
        }
    }

    /// Seconds since the last look, above 0.
    package var seconds: Double
    /// Links that carried nothing are left out.
    package var links: [Link]

    package init(seconds: Double, links: [Link]) {
        self.seconds = seconds
        self.links = links
    }
}
