/// ChaosProxy: under construction.
package enum ChaosProxyRoom {}
