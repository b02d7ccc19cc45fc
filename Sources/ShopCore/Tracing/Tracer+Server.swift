import HTTP
import JSON
import Telemetry

// Requests that are answered; names are those of OpenTelemetry's conventions for HTTP.
extension Tracer {
    /// Answers a request as part of the trace that it came with, or of a new one.
    ///
    /// When the tracer is off, the trace that it came with is passed on as it is.
    func serving(
        _ request: HTTPRequest,
        _ route: Route,
        _ body: () async -> HTTPResponse
    ) async -> HTTPResponse {
        let parent = request.headers.trace
        guard route.isTraced,
            var span = begin("\(route.method) \(route.pattern)", .server, parent: parent)
        else {
            guard let parent else { return await body() }
            return await TraceContext.task.withValue(parent) { await body() }
        }
        span.set("http.request.method", .string(request.method))
        span.set("http.route", .string(route.pattern))
        span.set("url.path", .string(String(request.path)))
        span.set("url.scheme", "http")
        let response = await TraceContext.task.withValue(span.context) { await body() }
        span.set("http.response.status_code", .integer(Int64(response.status)))
        // What the client did wrong is no failure of this service.
        if response.status >= 500 {
            span.fail(response.text, type: String(response.status))
        }
        end(span)
        return response
    }
}
