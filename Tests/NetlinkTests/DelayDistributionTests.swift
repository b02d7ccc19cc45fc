import Testing

@testable import Netlink

struct DelayDistributionTests {
    @Test(arguments: DelayDistribution.allCases)
    func `a table has mean 0 and rises`(_ distribution: DelayDistribution) {
        let table = distribution.table.map { Double($0) / 8192 }
        #expect(table.count == 4096)
        #expect(abs(table.reduce(0, +) / 4096) < 0.001)
        #expect(zip(table, table.dropFirst()).allSatisfy { $0 <= $1 })
    }

    @Test(arguments: [DelayDistribution.normal, .pareto, .paretonormal])
    func `the jitter is the standard deviation`(_ distribution: DelayDistribution) {
        let squares = distribution.table.map { Double($0) / 8192 }.reduce(0) { $0 + $1 * $1 }
        #expect(abs((squares / 4096).squareRoot() - 1) < 0.005)
    }

    @Test func `the jitter is half the range of the uniform distribution`() {
        let table = DelayDistribution.uniform.table
        #expect(table.first == -8190 && table.last == 8190)
        #expect(abs(Double(table[1024]) / 8192 + 0.5) < 0.001)
    }

    @Test func `the bell has its quantiles where the tables of statistics have them`() {
        let table = DelayDistribution.normal.table.map { Double($0) / 8192 }
        for (share, quantile) in [(0.5, 0.0), (0.84134, 1.0), (0.97725, 2.0), (0.00135, -3.0)] {
            let value = table[Int(share * 4096)]
            #expect(abs(value - quantile) < 0.03, "\(share): \(value)")
        }
    }

    @Test func `the Pareto distribution is skewed to the late side`() {
        let table = DelayDistribution.pareto.table.map { Double($0) / 8192 }
        #expect(table[2048] < -0.2, "the median lies below the mean")
        #expect(table.last.map { $0 > 3.9 } == true && table.first.map { $0 > -1 } == true)
    }
}
