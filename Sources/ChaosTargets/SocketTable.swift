/// The kernel's tables of TCP sockets (proc_net_tcp), as far as they tell who is logged in.
enum SocketTable {
    static let sshPort: UInt16 = 22
    /// TCP_ESTABLISHED in the kernel's enum of states.
    private static let established = "01"

    /// The other ends of established connections to our port of ssh.
    static func sessions(_ table: String) -> [String] {
        table.split(separator: "\n").dropFirst().compactMap { line in
            let words = line.split(whereSeparator: \.isWhitespace)
            guard words.count > 3, words[3] == established else { return nil }
            let (local, remote) = (words[1].split(separator: ":"), words[2].split(separator: ":"))
            guard local.count == 2, UInt16(local[1], radix: 16) == sshPort else { return nil }
            return remote.first.flatMap { address($0) }
        }
    }

    /// Reads an address as the kernel prints it: words of 32 bits, each in the byte order of the
    /// machine (all that we run on are little endian).
    static func address(_ hexadecimal: Substring) -> String? {
        var bytes: [UInt8] = []
        var rest = hexadecimal
        while rest.count >= 8 {
            guard let word = UInt32(rest.prefix(8), radix: 16) else { return nil }
            bytes += (0..<4).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) }
            rest = rest.dropFirst(8)
        }
        switch bytes.count {
        case 4: return text(bytes[...])
        case 16:
            // An IPv4 peer of a socket that takes both.
            let isMapped =
                bytes[..<10].allSatisfy { $0 == 0 } && bytes[10] == 255 && bytes[11] == 255
            return isMapped ? text(bytes[12...]) : groups(bytes)
        default: return nil
        }
    }

    private static func text(_ bytes: ArraySlice<UInt8>) -> String {
        bytes.map(String.init).joined(separator: ".")
    }

    private static func groups(_ bytes: [UInt8]) -> String {
        stride(from: 0, to: 16, by: 2).map {
            String(UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1]), radix: 16)
        }.joined(separator: ":")
    }
}
