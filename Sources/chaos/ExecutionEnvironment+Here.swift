import ChaosModel
import LinuxSystem

extension ExecutionEnvironment {
    /// What this process sees: its environment variables and the programs on its search path.
    static let here = ExecutionEnvironment(
        variable: { Environment.get($0) },
        hasProgram: { program in
            guard !program.contains("/") else { return SystemFiles.exists(program) }
            let path = Environment.get("PATH") ?? "/usr/local/bin:/usr/bin:/bin"
            return path.split(separator: ":").contains { SystemFiles.exists("\($0)/\(program)") }
        }
    )
}
