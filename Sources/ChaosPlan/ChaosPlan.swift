/// ChaosPlan: under construction.
package enum ChaosPlanRoom {}
