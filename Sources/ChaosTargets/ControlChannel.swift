package import ChaosModel
import LinuxSystem

/// By what this host is reached, or what it must reach to be in our hands; never cut unasked.
package struct ControlChannel: Sendable, Hashable {
    /// `an ssh session from 10.0.0.7`.
    package var name: String
    /// The other end: an IPv4 or IPv6 address.
    package var address: String
    /// The port of either end; `nil`: no port of its own.
    package var port: UInt16?

    package init(_ name: String, _ address: String, port: UInt16? = nil) {
        self.name = name
        self.address = address
        self.port = port
    }

    /// Those of this host now, each once.
    package static func all(_ system: SystemDescription?) -> [ControlChannel] {
        let tables = ["/proc/net/tcp", "/proc/net/tcp6"].map(text)
        var found = tables.flatMap(SocketTable.sessions).map {
            ControlChannel("an ssh session from \($0)", $0, port: SocketTable.sshPort)
        }
        found += nameServers(text("/etc/resolv.conf")).map {
            ControlChannel("the name server \($0)", $0, port: 53)
        }
        found += gateways(text("/proc/net/route")).map {
            ControlChannel("the default gateway \($0)", $0)
        }
        found += ofSystem(system)
        var seen: Set<ControlChannel> = []
        return found.filter { seen.insert($0).inserted }
    }

    /// What a system's description says of its proxy and of observers that come by network.
    package static func ofSystem(_ system: SystemDescription?) -> [ControlChannel] {
        var found: [ControlChannel] = []
        if let place = system?.proxyAPI.flatMap(hostAndPort) {
            let name = "the proxy's control API at \(place.host):\(place.port)"
            found.append(ControlChannel(name, place.host, port: place.port))
        }
        for database in system?.databases ?? [] {
            let words = (database.observer ?? "").split(separator: " ")
            func value(_ name: String) -> String? {
                words.first { $0.hasPrefix("\(name)=") }.map {
                    String($0.dropFirst(name.count + 1))
                }
            }
            guard let host = value("hostaddr") ?? value("host"), !host.hasPrefix("/") else {
                continue
            }
            let port = value("port").flatMap(UInt16.init) ?? 5432
            found.append(ControlChannel("the observer of \(database.service)", host, port: port))
        }
        return found
    }

    /// The servers of a resolv.conf(5).
    package static func nameServers(_ text: String) -> [String] {
        text.split(separator: "\n").compactMap { line in
            let words = line.split(whereSeparator: \.isWhitespace)
            return words.first == "nameserver" && words.count > 1 ? String(words[1]) : nil
        }
    }

    /// The gateways of the default routes in `/proc/net/route`.
    package static func gateways(_ text: String) -> [String] {
        text.split(separator: "\n").dropFirst().compactMap { line in
            let words = line.split(whereSeparator: \.isWhitespace)
            guard words.count > 2, words[1] == "00000000", words[2] != "00000000" else {
                return nil
            }
            return SocketTable.address(words[2])
        }
    }

    /// Host and port of a URL.
    private static func hostAndPort(_ url: String) -> (host: String, port: UInt16)? {
        guard let scheme = ["http://", "https://"].first(where: url.hasPrefix) else { return nil }
        let authority = url.dropFirst(scheme.count).prefix { $0 != "/" }
        guard let colon = authority.lastIndex(of: ":"),
            let port = UInt16(authority[authority.index(after: colon)...])
        else { return nil }
        return (String(authority[..<colon]), port)
    }

    private static func text(_ path: String) -> String {
        (try? SystemFiles.read(path)).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }
}

extension [ControlChannel] {
    /// Those among which a fault would strike: `hits` says whether it strikes an address, `ports`
    /// which ports (none: all).
    package func struck(ports: [UInt16], _ hits: (String) -> Bool) -> [ControlChannel] {
        filter { channel in
            let isPort = ports.isEmpty || channel.port.map(ports.contains) ?? false
            return isPort && hits(channel.address)
        }
    }
}
