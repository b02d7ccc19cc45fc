// Netlink — links, queueing disciplines and filters of the kernel, without executing `ip` or `tc`.
//
//     NetlinkMessage ──request──▶ RouteSocket ──▶ kernel      (one socket belongs to one namespace)
//        built by libnl              │
//                                    └──dump──▶ Attributes ─▶ Link · Qdisc · Filter
//
// libnl carries sockets, messages and attributes. What goes *into* the options of a discipline is
// written here: libnl's own netem cannot express rates, slots, loss models and 64-bit times, and
// appends a garbage tail (libnl 3.7). The kernel keeps every attribute that a change does not
// mention, so a change mentions all of them.
//
// Sources: rtnetlink(7), tc(8), tc-netem(8), the kernel's linux/pkt_sched.h and linux/pkt_cls.h.
