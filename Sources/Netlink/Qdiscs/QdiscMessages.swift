internal import CNetlink

/// The requests about disciplines, byte for byte.
enum QdiscMessages {
    /// What a request does when there is a discipline at that place already.
    enum Mode {
        /// Refuses.
        case add
        /// Changes its settings, or takes its place.
        case replace
    }

    /// Every discipline of an interface, or of all (0); with those that the kernel made by itself.
    static func list(_ interface: Int32) -> NetlinkMessage {
        let message = NetlinkMessage(Int(RTM_GETQDISC), flags: NLM_F_DUMP)
        message.append(header(interface, .none, .none))
        return message
    }

    static func put(
        _ form: QdiscForm,
        _ mode: Mode,
        interface: Int32,
        parent: TrafficHandle,
        handle: TrafficHandle
    ) -> NetlinkMessage {
        let flags = NLM_F_CREATE | (mode == .add ? NLM_F_EXCL : NLM_F_REPLACE)
        let message = NetlinkMessage(Int(RTM_NEWQDISC), flags: flags)
        message.append(header(interface, parent, handle))
        message.put(TCA_KIND, text: form.kind)
        switch form {
        case .netem(let netem): netem.write(to: message)
        case .prio: message.put(TCA_OPTIONS, bytes: form.prioOptions)
        case .tbf(let rate, let burst, let limit): tbf(rate, burst, limit, message)
        case .pfifo(let limit): message.put(TCA_OPTIONS, tc_fifo_qopt(limit: limit))
        case .ingress(let block): message.put(Int(TCA_INGRESS_BLOCK), block)
        }
        return message
    }

    static func delete(
        interface: Int32,
        parent: TrafficHandle,
        handle: TrafficHandle
    ) -> NetlinkMessage {
        let message = NetlinkMessage(Int(RTM_DELQDISC))
        message.append(header(interface, parent, handle))
        return message
    }

    static func header(
        _ interface: Int32,
        _ parent: TrafficHandle,
        _ handle: TrafficHandle
    ) -> tcmsg {
        var head = tcmsg()
        head.tcm_ifindex = interface
        head.tcm_parent = parent.rawValue
        head.tcm_handle = handle.rawValue
        return head
    }

    private static func tbf(
        _ rate: UInt32,
        _ burst: UInt32,
        _ limit: UInt32,
        _ message: NetlinkMessage
    ) {
        var options = tc_tbf_qopt()
        options.rate.rate = rate
        // 1 is Ethernet (TC_LINKLAYER_ETHERNET); with it the kernel needs no table of times.
        options.rate.linklayer = 1
        options.limit = limit
        message.nest(TCA_OPTIONS) {
            message.put(Int(TCA_TBF_PARMS), options)
            message.put(Int(TCA_TBF_BURST), burst)
            // The kernel wants a table of 256 times even where it reads none of them.
            message.put(Int(TCA_TBF_RTAB), bytes: [UInt8](repeating: 0, count: 1024))
        }
    }
}
