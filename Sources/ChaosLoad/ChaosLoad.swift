/// ChaosLoad: under construction.
package enum ChaosLoadRoom {}
