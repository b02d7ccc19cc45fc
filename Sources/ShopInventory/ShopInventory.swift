/// ShopInventory: under construction.
package enum ShopInventoryRoom {}
