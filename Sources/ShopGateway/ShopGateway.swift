/// ShopGateway: under construction.
package enum ShopGatewayRoom {}
