#pragma once
// CNetlink: libnl-3 (sockets, messages, attributes) and the kernel's own headers of routing netlink.
#include <sys/socket.h>
#include <linux/gen_stats.h>
#include <linux/if_ether.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <linux/tc_act/tc_mirred.h>
#include <linux/veth.h>
#include <netlink/attr.h>
#include <netlink/errno.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>
#include <stdlib.h>

// Tells the kernel to explain its refusals in words (Linux 4.12); 0 or -1 with errno.
static inline int cnetlink_explain_refusals(int descriptor) {
    int on = 1;
    return setsockopt(descriptor, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof on);
}
// How long one receive may wait, milliseconds; 0 or -1 with errno.
static inline int cnetlink_bound_receive(int descriptor, int milliseconds) {
    struct timeval limit = {milliseconds / 1000, milliseconds % 1000 * 1000};
    return setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
}
