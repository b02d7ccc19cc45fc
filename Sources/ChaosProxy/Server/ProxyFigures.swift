import ChaosModel
import EventLoop
import JSON

/// A proxy with its toxics and what it carried so far, for views in the same process.
package struct ProxyFigures: Sendable {
    package var name: String
    /// Where clients connect.
    package var listen: String
    package var upstream: String
    package var isEnabled: Bool
    /// `tcp`, `http` or `postgres`.
    package var wireProtocol: String
    /// What it carried.
    package var traffic: LinkTraffic
    package var toxics: [ToxicFigures]

    package init(
        name: String,
        listen: String,
        upstream: String,
        isEnabled: Bool,
        wireProtocol: String,
        traffic: LinkTraffic,
        toxics: [ToxicFigures]
    ) {
        self.name = name
        self.listen = listen
        self.upstream = upstream
        self.isEnabled = isEnabled
        self.wireProtocol = wireProtocol
        self.traffic = traffic
        self.toxics = toxics
    }
}

/// A toxic and what it did so far.
package struct ToxicFigures: Sendable {
    package var name: String
    package var type: String
    /// `upstream` or `downstream`.
    package var stream: String
    /// `latency=100ms jitter=20ms`; empty without attributes.
    package var settings: String
    /// The share of connections, 0 … 1.
    package var toxicity: Double
    package var hits: Int
    /// What is left of its lease; `nil` without one.
    package var leaseLeft: Duration?
    /// The last occurrences it hit, oldest first, `ToxicFigures.firingsMax` at most.
    package var firings: [Firing]

    /// How many firings a reading carries.
    package static let firingsMax = 8

    /// One occurrence that was hit.
    package struct Firing: Sendable, Equatable {
        /// 1, 2, 3 … within the toxic.
        package var ordinal: Int
        /// Wall clock, microseconds since the epoch.
        package var wallMicroseconds: Int64
        /// `c17`.
        package var connection: String
        /// The ordinal of the statement in its session, when there was one.
        package var statement: Int?

        package init(
            ordinal: Int,
            wallMicroseconds: Int64,
            connection: String,
            statement: Int? = nil
        ) {
            self.ordinal = ordinal
            self.wallMicroseconds = wallMicroseconds
            self.connection = connection
            self.statement = statement
        }
    }

    package init(
        name: String,
        type: String,
        stream: String,
        settings: String = "",
        toxicity: Double = 1,
        hits: Int = 0,
        leaseLeft: Duration? = nil,
        firings: [Firing] = []
    ) {
        self.name = name
        self.type = type
        self.stream = stream
        self.settings = settings
        self.toxicity = toxicity
        self.hits = hits
        self.leaseLeft = leaseLeft
        self.firings = firings
    }
}

extension ProxyServer {
    /// Every proxy with its toxics and what it carried so far, sorted by name.
    package func figures() async -> [ProxyFigures] {
        var figures: [ProxyFigures] = []
        for (proxy, traffic) in await control.traffic() {
            figures.append(
                ProxyFigures(
                    name: proxy.name,
                    listen: proxy.listen,
                    upstream: proxy.upstream,
                    isEnabled: proxy.isEnabled,
                    wireProtocol: proxy.wireProtocol.rawValue,
                    traffic: traffic,
                    toxics: proxy.toxics.map { ToxicFigures($0, now: Loop.monotonicNanoseconds()) }
                )
            )
        }
        return figures
    }
}

extension ToxicFigures {
    init(_ managed: ManagedToxic, now: Int64) {
        let toxic = managed.toxic
        let hits = toxic.tally.hits
        let recent = toxic.tally.firings(since: hits - ToxicFigures.firingsMax)
        self.init(
            name: toxic.name,
            type: toxic.type.name,
            stream: toxic.direction.rawValue,
            settings: ToxicText.settings(type: toxic.type.name, toxic.attributesJSON),
            toxicity: Double(toxic.toxicity),
            hits: hits,
            leaseLeft: managed.lease.map { .milliseconds($0.remaining(now: now)) },
            firings: recent.map { firing in
                Firing(
                    ordinal: firing.ordinal,
                    wallMicroseconds: firing.wallMicroseconds,
                    connection: firing.connection,
                    statement: firing.detail["statement"]?.integerValue.map { Int($0) }
                )
            }
        )
    }
}
