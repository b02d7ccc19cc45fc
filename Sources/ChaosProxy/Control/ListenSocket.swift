import EventLoop

/// A socket that listens, and the address that it got.
struct ListenSocket: Sendable {
    let descriptor: Int32
    /// `127.0.0.1:43881`, `[::]:36541`, `unix:/path`.
    let address: String

    /// Listens at an address as clients write it.
    ///
    /// - Throws: `ControlError` 500 with Go's text, e.g. `listen tcp 127.0.0.1:80: bind: permission
    ///   denied`.
    static func open(_ text: String, data: DataPlane) async throws(ControlError) -> ListenSocket {
        let address: SocketAddress
        do throws(ControlError) {
            address = try await socketAddress(text, data: data)
        } catch {
            throw .socket("listen tcp: \(error.message)")
        }
        switch Sockets.listen(at: address) {
        case .success(let socket): return socket
        case .failure(let problem):
            throw .socket("listen tcp \(address): \(problem.call): \(problem.reason)")
        }
    }

    /// The address that a text means, as it is shown while the proxy listens.
    static func resolve(_ text: String, data: DataPlane) async throws(ControlError) -> String {
        "\(try await socketAddress(text, data: data))"
    }

    private static func socketAddress(
        _ text: String,
        data: DataPlane
    ) async throws(ControlError) -> SocketAddress {
        if text.hasPrefix("unix:"), let address = try? SocketAddress(parsing: text) {
            return address
        }
        let parts: HostPort
        do throws(AddressTextError) {
            parts = try HostPort(parsing: text)
        } catch {
            throw .socket(error.message)
        }
        // Every address of both families, as Go listens.
        if parts.host.isEmpty { return .ipv6("::", parts.port) }
        if parts.host == "localhost" { return .ipv4("127.0.0.1", parts.port) }
        let literal = parts.host.contains(":") ? "[\(parts.host)]" : parts.host
        if let address = try? SocketAddress(parsing: "\(literal):\(parts.port)") { return address }
        guard let address = await data.lookUp(parts.host, port: parts.port) else {
            throw .socket("lookup \(parts.host): no such host")
        }
        return address
    }
}
