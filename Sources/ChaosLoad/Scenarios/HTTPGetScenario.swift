import ChaosModel
import EventLoop
import HTTP

/// Gets a URL once: `ok` for a status below 400.
struct HTTPGetScenario: Scenario {
    static let operations = ["get"]

    let base: String

    init(base: String, mix: LoadProfile.Mix) {
        self.base = base
    }

    func run(_ arrival: Arrival, _ client: HTTPClient, _ end: (OperationEnd) -> Void) async {
        var result = OperationEnd(operation: "get", kind: .fail)
        do throws(HTTPError) {
            guard let limit = Retries(arrival).attemptLimit(atMost: .infinity) else {
                result.detail = "no time left to begin"
                return end(result)
            }
            let response = try await client.request("GET", url: base, timeout: limit)
            result.status = response.status
            result.kind = response.status < 400 ? .ok : .fail
        } catch {
            result.kind = error.isDefinite ? .fail : .info
            result.detail = error.code.description
        }
        end(result)
    }
}
