/// ShopOrders: under construction.
package enum ShopOrdersRoom {}
