/// LinuxSystem: under construction.
package enum LinuxSystemRoom {}
