/// FaultToxic: under construction.
package enum FaultToxicRoom {}
