import ChaosModel
import JSON

/// Why a proxy server did not do what it was asked: what went wrong, where, and what to do.
package struct ProxyClientError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Who has to do something about it.
    package enum Kind: Sendable {
        /// The user named something that is not there, or asked for something impossible.
        case usage
        /// The server cannot be asked.
        case unreachable
        /// The server's machine cannot do it, e.g. a port is taken.
        case refused
    }

    package var kind: Kind
    package var description: String

    init(_ kind: Kind, _ description: String) {
        self.kind = kind
        self.description = description
    }

    /// What a request was about.
    struct Subject: Sendable {
        var server: String
        var proxy: String?
        var toxic: String?
    }
}

extension ProxyClient {
    /// What an error of the server means to the user; asks the server once more for what there is.
    func explained(
        _ status: Int,
        _ reason: String,
        _ subject: ProxyClientError.Subject
    ) async -> ProxyClientError {
        let place = subject.server
        let proxy = subject.proxy ?? ""
        let toxic = subject.toxic ?? ""
        switch (status, reason) {
        case (404, "proxy not found"):
            let known = (try? await proxies())?.objectValue?.names ?? []
            return ProxyClientError(
                .usage,
                "there is no proxy \"\(proxy)\" — \(place). "
                    + advice(proxy, known, "'chaos proxy create' makes one.", "proxies")
            )
        case (404, "toxic not found"):
            let toxics = (try? await self.proxy(proxy))?["toxics"]?.arrayValue ?? []
            let known = toxics.compactMap { $0["name"]?.stringValue }
            return ProxyClientError(
                .usage,
                "there is no toxic \"\(toxic)\" — proxy \"\(proxy)\" at \(place). "
                    + advice(toxic, known, "'chaos proxy toxic add' adds one.", "toxics")
            )
        case (409, "proxy already exists"):
            return ProxyClientError(
                .usage,
                "a proxy \"\(proxy)\" exists already — \(place). Choose another name, or remove "
                    + "it: chaos proxy delete \(proxy)"
            )
        case (409, "toxic already exists"):
            return ProxyClientError(
                .usage,
                "such a toxic exists already — proxy \"\(proxy)\" at \(place). Give this one "
                    + "another --name, or change the other: chaos proxy toxic update"
            )
        case (400, "invalid toxic type"):
            return ProxyClientError(
                .usage,
                "the server does not know this type of toxic — \(place). Toxiproxy has fewer "
                    + "types than 'chaos proxy serve'."
            )
        case (500..., _):
            return ProxyClientError(.refused, refusal(reason, proxy))
        default:
            return ProxyClientError(.usage, "\(reason) — \(about(subject)). Check the words.")
        }
    }

    private func advice(
        _ word: String,
        _ known: [String],
        _ whenNone: String,
        _ kind: String
    ) -> String {
        known.isEmpty
            ? "It has none. \(whenNone)" : Spelling.advice(for: word, among: known, kind: kind)
    }

    private func refusal(_ reason: String, _ proxy: String) -> String {
        "\(reason) — proxy \"\(proxy)\" at \(url). \(SocketRemedy.remedy(for: reason))"
    }

    private func about(_ subject: ProxyClientError.Subject) -> String {
        let proxy = subject.proxy.map { "proxy \"\($0)\" at " } ?? ""
        return proxy + subject.server
    }
}

/// What to do when a proxy cannot listen; the reasons are Go's, as Toxiproxy words them.
enum SocketRemedy {
    static func remedy(for reason: String) -> String {
        if reason.contains("address already in use") {
            return "Another process listens there: 'ss -ltnp' shows which. Choose another port, or "
                + "0 for a free one."
        }
        if reason.contains("permission denied") {
            return "Ports below 1024 need root or CAP_NET_BIND_SERVICE. Choose a higher port."
        }
        if reason.contains("assign requested address") {
            return "This machine has no such address. Use 127.0.0.1 or 0.0.0.0."
        }
        if reason.contains("no such host") {
            return "Check the name, or use a number address such as 127.0.0.1."
        }
        if reason.contains("invalid port") {
            return "A port is a number from 0 to 65535."
        }
        if reason.contains("missing port") {
            return "Write HOST:PORT, such as 127.0.0.1:6432."
        }
        return "Check the listen address."
    }
}
