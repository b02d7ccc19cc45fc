import ChaosPluginAPI
import JSON
import Netlink

/// What the kernel has on an interface, without what it counts: compared before and after.
struct KernelState: Hashable {
    /// One line for each discipline and each filter.
    let lines: [String]

    /// - Throws: `NetlinkError`.
    static func read(_ site: Site) throws -> KernelState {
        let index = site.interface.index
        let qdiscs = try site.socket.qdiscs(of: index)
        var lines = qdiscs.map { qdisc in
            "qdisc \(qdisc.kind) \(qdisc.handle) parent \(qdisc.parent) options "
                + hex(qdisc.options)
        }
        for qdisc in qdiscs where qdisc.parent == .root || qdisc.parent == .ingress {
            // An interface without a queue has nothing that filters could hang on.
            let place: FilterPlace =
                qdisc.block > 0 ? .block(qdisc.block) : .qdisc(index, qdisc.handle)
            guard let filters = try? site.socket.filters(at: place) else { continue }
            lines += filters.map { filter in
                "filter \(filter.kind) \(filter.handle) parent \(filter.parent) priority"
                    + " \(filter.priority) protocol \(filter.network) options "
                    + hex(filter.options)
            }
        }
        return KernelState(lines: lines.sorted())
    }

    var json: JSONValue { .array(lines.map { .string($0) }) }

    init(lines: [String]) {
        self.lines = lines
    }

    /// `nil` when the record has none: a fault that was found by its marks alone.
    init?(json: JSONValue?) {
        guard let values = json?.arrayValue else { return nil }
        lines = values.compactMap(\.stringValue)
    }

    private static func hex(_ bytes: [UInt8]) -> String {
        bytes.isEmpty
            ? "–"
            : bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
