/// One statement with its parameters `$1`, `$2`, ….
package struct PostgresStatement: Sendable {
    /// The text; one statement.
    package var sql: String
    /// The values, at most 65,535; `nil` is NULL.
    package var parameters: [PostgresValue?]

    package init(_ sql: String, _ parameters: [PostgresValue?] = []) {
        self.sql = sql
        self.parameters = parameters
    }
}
