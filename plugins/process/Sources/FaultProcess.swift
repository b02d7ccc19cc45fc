/// FaultProcess: under construction.
package enum FaultProcessRoom {}
