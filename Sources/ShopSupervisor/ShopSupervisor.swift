/// ShopSupervisor: under construction.
package enum ShopSupervisorRoom {}
