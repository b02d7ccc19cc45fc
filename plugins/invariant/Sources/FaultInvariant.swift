/// FaultInvariant: under construction.
package enum FaultInvariantRoom {}
