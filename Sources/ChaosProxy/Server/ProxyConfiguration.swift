import ChaosModel
import JSON

/// The proxies of a configuration file: an array as `POST /populate` takes it.
///
/// `[{"name": "payments->payments-db", "listen": "127.0.0.1:0", "upstream": "127.0.0.1:5432",
/// "enabled": true, "protocol": "postgres"}]`
package struct ProxyConfiguration: Sendable {
    let proxies: [ProxyRequest]

    /// Reads a file's bytes.
    ///
    /// - Parameters:
    ///   - file: Its name, for messages.
    ///   - bytes: Its contents.
    /// - Throws: every mistake, each with file, line, column and JSON path.
    package init(file: String, bytes: [UInt8]) throws(ProxyServerError) {
        let document = JSONDocument(file: file, bytes: bytes)
        guard let root = document.root else {
            throw ProxyServerError(
                document.problems.map { "\(file):\($0)" }.joined(separator: "\n"),
                isUsage: true
            )
        }
        guard case .array = root.value else {
            let place = ProxyConfiguration.place(root, document)
            throw ProxyServerError(
                "\(place): not an array. Write [{\"name\": …, \"upstream\": …}].",
                isUsage: true
            )
        }
        var mistakes: [String] = []
        var proxies: [ProxyRequest] = []
        for node in root.elements {
            do throws(ControlError) {
                proxies.append(try ProxyConfiguration.proxy(node, others: proxies))
            } catch {
                let place = ProxyConfiguration.place(node, document)
                mistakes.append("\(place): \(ProxyConfiguration.reason(error))")
            }
        }
        guard mistakes.isEmpty else {
            throw ProxyServerError(mistakes.joined(separator: "\n"), isUsage: true)
        }
        self.proxies = proxies
    }

    private static func proxy(
        _ node: JSONNode,
        others: [ProxyRequest]
    ) throws(ControlError) -> ProxyRequest {
        let request = try ProxyRequest(try RequestFields(GoValue(node.value), as: .proxy))
        guard let name = request.name, !name.isEmpty else { throw .fieldMissing("name") }
        guard request.upstream?.isEmpty == false else { throw .fieldMissing("upstream") }
        guard !others.contains(where: { $0.name == name }) else {
            throw .badBody("the name \"\(name)\" stands twice")
        }
        var toxics: [String] = []
        for toxic in request.toxics {
            let made = try Toxic(toxic, of: name, request.wireProtocol ?? .tcp) { name in
                toxics.contains(name)
            }
            toxics.append(made.name)
        }
        return request
    }

    private static func place(_ node: JSONNode, _ document: JSONDocument) -> String {
        let (line, column) = document.location(of: node)
        return "\(document.file):\(line):\(column) (\(node.path))"
    }

    private static func reason(_ error: ControlError) -> String {
        let prefix = "bad request body: "
        let text = error.message
        return (text.hasPrefix(prefix) ? String(text.dropFirst(prefix.count)) : text)
            + ". Each proxy needs name, listen and upstream as texts."
    }
}
