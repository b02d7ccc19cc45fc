import EventLoop

/// Addresses of proxies, looked up before a change takes its turn.
///
/// Looking up a name may take as long as the resolver likes; every other change would wait for it.
struct ListenAddresses: Sendable {
    private var found: [String: Result<SocketAddress, ControlError>] = [:]

    /// Finds what texts mean; those that are `nil` are left out.
    static func resolve(_ texts: [String?], _ data: DataPlane) async -> ListenAddresses {
        var addresses = ListenAddresses()
        for case let text? in texts where addresses.found[text] == nil {
            addresses.found[text] = await find(text, data)
        }
        return addresses
    }

    /// What a text means: known already, or found now.
    func address(
        of text: String,
        _ data: DataPlane
    ) async -> Result<SocketAddress, ControlError> {
        if let known = found[text] { return known }
        return await ListenAddresses.find(text, data)
    }

    private static func find(
        _ text: String,
        _ data: DataPlane
    ) async -> Result<SocketAddress, ControlError> {
        if text.hasPrefix("unix:") {
            do throws(SocketAddress.ParsingError) {
                return .success(try SocketAddress(parsing: text))
            } catch {
                return .failure(.socket(error.description))
            }
        }
        let parts: HostPort
        do throws(AddressTextError) {
            parts = try HostPort(parsing: text)
        } catch {
            return .failure(.socket(error.message))
        }
        // Every address of both families, as Go listens.
        if parts.host.isEmpty { return .success(.ipv6("::", parts.port)) }
        if parts.host == "localhost" { return .success(.ipv4("127.0.0.1", parts.port)) }
        let literal = parts.host.contains(":") ? "[\(parts.host)]" : parts.host
        if let address = try? SocketAddress(parsing: "\(literal):\(parts.port)") {
            return .success(address)
        }
        guard let address = await data.lookUp(parts.host, port: parts.port) else {
            return .failure(.socket("lookup \(parts.host): no such host"))
        }
        return .success(address)
    }
}
