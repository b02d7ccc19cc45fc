internal import CNetlink

extension RouteSocket {
    /// The filters of a place, in the kernel's order.
    ///
    /// - Throws: `NetlinkError`.
    package func filters(at place: FilterPlace) throws(NetlinkError) -> [Filter] {
        try dump({ FilterMessages.list(place) }, "listing the filters at \(place)")
            .compactMap { Filter($0.payload) }
    }

    /// Hangs a filter; a match of nothing but the network protocol takes every packet of it.
    ///
    /// One priority serves one network protocol.
    /// - Throws: `NetlinkError`; `.unsupported` without the modules cls_flower, cls_u32,
    /// act_mirred.
    package func addFilter(
        _ match: PacketMatch,
        _ action: FilterAction,
        at place: FilterPlace,
        priority: UInt16
    ) throws(NetlinkError) {
        let isEverything = match == PacketMatch(match.network)
        let message =
            isEverything
            ? FilterMessages.everything(
                of: match.network,
                action,
                at: place,
                priority: priority
            )
            : FilterMessages.flower(match, action, at: place, priority: priority)
        try request(message, "adding a filter at \(place)")
    }

    /// Removes every filter of a place.
    ///
    /// - Throws: `NetlinkError`; `.missing` when the place itself is gone.
    package func deleteFilters(at place: FilterPlace) throws(NetlinkError) {
        try request(FilterMessages.deleteAll(place), "removing the filters at \(place)")
    }
}
