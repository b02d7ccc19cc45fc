import ChaosModel
import ChaosPluginAPI

/// Which interface is hit, in which directions, and which of its packets.
struct Aim {
    let interface: String
    let namespace: String?
    let directions: [Selection.Direction]
    let selection: Selection
    /// In the words of the experiment; `nil`: those of the interface.
    let name: String?

    /// Reads target and arguments.
    ///
    /// - Throws: `NetemError` when there is nothing to hit, or the arguments contradict each other.
    init(_ context: StepContext, _ backend: Backend) throws {
        let directions = Selection.Direction.all(context.arguments)
        switch context.target {
        case .interface(let interface, let namespace)?:
            self.interface = interface
            self.namespace = namespace
            self.directions = directions
            selection = try Selection(context.arguments)
            name = nil
        case .link(let link)?:
            let (source, target) = try Self.ends(of: link, context.system)
            // netem holds packets where they leave, which costs their sender nothing. What waits
            // in a queue counts against the sender's own limits, so it waits at the receiver.
            let (near, far) = backend == .netem ? (source, target) : (target, source)
            interface = near.interface
            namespace = near.namespace
            self.directions = backend == .netem ? directions : directions.map(\.opposite)
            selection = try Selection(context.arguments, peer: far.address)
            name = link
        default:
            throw NetemError(
                "there is no interface to hit — target. Write {\"interface\": \"eth0\"}, with"
                    + " \"namespace\" when it lies in another one, or {\"link\": \"a->b\"}."
            )
        }
    }

    private struct End {
        var interface: String
        var namespace: String
        var address: String
    }

    private static func ends(
        of link: String,
        _ system: SystemDescription?
    ) throws -> (source: End, target: End) {
        let ends = (system?.services ?? []).compactMap { service -> (String, End)? in
            guard let interface = service.interface, let namespace = service.namespace,
                let address = service.address
            else { return nil }
            let end = End(interface: interface, namespace: namespace, address: address)
            return (service.name, end)
        }
        for (source, from) in ends {
            for (target, to) in ends where "\(source)->\(target)" == link { return (from, to) }
        }
        throw NetemError(
            "\(link) does not join two services with networks of their own — target. Start the shop"
                + " with some (chaos shop up --topology netns, as root), name an interface, or use"
                + " the plugin toxic for a link that passes the proxy."
        )
    }
}
