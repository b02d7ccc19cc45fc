/// ChaosRunner: under construction.
package enum ChaosRunnerRoom {}
