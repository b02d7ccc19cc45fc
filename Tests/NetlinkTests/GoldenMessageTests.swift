import Testing

@testable import Netlink

/// One message, named by the `tc` or `ip` command that asks the same.
struct GoldenMessage: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var message: @Sendable () -> NetlinkMessage
    /// Hexadecimal, with the parts of the message on lines of their own.
    var golden: String
}

/// Byte for byte, without privileges: header (length, type, flags, sequence 0, port 0), `tcmsg` or
/// `ifinfomsg`, then attributes (length, type, value), little endian.
struct GoldenMessageTests {
    static let ours = TrafficHandle(major: 0xc4a5)

    static let messages: [GoldenMessage] = [
        GoldenMessage(
            testDescription: "tc qdisc show dev 7",
            message: { QdiscMessages.list(7) },
            golden: """
                24000000 2600 0503 00000000 00000000
                00000000 07000000 00000000 00000000 00000000
                """
        ),
        GoldenMessage(
            testDescription: "tc qdisc add dev 7 root handle c4a5: prio bands 4",
            message: {
                QdiscMessages.put(
                    .prio(bands: 4, map: QdiscForm.usualMap),
                    .add,
                    interface: 7,
                    parent: .root,
                    handle: ours
                )
            },
            golden: """
                48000000 2400 0506 00000000 00000000
                00000000 07000000 0000a5c4 ffffffff 00000000
                0900 0100 7072696f 00000000
                1800 0200 04000000 01020202010200000101010101010101
                """
        ),
        GoldenMessage(
            testDescription:
                "tc qdisc replace dev 7 parent c4a5:4 handle c501: netem delay 50ms loss 10%",
            message: {
                var netem = Netem()
                netem.delay = 50_000_000
                netem.loss = .random(0.1)
                netem.tag = 0x0102_0304
                return QdiscMessages.put(
                    .netem(netem),
                    .replace,
                    interface: 7,
                    parent: ours.child(4),
                    handle: TrafficHandle(major: 0xc501)
                )
            },
            golden: """
                d4000000 2400 0505 00000000 00000000
                00000000 07000000 000001c5 0400a5c4 00000000
                0a00 0100 6e6574656d00 0000
                a400 0280
                  c2eb0b00 e8030000 99999919 00000000 00000000 00000000
                  1000 0100 00000000 00000000 00000000
                  0c00 0300 00000000 00000000
                  0c00 0400 00000000 00000000
                  1400 0600 00000000 00000000 00000000 04030201
                  0800 0700 00000000
                  0c00 0a00 80f0fa0200000000
                  0c00 0b00 0000000000000000
                  2c00 0c00 0000000000000000 0000000000000000 00000000 00000000
                            0000000000000000 0000000000000000
                """
        ),
        GoldenMessage(
            testDescription: "tc qdisc add dev 7 ingress_block 4711 ingress",
            message: {
                QdiscMessages.put(
                    .ingress(block: 4711),
                    .add,
                    interface: 7,
                    parent: .ingress,
                    handle: .ingressMajor
                )
            },
            golden: """
                38000000 2400 0506 00000000 00000000
                00000000 07000000 0000ffff f1ffffff 00000000
                0c00 0100 696e677265737300
                0800 0d00 67120000
                """
        ),
        GoldenMessage(
            testDescription: "tc qdisc del dev 7 root handle c4a5:",
            message: { QdiscMessages.delete(interface: 7, parent: .root, handle: ours) },
            golden: """
                24000000 2500 0500 00000000 00000000
                00000000 07000000 0000a5c4 ffffffff 00000000
                """
        ),
        GoldenMessage(
            testDescription:
                "tc filter add dev 7 … flower ip_proto tcp dst_ip 10.0.0.0/8 dst_port 5432",
            message: {
                var match = PacketMatch(.ipv4)
                match.transport = .tcp
                match.destination = AddressRange("10.0.0.0/8")
                match.destinationPort = 5432
                return FilterMessages.flower(
                    match,
                    .classify(ours.child(4)),
                    at: .qdisc(7, ours),
                    priority: 3
                )
            },
            golden: """
                64000000 2c00 0506 00000000 00000000
                00000000 07000000 00000000 0000a5c4 08000300
                0b00 0100 666c6f77657200 00
                3400 0280
                  0800 0100 0400a5c4
                  0600 0800 0800 0000
                  0500 0900 06 000000
                  0800 0c00 0a000000
                  0800 0d00 ff000000
                  0600 1300 1538 0000
                """
        ),
        GoldenMessage(
            testDescription:
                "tc filter add block 4711 … u32 match u32 0 0 action mirred egress redirect dev 9",
            message: {
                FilterMessages.everything(
                    of: .ipv4,
                    .redirect(9),
                    at: .block(4711),
                    priority: 3
                )
            },
            golden: """
                8c000000 2c00 0506 00000000 00000000
                00000000 ffffffff 00000000 67120000 08000300
                0800 0100 75333200
                6000 0280
                  3800 0780
                    3400 0180
                      0b00 0100 6d697272656400 00
                      2400 0280
                        2000 0200 00000000 00000000 04000000 00000000 00000000 01000000 09000000
                  2400 0500 01000100 00000000 00000000 00000000 00000000 00000000 00000000 00000000
                """
        ),
        GoldenMessage(
            testDescription: "ip link add chaos0 up group 5 type ifb",
            message: { LinkMessages.add(.ifb, name: "chaos0", group: 5, isUp: true) },
            golden: """
                40000000 1000 0506 00000000 00000000
                00000000 00000000 01000000 01000000
                0b00 0300 6368616f733000 00
                0800 1b00 05000000
                0c00 1280 0800 0100 69666200
                """
        ),
        GoldenMessage(
            testDescription: "ip addr add 10.1.2.3/24 dev 7",
            message: {
                guard let range = AddressRange("10.1.2.3/24") else { preconditionFailure() }
                return LinkMessages.address(range, 7)
            },
            golden: """
                28000000 1400 0506 00000000 00000000
                02180000 07000000
                0800 0200 0a010203
                0800 0100 0a010203
                """
        ),
    ]

    @Test(arguments: messages)
    func `the message is the one that the kernel's headers describe`(_ row: GoldenMessage) {
        #expect(row.message().bytes.hex == [UInt8](hex: row.golden).hex)
    }

    @Test func `a long delay keeps its nanoseconds where the 32-bit field ends`() {
        var netem = Netem()
        netem.delay = 600_000_000_001
        let options = options(netem)
        #expect(options.prefix(4).allSatisfy { $0 == 0xff })
        #expect(attributes(options)[10]?.number(Int64.self, at: 0) == 600_000_000_001)
    }

    @Test func `a rate beyond 32 bits has its own attribute`() {
        var netem = Netem()
        netem.rate = 12_500_000_000
        let found = attributes(options(netem))
        #expect(found[6]?.number(UInt32.self, at: 0) == UInt32.max)
        #expect(found[8]?.number(UInt64.self, at: 0) == 12_500_000_000)
    }

    @Test func `loss models lie in a nest, with delivery where the kernel wants delivery`() {
        var netem = Netem()
        netem.loss = .gilbertElliott(begins: 0.5, ends: 0.25, lostInBad: 1, lostInGood: 0)
        let burst = attributes(options(netem)).nest(5)?[2]
        #expect(burst.map { Array($0).hex } == "ffffff7f" + "ffffff3f" + "00000000" + "00000000")
        netem.loss = .states(p13: 1, p31: 0.5, p32: 0, p23: 0.25, p14: 0)
        let states = attributes(options(netem)).nest(5)?[1]
        #expect(
            states.map { Array($0).hex } == "ffffffff" + "ffffff7f" + "00000000" + "00000000"
                + "ffffff3f"
        )
    }

    @Test func `the table goes along as soon as there is jitter, the seed when there is one`() {
        var netem = Netem()
        #expect(attributes(options(netem))[2] == nil)
        #expect(attributes(options(netem))[14] == nil)
        netem.delay = 1_000_000
        netem.jitter = 100_000
        netem.seed = 7
        #expect(attributes(options(netem))[2]?.count == 8192)
        #expect(attributes(options(netem))[14]?.number(UInt64.self, at: 0) == 7)
    }

    private func options(_ netem: Netem) -> [UInt8] {
        let message = QdiscMessages.put(
            .netem(netem),
            .add,
            interface: 1,
            parent: .root,
            handle: Self.ours
        )
        return Attributes(message.bytes.dropFirst(36))[2].map { Array($0) } ?? []
    }

    private func attributes(_ options: [UInt8]) -> Attributes { Attributes(options.dropFirst(24)) }
}

struct AddressRangeTests {
    @Test(arguments: [
        ("10.0.0.7", 32, "ffffffff"), ("10.0.0.0/9", 9, "ff800000"), ("0.0.0.0/0", 0, "00000000"),
        ("fd00::/60", 60, "fffffffffffffff0" + "0000000000000000"),
    ])
    func `an address has its length and its mask`(_ text: String, _ prefix: Int, _ mask: String)
        throws
    {
        let range = try #require(AddressRange(text))
        #expect(range.prefix == prefix)
        #expect(range.mask.hex == mask)
        #expect(range.description == text)
    }

    @Test(arguments: ["", "10.0.0", "10.0.0.0/33", "10.0.0.0/", "fd00::/129", "host", "1.2.3.4/-1"])
    func `anything else is none`(_ text: String) {
        #expect(AddressRange(text) == nil)
    }
}
