/// ShopPayments: under construction.
package enum ShopPaymentsRoom {}
