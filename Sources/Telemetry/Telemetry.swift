/// Telemetry: under construction.
package enum TelemetryRoom {}
