/// Times as the shop's statements write them into JSON.
package enum SQLTime {
    /// An expression that gives a `timestamptz` as RFC 3339 in UTC, with microseconds.
    package static func rfc3339(_ column: String) -> String {
        "to_char(\(column) AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"
    }
}
