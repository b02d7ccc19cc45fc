internal import CNetlink

extension RouteSocket {
    /// The disciplines of an interface, or of all of them (`nil`), those of the kernel included.
    ///
    /// - Throws: `NetlinkError`.
    package func qdiscs(of interface: Int32?) throws(NetlinkError) -> [Qdisc] {
        try dump({ QdiscMessages.list(interface ?? 0) }, "listing the disciplines")
            .compactMap { Qdisc($0.payload) }
            .filter { interface == nil || $0.interface == interface }
    }

    /// Makes a discipline where there is none but the kernel's own.
    ///
    /// - Throws: `NetlinkError`; `.exists` when there is one, `.unsupported` without its module.
    package func addQdisc(
        _ form: QdiscForm,
        to interface: Int32,
        parent: TrafficHandle,
        handle: TrafficHandle
    ) throws(NetlinkError) {
        let message = QdiscMessages.put(
            form,
            .add,
            interface: interface,
            parent: parent,
            handle: handle
        )
        try request(message, "adding \(form.kind) \(handle) at \(parent)")
    }

    /// Gives a discipline other settings; packets that it holds stay.
    ///
    /// - Throws: `NetlinkError`; `.refused` when one of another kind has the handle.
    package func replaceQdisc(
        _ form: QdiscForm,
        on interface: Int32,
        parent: TrafficHandle,
        handle: TrafficHandle
    ) throws(NetlinkError) {
        let message = QdiscMessages.put(
            form,
            .replace,
            interface: interface,
            parent: parent,
            handle: handle
        )
        try request(message, "changing \(form.kind) \(handle) at \(parent)")
    }

    /// Removes a discipline with everything below it; packets that it holds are lost.
    ///
    /// - Throws: `NetlinkError`; `.missing` when there is none.
    package func deleteQdisc(
        on interface: Int32,
        parent: TrafficHandle,
        handle: TrafficHandle
    ) throws(NetlinkError) {
        let message = QdiscMessages.delete(interface: interface, parent: parent, handle: handle)
        try request(message, "removing the discipline \(handle) at \(parent)")
    }
}
