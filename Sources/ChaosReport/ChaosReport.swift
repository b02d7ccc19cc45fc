/// ChaosReport: under construction.
package enum ChaosReportRoom {}
