import ChaosModel
import EventLoop
import JSON
import LinuxSystem

/// What the files say about a shop, checked against the processes that run.
enum ShopState {
    case absent
    /// The supervisor lives; the shop is not ready yet, or is being stopped.
    case busy(SupervisorRecord)
    case running(SupervisorRecord, SystemDescription)
    /// The supervisor is gone and its files are left: it was killed, or the machine went down.
    case stale(SupervisorRecord)

    static func look(_ places: ShopPlaces) -> ShopState {
        guard let record = SupervisorRecord.read(places.record) else { return .absent }
        guard record.supervisor.isAlive else { return .stale(record) }
        guard let bytes = try? SystemFiles.read(record.directory + "/system.json"),
            let json = try? JSONValue.parse(bytes),
            let system = try? SystemDescription(json: json)
        else { return .busy(record) }
        return .running(record, system)
    }

    /// How long the children of a killed supervisor may take to follow it before they are killed.
    static let followTimeout: Duration = .seconds(5)

    /// Ends what a crashed supervisor left running and removes what it left lying, but for the
    /// databases when they are to be kept.
    ///
    /// The kernel has told its children to end (PR_SET_PDEATHSIG); this waits for them.
    static func sweep(
        _ record: SupervisorRecord,
        _ places: ShopPlaces,
        keeps: Bool = false
    ) async throws {
        let end = Loop.monotonicNanoseconds() + followTimeout.nanosecondsClamped
        let kill: Int32 = 9
        while record.children.contains(where: \.isAlive) {
            if Loop.monotonicNanoseconds() > end {
                for child in record.children { child.signal(kill) }
            }
            try await Loop.current?.sleep(for: .milliseconds(10))
        }
        if let network = record.network { try ShopNetwork.remove(prefix: network) }
        try KeptData(directory: record.directory).clear(stays: keeps)
        try SystemFiles.removeTree(places.record)
        try SystemFiles.removeTree(places.lock)
    }
}
