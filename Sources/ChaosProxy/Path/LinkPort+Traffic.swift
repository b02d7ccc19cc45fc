import EventLoop
import JSON

/// How a connection came to its end.
enum ConnectionEnd: String, Sendable {
    /// Both sides were closed with FIN.
    case finished
    /// Both sides were reset.
    case reset
    /// A toxic reset the client; the server was told goodbye.
    case clientReset = "client_reset"
}

// What was carried, and what is told of it.
extension LinkPort {
    /// What the link carried on this loop, open connections included.
    var traffic: LinkTraffic {
        var traffic = past
        traffic.open = connections.count
        traffic.accepted = isHome ? Int(share.lastNumber) : 0
        for connection in connections.values { traffic.add(connection) }
        traffic.upstream.added = added.upstream.histogram
        traffic.downstream.added = added.downstream.histogram
        traffic.requests = requests.histogram
        return traffic
    }

    /// The server accepted.
    func opened(_ connection: Connection) {
        past.opened += 1
        share.plane.events.tell(.connectionOpened, of: name) {
            [
                "connection": .string(connection.name),
                "client": .string(connection.clientAddress),
            ]
        }
    }

    /// A connection is about to end.
    func tell(_ connection: Connection, ends end: ConnectionEnd, wasOpen: Bool) {
        share.plane.events.tell(.connectionClosed, of: name) {
            let now = Loop.monotonicNanoseconds()
            let summary = connection.summary(now: now)
            return [
                "connection": .string(connection.name),
                "client": .string(summary.client),
                "end": .string(wasOpen ? end.rawValue : "refused"),
                "age_ms": .integer(summary.ageMilliseconds),
                "bytes_upstream": .integer(Int64(summary.bytes.upstream)),
                "bytes_downstream": .integer(Int64(summary.bytes.downstream)),
                "hits": .object(ConnectionSummary.json(summary.hits)),
            ]
        }
    }

    /// A toxic hit a connection for the first time, or an event of its session.
    func tell(_ toxic: Toxic, hit connection: Connection?, _ detail: JSONObject = [:]) {
        share.plane.events.tell(.toxicFired, of: name) {
            var object: JSONObject = [
                "toxic": .string(toxic.name), "type": .string(toxic.type.name),
                "stream": .string(toxic.direction.rawValue),
            ]
            if let connection { object["connection"] = .string(connection.name) }
            for member in detail.members { object[member.name] = member.value }
            return object
        }
    }
}
