/// ChaosVerdict: under construction.
package enum ChaosVerdictRoom {}
