// Statistics: what many measurements say, and how sure one may be of it. Pure; no I/O, no clock.
//
//     values ─▶ Histogram ─▶ quantile · quantileInterval ─▶ "p99 = 212 ms (198 … 240, 95 %)"
//     counts ─▶ Proportion.wilson ─▶ "success 99.2 % (98.1 … 99.7, 95 %)"
//
// `Histogram`    log-linear buckets (HDR): counts of any number of values in bounded memory with a
//                bounded relative error; mergeable, subtractable, serialisable.
// `Interval`     quantile intervals by order statistics, which assume no distribution; Wilson's
//                interval for proportions, which stays inside 0…1 for small counts.
// `RankTest`     Mann–Whitney: do two histograms differ in location?
//
// Nothing here interpolates: a quantile is a value that was (up to the bucket's error) observed.
