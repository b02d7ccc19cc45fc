import ChaosModel
import JSON
import TLS

/// `"tls"` of a proxy as its client wrote it.
///
/// `{"client": {"certificate": "cert.pem", "key": "key.pem"}, "server": {"verify": true, "name":
/// "db.example", "ca": "ca.pem"}}`: each side is encrypted when it is there.
struct SecuritySettings: Sendable, Equatable {
    /// What clients see; without files a certificate is made on the spot.
    struct ClientSide: Sendable, Equatable {
        var certificate: String?
        var key: String?
    }

    /// How the server is spoken to.
    struct ServerSide: Sendable, Equatable {
        /// Whether the certificate is checked; the default.
        var isVerified = true
        /// The name that the certificate must have; `nil`: the upstream's host.
        var name: String?
        /// A file of authorities; `nil`: the system's.
        var authority: String?
    }

    var client: ClientSide?
    var server: ServerSide?

    /// Reads the files and makes the contexts.
    ///
    /// The hosts of `upstream` and `listen` give the server's name and that of a certificate made
    /// on the spot; PostgreSQL negotiates before it encrypts. Throws `ControlError` 400 that tells
    /// the file and the reason.
    func security(
        upstream: String,
        listen: String,
        wireProtocol: SystemDescription.Link.WireProtocol
    ) throws(ControlError) -> LinkSecurity {
        do throws(TLSError) {
            let host = (try? HostPort(parsing: upstream))?.host
            let name = server?.name ?? host
            guard server?.isVerified != true || name?.isEmpty == false else {
                throw TLSError(
                    "The server's certificate cannot be checked: \(upstream) has no name. "
                        + "Give tls.server.name, or \"verify\": false."
                )
            }
            return LinkSecurity(
                client: try client.map { side throws(TLSError) in
                    try SecuritySettings.context(side, listen)
                },
                server: try server.map { side throws(TLSError) in
                    try TLSContext.client(
                        checkedName: side.isVerified ? name : nil,
                        authorityFile: side.authority
                    )
                },
                serverName: name,
                asksFirst: wireProtocol == .postgres
            )
        } catch {
            throw ControlError(status: 400, message: "tls: \(error)")
        }
    }

    private static func context(
        _ side: ClientSide,
        _ listen: String
    ) throws(TLSError) -> TLSContext {
        if let certificate = side.certificate {
            return try .server(certificateFile: certificate, keyFile: side.key ?? certificate)
        }
        let host = (try? HostPort(parsing: listen))?.host ?? ""
        let name = host.isEmpty ? "localhost" : host
        return try .server(selfSigned: try SelfSignedCertificate(name: name))
    }

    /// As it is shown in answers.
    var json: JSONValue {
        var object = JSONObject()
        if let client {
            var side = JSONObject()
            if let certificate = client.certificate { side["certificate"] = .string(certificate) }
            if let key = client.key { side["key"] = .string(key) }
            object["client"] = .object(side)
        }
        if let server {
            var side: JSONObject = ["verify": .bool(server.isVerified)]
            if let name = server.name { side["name"] = .string(name) }
            if let authority = server.authority { side["ca"] = .string(authority) }
            object["server"] = .object(side)
        }
        return .object(object)
    }
}

extension GoStructure {
    /// `tls` of a proxy; ours.
    static let security = GoStructure(
        name: "TLS",
        type: "chaos.TLS",
        fields: ["client": .structure(clientSide), "server": .structure(serverSide)]
    )

    fileprivate static let clientSide = GoStructure(
        name: "TLSClient",
        type: "chaos.TLSClient",
        fields: ["certificate": .string, "key": .string]
    )

    fileprivate static let serverSide = GoStructure(
        name: "TLSServer",
        type: "chaos.TLSServer",
        fields: ["verify": .bool, "name": .string, "ca": .string]
    )
}

extension SecuritySettings {
    /// Reads `{client, server}`; unknown members are mistakes: nobody wants half of a protection.
    init(_ value: GoValue) throws(ControlError) {
        let fields = try RequestFields(value, as: .security, path: "tls.", owner: "Proxy")
        try SecuritySettings.refuse(fields.unknown, "tls")
        if let value = fields.value("client") {
            let side = try RequestFields(
                value,
                as: .clientSide,
                path: "tls.client.",
                owner: "Proxy"
            )
            try SecuritySettings.refuse(side.unknown, "tls.client")
            client = ClientSide(certificate: side.string("certificate"), key: side.string("key"))
        }
        if let value = fields.value("server") {
            let side = try RequestFields(
                value,
                as: .serverSide,
                path: "tls.server.",
                owner: "Proxy"
            )
            try SecuritySettings.refuse(side.unknown, "tls.server")
            server = ServerSide(
                isVerified: side.bool("verify") ?? true,
                name: side.string("name"),
                authority: side.string("ca")
            )
        }
        if client?.key != nil, client?.certificate == nil {
            throw .badBody("tls.client.key without tls.client.certificate. Give both files or none")
        }
    }

    private static func refuse(_ unknown: [String], _ place: String) throws(ControlError) {
        guard let name = unknown.first else { return }
        let known =
            place == "tls"
            ? "client and server"
            : place.hasSuffix("client")
                ? "certificate and key" : "verify, name and ca"
        throw .badBody("\(place).\(name) is unknown. Use \(known)")
    }
}
