import CClock

/// By how much a clock is wrong: `wall + offset + (wall - base) × drift`.
package struct ClockSetting: Sendable, Hashable {
    /// Nanoseconds; negative: the clock is slow.
    package var offset: Int64
    /// Where the drift begins, nanoseconds since 1970.
    package var base: Int64
    /// Parts per billion that the clock gains; negative: it loses.
    package var drift: Int64

    package init(offset: Int64 = 0, base: Int64 = 0, drift: Int64 = 0) {
        self.offset = offset
        self.base = base
        self.drift = drift
    }

    /// The clock is right.
    package static let none = ClockSetting()

    package var isMoved: Bool { offset != 0 || drift != 0 }

    /// What the process reads when the host's clock stands at `wall`, both nanoseconds since 1970.
    package func reading(at wall: Int64) -> Int64 {
        var setting = native
        return unsafe cclock_shift(&setting, wall)
    }

    var native: cclock_setting {
        cclock_setting(offset_ns: offset, base_ns: base, drift_ppb: drift)
    }

    init(_ native: cclock_setting) {
        self.init(offset: native.offset_ns, base: native.base_ns, drift: native.drift_ppb)
    }
}

/// What stands in the control block of a process.
package struct ClockState: Sendable, Hashable {
    package var setting: ClockSetting
    /// How many moved readings the process has made.
    package var readings: UInt64
    /// The latest moved reading, nanoseconds since 1970; 0 when there was none.
    package var last: Int64
    /// Whose it is; empty when nobody said so.
    package var tag: String

    init(_ control: cclock_control) {
        let isFirst = control.active & 1 == 0
        setting = ClockSetting(isFirst ? control.settings.0 : control.settings.1)
        readings = control.readings
        last = control.last_ns
        let bytes = unsafe withUnsafeBytes(of: control.tag) { unsafe Array($0) }
        tag = String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
}
