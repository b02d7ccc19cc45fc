// Telemetry: what a process says about itself — log lines, metrics, traces — without ever waiting
// for the reader.
//
//   Logger(label) ── level, message, metadata ──▶ LogSink ── bounded buffer ──▶ stderr | file
//   Counter · Gauge · DurationHistogram ──▶ MetricsRegistry ── render() ──▶ GET /metrics
//   Tracer ── begin … end ──▶ Span ──▶ SpanQueue ── bounded ──▶ TraceText ──▶ a collector
//
// The logger has the shape of swift-log (levels, label, metadata, lazily evaluated messages), so
// that moving to it would be mechanical. A sink writes only when the descriptor takes bytes at
// once; what does not fit into its buffer is dropped and counted, and the count is logged when
// there is room. Metrics are Prometheus text 0.0.4 with a cap on the number of series.
