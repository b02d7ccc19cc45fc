import ChaosModel
import JSON

/// What `chaos init` knows of somebody's system; a value, from which every file follows.
struct FirstExperiment: Sendable, Equatable {
    /// The service's name in the files: `app`.
    var name: String
    /// A URL of the service that needs the database: `http://127.0.0.1:8080/orders`.
    var url: String
    /// Where the database listens: `127.0.0.1:5432`.
    var database: String
    var wireProtocol: SystemDescription.Link.WireProtocol
    /// Where the proxy will listen for the service: `127.0.0.1:6432`.
    var listen: String
    /// The file with the service's process id, when there is one.
    var pidFile: String?
    /// What the undisturbed service needed for an answer at most; `nil`: it did not answer.
    var slowest: Duration?
    /// The folder of the files.
    var directory: String

    /// The control API of `chaos proxy serve` where nothing else is said.
    static let proxyAPI = "http://127.0.0.1:8474"
    /// What the first fault adds to each answer of the database.
    static let addedLatency: Duration = .milliseconds(200)

    /// The link's name.
    var link: String { "\(name)->\(name)-db" }

    /// How late an answer may be while the database is slow: what was seen, and five slow round
    /// trips.
    var patience: Duration {
        let seen = slowest ?? .zero
        let milliseconds = (seen + Self.addedLatency * 5) / .milliseconds(1)
        return .milliseconds(Int64((milliseconds / 100).rounded(.up)) * 100)
    }

    /// Every file by its path, in the order in which one reads them.
    var files: [(path: String, text: String)] {
        var files: [(path: String, text: String)] = [
            ("\(directory)/system.json", text(system)),
            ("\(directory)/proxies.json", text(proxies)),
            ("\(directory)/experiments/slow-database.json", text(slowDatabase)),
            ("\(directory)/experiments/database-away.json", text(databaseAway)),
        ]
        if let pidFile {
            files.append(("\(directory)/experiments/\(name)-killed.json", text(killed(pidFile))))
        }
        return files
    }

    private func text(_ value: JSONValue) -> String { value.serialized(pretty: true) + "\n" }
}

// The system.
extension FirstExperiment {
    private var system: JSONValue {
        [
            "name": .string(name),
            "gateway": .string(url),
            "proxy-api": .string(Self.proxyAPI),
            "services": [["name": .string(name), "url": .string(url)]],
            "links": [
                [
                    "name": .string(link), "protocol": .string(wireProtocol.rawValue),
                    "listen": .string(listen), "upstream": .string(database),
                ]
            ],
            "databases": [],
        ]
    }

    private var proxies: JSONValue {
        var proxy: JSONObject = [
            "name": .string(link), "listen": .string(listen), "upstream": .string(database),
            "enabled": true,
        ]
        if wireProtocol != .tcp { proxy["protocol"] = .string(wireProtocol.rawValue) }
        return [.object(proxy)]
    }
}

// The experiments.
extension FirstExperiment {
    private var slowDatabase: JSONValue {
        experiment(
            title: "Nobody is turned away while the database is slow",
            description: "While every answer of the database comes "
                + "\(Self.addedLatency.text) late, at least 99% of the requests to \(url) still "
                + "succeed, and 99 of 100 within \(patience.text). Databases are slow every day; "
                + "a service that turns slowness into errors is worse than its database.",
            probes: [
                success("99%"),
                [
                    "type": "probe", "name": "requests end in time (p99)",
                    "provider": metric("latency", ["operation": "get", "quantile": "99%"]),
                    "tolerance": ["at-most": .string(patience.text)],
                ],
            ],
            strategy: "on-fault",
            action: [
                "type": "action", "name": "the database answers late",
                "provider": [
                    "type": "toxic", "func": "latency",
                    "arguments": ["latency": .string(Self.addedLatency.text)],
                ],
                "target": ["link": .string(link)], "duration": "20s",
            ]
        )
    }

    private var databaseAway: JSONValue {
        experiment(
            title: "The service is back as soon as its database is",
            description: "After the database was unreachable for 10 seconds, requests to \(url) "
                + "succeed again within 10 seconds, without anybody's help.",
            probes: [success("99%", phases: ["before", "after"])],
            strategy: "default",
            action: [
                "type": "action", "name": "the database is away",
                "provider": ["type": "toxic", "func": "down"],
                "target": ["link": .string(link)], "duration": "10s",
            ]
        )
    }

    private func killed(_ pidFile: String) -> JSONValue {
        experiment(
            title: "The service comes back after it was killed",
            description: "After the process was killed in the middle of its work, its supervisor "
                + "starts it again and requests to \(url) succeed within 10 seconds.",
            probes: [success("99%", phases: ["before", "after"])],
            strategy: "default",
            action: [
                "type": "action", "name": "the process is killed",
                "provider": ["type": "process", "func": "kill"],
                "target": ["process": .string(pidFile)], "duration": "1s",
            ]
        )
    }

    private func experiment(
        title: String,
        description: String,
        probes: [JSONValue],
        strategy: String,
        action: JSONValue
    ) -> JSONValue {
        [
            "chaos": 1,
            "title": .string(title),
            "description": .string(description),
            "system": .string("\(directory)/system.json"),
            "load": [
                "scenario": "http-get", "rate": "10/s", "warm-up": "2s", "baseline": "10s",
                "after": "15s", "timeout": "10s",
            ],
            "steady-state-hypothesis": [
                "title": "Users get through", "strategy": .string(strategy),
                "recovers-within": "10s", "probes": .array(probes),
            ],
            "method": [action],
            "blast-radius": ["max-duration": "1m"],
        ]
    }

    private func success(_ atLeast: String, phases: [String]? = nil) -> JSONValue {
        var probe: JSONObject = [
            "type": "probe", "name": "requests succeed",
            "provider": metric("success-ratio", ["operation": "get"]),
            "tolerance": ["at-least": .string(atLeast)],
        ]
        probe["phases"] = phases.map { .array($0.map { .string($0) }) }
        return .object(probe)
    }

    private func metric(_ function: String, _ arguments: JSONObject) -> JSONValue {
        ["type": "metric", "func": .string(function), "arguments": .object(arguments)]
    }
}
