extension ProxyClient {
    /// The family that says it, with Toxiproxy's name.
    private static let bytesSentFamily = "toxiproxy_proxy_sent_bytes_total"

    /// The bytes that reached each side of each proxy, by its name, since it was created.
    ///
    /// Empty when the server has no such figures: a Toxiproxy without `-proxy-metrics`.
    package func bytesSent() async throws(ProxyClientError)
        -> [String: (upstream: Int, downstream: Int)]
    {
        Self.bytesSent(in: String(decoding: try await metrics(), as: UTF8.self))
    }

    /// Reads Prometheus' text; what is not of the family is skipped.
    static func bytesSent(in text: String) -> [String: (upstream: Int, downstream: Int)] {
        var sums: [String: (upstream: Int, downstream: Int)] = [:]
        for line in text.split(separator: "\n") where line.hasPrefix(bytesSentFamily + "{") {
            guard let end = line.lastIndex(of: "}"), let name = label("proxy", in: line[..<end]),
                let direction = label("direction", in: line[..<end]),
                let value = Double(line[end...].dropFirst().drop { $0 == " " }),
                let count = Int(exactly: value)
            else { continue }
            if direction == Direction.upstream.rawValue {
                sums[name, default: (0, 0)].upstream += count
            } else {
                sums[name, default: (0, 0)].downstream += count
            }
        }
        return sums
    }

    /// The value of a label, its escapes undone.
    private static func label(_ name: String, in line: Substring) -> String? {
        guard let start = line.firstRange(of: "\(name)=\"")?.upperBound else { return nil }
        var value = ""
        var isEscaped = false
        for character in line[start...] {
            if isEscaped {
                value.append(character == "n" ? "\n" : character)
                isEscaped = false
            } else if character == "\\" {
                isEscaped = true
            } else if character == "\"" {
                return value
            } else {
                value.append(character)
            }
        }
        return nil
    }
}
