/// Postgres: under construction.
package enum PostgresRoom {}
