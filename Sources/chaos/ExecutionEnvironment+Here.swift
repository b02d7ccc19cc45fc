import ChaosModel
import LinuxSystem

extension ExecutionEnvironment {
    /// What this process sees: its environment variables and the programs on its search path.
    static let here = ExecutionEnvironment(
        variable: { Environment.get($0) },
        hasProgram: { program in
            program.contains("/")
                ? SystemFiles.exists(program) : SearchPath.program(program) != nil
        }
    )
}
