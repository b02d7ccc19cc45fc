import ChaosModel
import ChaosProxy
import CommandLine
import JSON

/// The answers of a proxy server as people read them; pure.
enum ProxyText {
    // MARK: lists

    /// `chaos proxy list`.
    static func list(_ answer: JSONValue, at url: String, width: Int?) -> String {
        let proxies = answer.objectValue?.members.map(\.value) ?? []
        guard !proxies.isEmpty else {
            return "No proxy at \(url). Create one: "
                + "chaos proxy create NAME --listen :6432 --upstream :5432"
        }
        var table = TextTable(["PROXY", "STATE", "LISTEN", "UPSTREAM", "PROTOCOL", "TOXICS"])
        for proxy in proxies {
            let toxics = proxy["toxics"]?.arrayValue ?? []
            table.add([
                text(proxy, "name"), state(proxy), text(proxy, "listen"), text(proxy, "upstream"),
                proxy["protocol"]?.stringValue ?? "tcp",
                toxics.isEmpty
                    ? "-" : toxics.map { text($0, "name") }.joined(separator: ", "),
            ])
        }
        return table.lines(width: width).joined(separator: "\n")
    }

    /// `chaos proxy inspect`.
    static func details(
        _ proxy: JSONValue,
        _ connections: [JSONValue]?,
        width: Int?
    ) -> String {
        var lines = [sentence(proxy: proxy)]
        if let cuts = proxy["cuts"]?.integerValue, cuts > 0 {
            lines.append("connections cut by taking it down: \(cuts)")
        }
        let toxics = proxy["toxics"]?.arrayValue ?? []
        lines += toxics.isEmpty ? ["no toxics"] : [""] + self.toxics(toxics).lines(width: width)
        guard let connections else { return lines.joined(separator: "\n") }
        lines +=
            connections.isEmpty
            ? ["no connections"] : [""] + self.connections(connections).lines(width: width)
        return lines.joined(separator: "\n")
    }

    private static func toxics(_ toxics: [JSONValue]) -> TextTable {
        // Toxiproxy counts nothing and knows no leases: its tables are narrower.
        let counts = toxics.contains { $0["hits"] != nil }
        var columns: [TextTable.Column] = ["TOXIC", "TYPE", "STREAM", .number("TOXICITY")]
        if counts { columns += [.number("HITS"), .number("LEASE")] }
        var table = TextTable(columns + ["SETTINGS"])
        for toxic in toxics {
            var cells = [
                text(toxic, "name"), text(toxic, "type"), text(toxic, "stream"), toxicity(toxic),
            ]
            if counts {
                cells += [
                    toxic["hits"]?.integerValue.map { "\($0)" } ?? "-",
                    toxic["ttl"]?.integerValue.map { lease($0) } ?? "-",
                ]
            }
            table.add(cells + [settings(toxic)])
        }
        return table
    }

    private static func connections(_ connections: [JSONValue]) -> TextTable {
        let sessions = connections.contains { $0["session"] != nil }
        var columns: [TextTable.Column] = [
            "CONNECTION", "CLIENT", "STATE", .number("AGE"), .number("SENT"), .number("RECEIVED"),
        ]
        if sessions { columns += [.number("STATEMENTS"), .number("COMMITS")] }
        var table = TextTable(columns + ["TOXICS"])
        for connection in connections {
            var cells = [
                text(connection, "connection"), text(connection, "client"),
                text(connection, "state"),
                age(connection["age_ms"]?.integerValue ?? 0),
                FigureText.bytes(connection["bytes_upstream"]?.doubleValue ?? 0),
                FigureText.bytes(connection["bytes_downstream"]?.doubleValue ?? 0),
            ]
            if sessions {
                cells += ["statements", "commits"].map { name in
                    connection["session"]?[name]?.integerValue.map { "\($0)" } ?? "-"
                }
            }
            let toxics = (connection["toxics"]?.arrayValue ?? []).compactMap(\.stringValue)
            table.add(cells + [toxics.isEmpty ? "-" : toxics.joined(separator: ", ")])
        }
        return table
    }

    // MARK: types of toxics

    /// `chaos proxy toxic types`.
    static func list(types: [ToxicCatalogue], width: Int?) -> String {
        var table = TextTable(["TYPE", "PROTOCOL", "MATCHES BY", "ATTRIBUTES"])
        for type in types {
            let attributes = type.attributes.joined(separator: ",")
            table.add([
                type.name, type.wireProtocol,
                type.matchUnits.isEmpty ? "-" : type.matchUnits.joined(separator: ", "),
                attributes.isEmpty ? "-" : attributes,
            ])
        }
        return table.lines(width: width).joined(separator: "\n")
    }

    /// The same as JSON.
    static func json(types: [ToxicCatalogue]) -> JSONValue {
        .array(
            types.map { type in
                [
                    "type": .string(type.name), "protocol": .string(type.wireProtocol),
                    "matches-by": .array(type.matchUnits.map { .string($0) }),
                    "attributes": .array(type.attributes.map { .string($0) }),
                ]
            }
        )
    }

    // MARK: sentences

    /// Prints what a command did to a proxy.
    static func answer(_ verb: String, _ proxy: JSONValue, asJSON: Bool) {
        Console.answer(
            asJSON ? proxy.serialized(pretty: true) : "\(verb) \(sentence(proxy: proxy))"
        )
    }

    /// `db: 127.0.0.1:6432 -> 127.0.0.1:5432 (postgres, up)`.
    static func sentence(proxy: JSONValue) -> String {
        let wireProtocol = proxy["protocol"]?.stringValue ?? "tcp"
        return "\(text(proxy, "name")): \(text(proxy, "listen")) -> \(text(proxy, "upstream")) "
            + "(\(wireProtocol), \(state(proxy)))"
    }

    /// `latency_downstream (latency, downstream, latency=100ms, 50 % of connections, 30s left)`.
    static func sentence(toxic: JSONValue) -> String {
        var parts = [text(toxic, "type"), text(toxic, "stream")]
        let settings = settings(toxic)
        if settings != "-" { parts.append(settings) }
        if toxic["toxicity"]?.doubleValue != 1 {
            parts.append("\(toxicity(toxic)) of the connections")
        }
        if let left = toxic["ttl"]?.integerValue { parts.append("\(lease(left)) left") }
        return "\(text(toxic, "name")) (\(parts.joined(separator: ", ")))"
    }

    private static func state(_ proxy: JSONValue) -> String {
        let isUp = proxy["enabled"]?.boolValue ?? true
        let left = proxy["ttl"]?.integerValue.map { " for \(lease($0))" } ?? ""
        return isUp ? "up" : "down" + left
    }

    private static func settings(_ toxic: JSONValue) -> String {
        let attributes = toxic["attributes"]?.objectValue ?? JSONObject()
        var words = [ToxicText.settings(type: text(toxic, "type"), attributes)]
        if let match = toxic["match"]?.objectValue {
            words += match.members.map { "\($0.name)=\($0.value.serialized())" }
        }
        let shown = words.filter { !$0.isEmpty }.joined(separator: " ")
        return shown.isEmpty ? "-" : shown
    }

    private static func toxicity(_ toxic: JSONValue) -> String {
        Quantity.digits((toxic["toxicity"]?.doubleValue ?? 1) * 100) + " %"
    }

    /// A lease in whole seconds, those begun included, or milliseconds when it is short.
    ///
    /// What was spent on the way to us is given back: one of 1 s does not read as 999 ms.
    static func lease(_ milliseconds: Int64) -> String {
        milliseconds > 950 ? "\((milliseconds + 999) / 1_000) s" : "\(milliseconds) ms"
    }

    private static func age(_ milliseconds: Int64) -> String {
        FigureText.age(seconds: milliseconds / 1_000)
    }

    private static func text(_ value: JSONValue, _ name: String) -> String {
        value[name]?.stringValue ?? "?"
    }
}
