import ChaosModel
import HTTP

/// What one arrival does.
protocol Scenario: Sendable {
    /// The names of its operations; each begins at the planned start and ends exactly once.
    static var operations: [String] { get }

    /// `base`: the URL of the system under test.
    init(base: String, mix: LoadProfile.Mix)

    /// The operations that this arrival has beside those; `none` unless the scenario says so.
    func extras(of arrival: Arrival) -> [String]

    /// Acts as the client until every operation has ended, or until the task is cancelled.
    func run(_ arrival: Arrival, _ client: HTTPClient, _ end: (OperationEnd) -> Void) async
}

extension Scenario {
    func extras(of arrival: Arrival) -> [String] { [] }
}

/// How an operation ended.
struct OperationEnd: Sendable, Equatable {
    enum Kind: Sendable { case ok, fail, info }
    var operation: String
    var kind: Kind
    var order: String?
    var status: Int?
    var detail: String?
    /// From when its latency counts, in nanoseconds of `CLOCK_MONOTONIC`; `nil`: from the arrival's
    /// planned start.
    var began: Int64?
}
