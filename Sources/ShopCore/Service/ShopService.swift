/// One service's part of a process: its routes and what it does besides answering.
package protocol ShopService: Sendable {
    /// What it answers, beside `/health`, `/metrics` and `/openapi.json`.
    var routes: [Route] { get }
    /// Begins background work; called once, when the service listens.
    func begin() async
    /// Ends background work and long answers; returns when that is done, or after about `grace`.
    func drain(grace: Duration) async
}

extension ShopService {
    package func begin() async {}
    package func drain(grace: Duration) async {}
}
