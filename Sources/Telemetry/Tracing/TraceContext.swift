/// Where in which trace something happens: what W3C Trace Context carries from process to process.
///
/// Source: Trace Context (W3C Recommendation), and its level 2 for the second flag.
package struct TraceContext: Sendable, Hashable {
    /// How many characters a `traceparent` of version 00 has.
    package static let length = 55
    /// A longer `tracestate` is not passed on: that much every party must be able to carry.
    package static let stateMax = 512

    /// The trace's id is 16 bytes; not all zero.
    package var traceHigh: UInt64
    package var traceLow: UInt64
    /// Who is the parent of what happens here; not zero.
    package var spanID: UInt64
    /// Bit 0: sampled; bit 1: the trace's id is random.
    package var flags: UInt8
    /// `tracestate`: what other systems want to find again, passed on as it came.
    package var state: String

    package init(
        traceHigh: UInt64,
        traceLow: UInt64,
        spanID: UInt64,
        flags: UInt8,
        state: String = ""
    ) {
        self.traceHigh = traceHigh
        self.traceLow = traceLow
        self.spanID = spanID
        self.flags = flags
        self.state = state
    }

    /// Whether whoever began the trace wants it recorded.
    package var isSampled: Bool { flags & 1 == 1 }

    /// Where the running task is; `nil` outside of a trace.
    ///
    /// Tasks that are begun inside inherit it: who begins work for somebody else sets it anew.
    package static let task = TaskLocal<TraceContext?>(wrappedValue: nil)

    package static var current: TraceContext? { task.get() }
}

// As text.
extension TraceContext {
    /// Reads the header fields; `nil` when `traceparent` is not one.
    ///
    /// A `tracestate` that is too long or holds anything but visible ASCII is left out, as the
    /// recommendation asks; the trace goes on without it.
    package init?(traceparent: String, tracestate: String? = nil) {
        let bytes = Array(traceparent.utf8)
        guard bytes.count >= Self.length, Self.hasDashes(bytes),
            let version = Self.number(bytes[0..<2]), version != 0xFF,
            version == 0 ? bytes.count == Self.length : Self.mayGoOn(bytes),
            let high = Self.number(bytes[3..<19]), let low = Self.number(bytes[19..<35]),
            let span = Self.number(bytes[36..<52]), let flags = Self.number(bytes[53..<55]),
            high | low != 0, span != 0
        else { return nil }
        self.init(
            traceHigh: high,
            traceLow: low,
            spanID: span,
            // What other flags mean is not known: a version of ours does not claim them.
            flags: UInt8(flags) & 3,
            state: tracestate.flatMap { Self.isState($0) ? $0 : nil } ?? ""
        )
    }

    /// `00-<trace>-<parent>-<flags>`.
    package var traceparent: String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Self.length)
        bytes += "00-".utf8
        Self.write(traceHigh, into: &bytes)
        Self.write(traceLow, into: &bytes)
        bytes.append(UInt8(ascii: "-"))
        Self.write(spanID, into: &bytes)
        bytes += "-0".utf8
        bytes.append(UInt8(ascii: "0") + flags & 3)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Both fields as one text, for a column or a message's property.
    package var stored: String { state.isEmpty ? traceparent : "\(traceparent) \(state)" }

    /// Reads what `stored` wrote.
    package init?(stored: String) {
        guard let blank = stored.utf8.firstIndex(of: 0x20) else {
            self.init(traceparent: stored)
            return
        }
        let state = stored[stored.utf8.index(after: blank)...]
        self.init(traceparent: String(stored[..<blank]), tracestate: String(state))
    }

    /// The trace's id as 32 digits.
    package var traceID: String { Self.text { Self.write(traceHigh, traceLow, into: &$0) } }

    /// The parent's id as 16 digits.
    package var spanIDText: String { Self.text { Self.write(spanID, into: &$0) } }

    static func write(_ high: UInt64, _ low: UInt64, into bytes: inout [UInt8]) {
        write(high, into: &bytes)
        write(low, into: &bytes)
    }

    static func write(_ number: UInt64, into bytes: inout [UInt8]) {
        for shift in stride(from: 60, through: 0, by: -4) {
            let nibble = UInt8(truncatingIfNeeded: number >> UInt64(shift)) & 15
            bytes.append(nibble < 10 ? UInt8(ascii: "0") + nibble : UInt8(ascii: "a") + nibble - 10)
        }
    }

    private static func text(_ write: (inout [UInt8]) -> Void) -> String {
        var bytes: [UInt8] = []
        write(&bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func hasDashes(_ bytes: [UInt8]) -> Bool {
        let dash = UInt8(ascii: "-")
        return bytes[2] == dash && bytes[35] == dash && bytes[52] == dash
    }

    /// A later version may add fields, behind another dash.
    private static func mayGoOn(_ bytes: [UInt8]) -> Bool {
        bytes.count == length || bytes[length] == UInt8(ascii: "-")
    }

    /// Up to 16 hexadecimal digits; capital letters are not allowed.
    private static func number(_ digits: ArraySlice<UInt8>) -> UInt64? {
        var number: UInt64 = 0
        for digit in digits {
            switch digit {
            case 0x30...0x39: number = number << 4 | UInt64(digit - 0x30)
            case 0x61...0x66: number = number << 4 | UInt64(digit - 0x61 + 10)
            default: return nil
            }
        }
        return number
    }

    private static func isState(_ text: String) -> Bool {
        text.utf8.count <= stateMax && text.utf8.allSatisfy { (0x20...0x7E).contains($0) }
    }
}

// In SQL.
extension TraceContext {
    /// A comment that names the trace to whoever watches the database (sqlcommenter's form).
    package var sqlComment: String {
        let state = self.state.isEmpty ? "" : ",tracestate='\(Self.percentEncoded(self.state))'"
        return "/*traceparent='\(traceparent)'\(state)*/"
    }

    /// Letters, digits and `-._~` stay: nothing can end the comment or the quotes.
    private static func percentEncoded(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E: bytes.append(byte)
            default: bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
