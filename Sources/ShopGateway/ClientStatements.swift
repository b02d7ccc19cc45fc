/// The statements of gateway-db.
enum ClientStatements {
    /// An answer that takes longer is worth as little as none.
    static let leasePatience: Duration = .milliseconds(500)

    /// The clients, $1 most; one that is new gets a full pot.
    static let read = """
        WITH known AS MATERIALIZED (
            SELECT api_key, requests_per_second FROM clients ORDER BY api_key LIMIT $1::int
        ), begun AS (
            INSERT INTO client_allowances (api_key, tokens)
            SELECT api_key, requests_per_second FROM known
            WHERE api_key NOT IN (SELECT api_key FROM client_allowances)
            ON CONFLICT (api_key) DO NOTHING
        )
        SELECT api_key, requests_per_second FROM known
        """

    /// Takes tokens out of pots: $1 keys, $2 how many are wished for; one row for each.
    ///
    /// A pot fills up by the database's clock, to one second's worth at most. The rows are locked
    /// in the order of their keys, so that two gateways cannot wait for each other; what is written
    /// is computed from the row as it is under the lock.
    static let lease = """
        WITH locked AS MATERIALIZED (
            SELECT a.api_key, c.requests_per_second AS rate, w.wish
            FROM client_allowances AS a JOIN clients AS c USING (api_key)
            JOIN unnest($1::text[], $2::int[]) AS w(api_key, wish) USING (api_key)
            ORDER BY a.api_key FOR UPDATE OF a
        )
        UPDATE client_allowances AS a SET
            granted = least(wish, floor(\(available))),
            tokens = \(available) - least(wish, floor(\(available))),
            filled_at = greatest(a.filled_at, statement_timestamp())
        FROM locked WHERE a.api_key = locked.api_key
        RETURNING a.api_key, a.granted
        """

    private static let available = """
        least(rate, a.tokens + rate * greatest(0,
                extract(epoch FROM statement_timestamp() - a.filled_at)::double precision))
        """
}
