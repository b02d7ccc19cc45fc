import Glibc
import Testing

@testable import LinuxSystem

@Suite struct CapabilityTests {
    @Test func `the effective set is read from the status file`() {
        let status = "Name:\tchaos\nCapPrm:\t0\nCapEff:\t0000000000001000\nCapBnd:\t1ff\n"
        #expect(Capability.effective(in: status) == 0x1000)
        #expect(Capability.effective(in: "Name:\tchaos\n") == nil)
        #expect(Capability.effective(in: "CapEff:\tnothing\n") == nil)
    }

    @Test func `who is not root has no right to the network`() {
        // Root may have been stripped of it: only the other direction is certain.
        guard geteuid() != 0 else { return }
        #expect(!Capability.networkAdministration.isHeld)
    }
}
