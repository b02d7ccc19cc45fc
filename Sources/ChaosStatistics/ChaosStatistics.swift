/// ChaosStatistics: under construction.
package enum ChaosStatisticsRoom {}
