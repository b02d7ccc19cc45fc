package import ChaosModel
import LinuxSystem

/// What is known of a shop at this moment.
package struct ShopStatus: Sendable {
    /// In which state it is.
    package enum State: String, Sendable {
        case absent
        /// Being started or stopped.
        case busy
        case running
        /// Its supervisor was killed; `down` or the next `up` cleans up.
        case stale
    }

    /// A process of the shop.
    package struct Process: Sendable, Equatable {
        package var name: String
        package var pid: Int32
        package var isAlive: Bool
    }

    package var name: String
    package var state: State
    /// The running shop.
    package var system: SystemDescription?
    /// The supervisor first, then its children in the order of their last start.
    package var processes: [Process]
    package var directory: String?
    /// The run that started the shop, when one did.
    package var startedBy: String?
}

/// Looks at a shop without touching it.
///
/// Throws `ShopError` when the name is none.
package func status(name: String = ShopTopology.defaultName) throws -> ShopStatus {
    let places = try ShopPlaces(name: name, shops: StatePaths.shops)
    func status(
        _ state: ShopStatus.State,
        _ record: SupervisorRecord,
        _ system: SystemDescription?
    ) -> ShopStatus {
        ShopStatus(
            name: name,
            state: state,
            system: system,
            processes: ([record.supervisor] + record.children).map {
                ShopStatus.Process(name: $0.name, pid: $0.pid, isAlive: $0.isAlive)
            },
            directory: record.directory,
            startedBy: record.startedBy
        )
    }
    switch ShopState.look(places) {
    case .absent: return ShopStatus(name: name, state: .absent, processes: [])
    case .busy(let record): return status(.busy, record, nil)
    case .stale(let record): return status(.stale, record, nil)
    case .running(let record, let system): return status(.running, record, system)
    }
}
