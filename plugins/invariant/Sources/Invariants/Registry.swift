/// Every invariant there is: the only list.
let allInvariants: [Invariant] = [
    .noDoubleChargePerOrder,
    .noDoubleChargePerKey,
    .confirmedHasOneCaptureAndReservation,
    .noChargeWithoutOrder,
    .moneyConserved,
    .stockNeverNegative,
    .stockConserved,
    .sagaTerminal,
    .acknowledgedOrderExists,
]
