// ChaosPluginAPI: what a plugin is, and what it may know and must prove. Pure.
//
//     plugin.json + schema.json ─▶ PluginManifest ─▶ (ChaosPlan checks arguments, help, reference)
//
//     runner ─▶ Plugin.fault(function) ─▶ prepare ─ inject ─ confirm… ─ revert ─ confirmReverted
//                     │                     │                  │
//                StepContext           UndoRecord            Effect
//
// `ArgumentSchema.canonical` is the only reader of arguments: durations become milliseconds, shares
// 0…1, rates per second, so that no plugin parses units.
