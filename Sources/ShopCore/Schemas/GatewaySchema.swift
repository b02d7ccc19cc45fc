/// gateway-db: the API's clients with their rate limits, and what is left of each; read and leased
/// at intervals, never per request.
enum GatewaySchema {
    static let script = """
        CREATE TABLE IF NOT EXISTS clients (
            api_key text PRIMARY KEY,
            name text NOT NULL,
            requests_per_second int NOT NULL CHECK (requests_per_second > 0),
            created_at timestamptz NOT NULL DEFAULT clock_timestamp()
        );
        CREATE TABLE IF NOT EXISTS client_allowances (
            api_key text PRIMARY KEY REFERENCES clients ON DELETE CASCADE,
            tokens double precision NOT NULL,
            granted int NOT NULL DEFAULT 0,
            filled_at timestamptz NOT NULL DEFAULT clock_timestamp()
        ) WITH (fillfactor = 50);
        INSERT INTO clients (api_key, name, requests_per_second)
            VALUES ('demo', 'The demonstration client', 10000)
            ON CONFLICT (api_key) DO NOTHING;
        """
}
