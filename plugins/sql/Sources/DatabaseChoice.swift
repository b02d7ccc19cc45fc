import ChaosModel
import ChaosPluginAPI
import JSON

/// Which database is meant, what it is told, and for how long one waits.
enum DatabaseChoice {
    static func statement(_ context: StepContext) throws -> String {
        guard let sql = context.arguments["sql"]?.stringValue else {
            throw SQLError("there is no statement — argument sql. Give one as a string.")
        }
        return sql
    }

    static func timeout(_ context: StepContext) -> Duration {
        .milliseconds(Int64(context.arguments["timeout"]?.doubleValue ?? 10_000))
    }

    static func conninfo(_ context: StepContext) throws -> String {
        let database = context.arguments["database"]?.stringValue
        switch (database, context.arguments["conninfo"]?.stringValue) {
        case (nil, let conninfo?):
            return conninfo
        case (let service?, nil):
            return try observer(of: service, context.system)
        case (nil, nil), (_?, _?):
            throw SQLError(
                "which database is not clear — arguments database and conninfo."
                    + " Give exactly one of them."
            )
        }
    }

    private static func observer(of service: String, _ system: SystemDescription?) throws -> String
    {
        guard let system else {
            throw SQLError(
                "there is no system with a database of \(service) — argument database."
                    + " Set the experiment's \"system\", or use conninfo."
            )
        }
        guard let database = system.databases.first(where: { $0.service == service }) else {
            let known = system.databases.map(\.service).joined(separator: ", ")
            throw SQLError(
                "\(service) has no database — argument database."
                    + " The databases of \(system.name) are those of: \(known)."
            )
        }
        guard let observer = database.observer else {
            throw SQLError(
                "the database of \(service) cannot be observed — system \(system.name)."
                    + " Start the system first."
            )
        }
        return observer
    }
}
