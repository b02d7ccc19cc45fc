extension RouteSocket {
    /// Every interface of the namespace.
    ///
    /// - Throws: `NetlinkError`.
    package func links() throws(NetlinkError) -> [Link] {
        try dump({ LinkMessages.list() }, "listing the interfaces").compactMap { Link($0.payload) }
    }

    /// The interface of a name; `nil` when there is none.
    ///
    /// - Throws: `NetlinkError`.
    package func link(named name: String) throws(NetlinkError) -> Link? {
        try links().first { $0.name == name }
    }

    /// Makes an interface; it is there and, when asked for, up when this returns.
    ///
    /// - Throws: `NetlinkError`; `.exists` when the name is taken, `.unsupported` without its
    /// module.
    package func addLink(_ kind: LinkKind, name: String, group: UInt32 = 0, isUp: Bool = true)
        throws(NetlinkError)
    {
        let message = LinkMessages.add(kind, name: name, group: group, isUp: isUp)
        try request(message, "making the \(kind.word) \(name)")
    }

    /// Removes an interface and what hangs on it.
    ///
    /// - Throws: `NetlinkError`; `.missing` when there is none.
    package func deleteLink(_ index: Int32) throws(NetlinkError) {
        try request(LinkMessages.delete(index), "removing the interface \(index)")
    }

    /// Switches an interface on or off.
    ///
    /// - Throws: `NetlinkError`.
    package func setLink(_ index: Int32, isUp: Bool) throws(NetlinkError) {
        let word = isUp ? "on" : "off"
        try request(LinkMessages.set(index, isUp: isUp), "switching \(word) the interface \(index)")
    }

    /// Gives an interface an IPv4 or IPv6 address.
    ///
    /// - Throws: `NetlinkError`; `.exists` when it has it already.
    package func addAddress(_ address: AddressRange, to index: Int32) throws(NetlinkError) {
        try request(
            LinkMessages.address(address, index),
            "giving \(address) to the interface \(index)"
        )
    }
}
