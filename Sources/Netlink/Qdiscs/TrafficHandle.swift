internal import CNetlink

/// The name of a discipline (`10:`) or a class (`10:4`) on an interface: two 16-bit numbers.
package struct TrafficHandle: Sendable, Hashable, CustomStringConvertible {
    package let rawValue: UInt32

    package init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    package init(major: UInt16, minor: UInt16 = 0) {
        rawValue = UInt32(major) << 16 | UInt32(minor)
    }

    /// What every packet that leaves the interface passes.
    package static let root = TrafficHandle(rawValue: TC_H_ROOT)
    /// What every packet that enters the interface passes.
    package static let ingress = TrafficHandle(rawValue: TC_H_INGRESS)
    /// The handle of the discipline at `ingress`.
    package static let ingressMajor = TrafficHandle(major: 0xffff)
    package static let none = TrafficHandle(rawValue: 0)

    package var major: UInt16 { UInt16(truncatingIfNeeded: rawValue >> 16) }
    package var minor: UInt16 { UInt16(truncatingIfNeeded: rawValue) }

    /// A class of this discipline.
    package func child(_ minor: UInt16) -> TrafficHandle {
        TrafficHandle(major: major, minor: minor)
    }

    /// As tc(8) writes it: `root`, `ingress`, `c4a5:`, `c4a5:4`.
    package var description: String {
        switch self {
        case .root: "root"
        case .ingress: "ingress"
        default:
            "\(String(major, radix: 16)):" + (minor == 0 ? "" : String(minor, radix: 16))
        }
    }
}
