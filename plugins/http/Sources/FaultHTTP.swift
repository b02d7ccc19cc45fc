/// FaultHTTP: under construction.
package enum FaultHTTPRoom {}
