/// One rule: what a packet must be like, how many of those are hit, and what becomes of them.
package struct Rule: Sendable, Hashable {
    /// What a packet must be like; all of them.
    package enum Match: Sendable, Hashable {
        case sourceAndTarget(in: ExpiringSet)
        case source(in: ExpiringSet)
        case target(in: ExpiringSet)
        case tcp
        case udp
        case tcpOrUDP
        /// ICMP of either version.
        case icmp
        /// How IPv6 neighbours and routers find each other (RFC 4861).
        case neighbourDiscovery
        /// It came or leaves by one of these interfaces.
        case cameBy(ExpiringSet)
        case goesBy(ExpiringSet)
        case sourcePort(oneOf: [UInt16])
        case targetPort(oneOf: [UInt16])
        case targetPortInSet(ExpiringSet)
        case sourcePortInSet(ExpiringSet)
        /// It came or goes through the loopback interface.
        case loopback
    }

    /// How many of the packets that match are hit.
    package enum Share: Sendable, Hashable {
        case all
        /// Each one by chance, in parts of a million; the kernel's own random numbers.
        case random(partsPerMillion: Int)
        /// Exactly one of `count`, counted over all that match.
        case every(Int)
    }

    /// What becomes of a packet that is hit.
    package enum Verdict: Sendable, Hashable {
        case drop
        /// The sender learns at once that its connection is broken; TCP only.
        case reset
        /// It is none of this chain's business.
        case leave
        /// Another chain of the table decides.
        case jump(String)
    }

    package var matches: [Match]
    package var share: Share
    package var verdict: Verdict

    package init(_ matches: [Match], share: Share = .all, verdict: Verdict) {
        self.matches = matches
        self.share = share
        self.verdict = verdict
    }

    /// As nft(8) reads it; the counter stands behind the share, so that it counts hits.
    var text: String {
        let words = matches.map(\.text) + share.words
        let counter = verdict == .leave ? [] : ["counter"]
        return (words + counter + [verdict.text]).joined(separator: " ")
    }
}

extension Rule.Match {
    fileprivate var text: String {
        switch self {
        case .sourceAndTarget(let set):
            let ip = set.protocolWord
            return "\(ip) saddr . \(ip) daddr @\(set.name)"
        case .source(let set): return "\(set.protocolWord) saddr @\(set.name)"
        case .target(let set): return "\(set.protocolWord) daddr @\(set.name)"
        case .tcp: return "meta l4proto tcp"
        case .udp: return "meta l4proto udp"
        case .tcpOrUDP: return "meta l4proto { tcp, udp }"
        case .icmp: return "meta l4proto { icmp, ipv6-icmp }"
        case .neighbourDiscovery: return "icmpv6 type 133-137"
        case .cameBy(let set): return "meta iifname @\(set.name)"
        case .goesBy(let set): return "meta oifname @\(set.name)"
        case .sourcePort(let ports): return "th sport \(Self.list(ports))"
        case .targetPort(let ports): return "th dport \(Self.list(ports))"
        case .targetPortInSet(let set): return "th dport @\(set.name)"
        case .sourcePortInSet(let set): return "th sport @\(set.name)"
        case .loopback: return "meta iifname \"lo\""
        }
    }

    private static func list(_ ports: [UInt16]) -> String {
        "{ " + ports.map { "\($0)" }.joined(separator: ", ") + " }"
    }
}

extension Rule.Verdict {
    fileprivate var text: String {
        switch self {
        case .drop: "drop"
        case .reset: "reject with tcp reset"
        case .leave: "return"
        case .jump(let chain): "jump \(chain)"
        }
    }
}

extension Rule.Share {
    fileprivate var words: [String] {
        switch self {
        case .all: []
        case .random(let parts): ["numgen random mod 1000000 < \(parts)"]
        // The first n − 1 pass: numbers start at 0.
        case .every(let count): ["numgen inc mod \(count) \(count - 1)"]
        }
    }
}

extension ExpiringSet {
    fileprivate var protocolWord: String { key.first == .address6 ? "ip6" : "ip" }
}
