/// FaultSQL: under construction.
package enum FaultSQLRoom {}
