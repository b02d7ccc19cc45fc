/// HTTP: under construction.
package enum HTTPRoom {}
