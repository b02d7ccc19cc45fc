import ChaosModel
import HTTP
import JSON
import RunnerFixtures
import ShopCore
import ShopProcessor

extension CrashSubject {
    /// A processor of the shop, asked by its own API; it needs no database for that.
    static func processor(_ fault: CrashFault) async throws -> CrashSubject {
        let service = try await ProcessorService.start(
            ShopServiceConfiguration(
                role: .processor,
                listen: "127.0.0.1:0",
                database: "host=/nonexistent",
                log: "/dev/null",
                pool: 1
            )
        )
        let url = service.url
        let http = HTTPClient()
        var specification = specification(fault)
        specification.target = .service("processor")
        specification.system = SystemDescription(
            name: "shop",
            services: [.init(name: "processor", url: url)],
            links: [],
            databases: []
        )
        return CrashSubject(
            specification: specification,
            isClean: {
                let all = try await http.request(
                    "GET",
                    url: "\(url)/behaviours",
                    timeout: .seconds(10)
                )
                return try JSONValue.parse(all.body)["behaviours"] == []
            },
            stop: {
                http.close()
                await service.stop()
            }
        )
    }
}
