/// FaultMetric: under construction.
package enum FaultMetricRoom {}
