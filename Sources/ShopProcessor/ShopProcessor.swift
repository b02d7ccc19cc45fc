/// ShopProcessor: under construction.
package enum ShopProcessorRoom {}
