// The verdict: what a journal proves, and what it does not.
//
//     events ──RunFacts──▶ tables ──rules──▶ reasons ──order of weight──▶ outcome, sentence, exit
//              one pass     (Tables/)        (Rules/)                     status
//
// Each rule looks at the tables and gives reasons. A reason either *deviates* (the system broke a
// promise), *blocks* (the run proves nothing), or informs. What deviates wins over what blocks;
// with neither the hypothesis held. Two things stand above that order: an invariant that is
// violated deviates even when the run was cut, aborted or its fault never fired, and an undo that
// did not succeed is exit status 4 whatever else happened.
//
// No green without an effect: a fault without proof of its hits, a probe without readings, a load
// generator that ran late are blocks, never a silent pass. The room is pure: the same journal gives
// the same verdict on another machine, and a journal cut by `kill -9` gives one too.
