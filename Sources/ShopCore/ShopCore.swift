/// ShopCore: under construction.
package enum ShopCoreRoom {}
