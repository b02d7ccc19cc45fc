/// CommandLine: under construction.
package enum CommandLineRoom {}
