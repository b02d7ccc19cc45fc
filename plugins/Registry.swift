/// under construction
package enum BundledPluginsRoom {}
