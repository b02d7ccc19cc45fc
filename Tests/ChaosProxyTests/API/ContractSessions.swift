// The contract of Toxiproxy 2.12.0 as conversations: what is asked and what must come back.

extension ContractSession {
    static let all: [ContractSession] = [
        routes, proxyCreation, proxyUpdates, populating, toxicCreation, toxicUpdates, attributes,
        badJSON, extensions,
    ]

    static let routes = ContractSession(
        name: "paths and methods",
        text: #"""
            GET /version
            200 version {"version": "2.12.0"}
            GET /nowhere
            404 text 404 page not found
            GET /
            404 text 404 page not found
            GET /proxies/
            404 text 404 page not found
            GET /proxies/a/b
            404 text 404 page not found
            GET /proxies/a/toxics/b/c
            404 text 404 page not found
            PUT /proxies
            405 none
            OPTIONS /proxies
            405 none
            HEAD /proxies
            405 none
            DELETE /proxies
            405 none
            GET /populate
            405 none
            GET /reset
            405 none
            POST /version
            405 none
            PUT /proxies/a
            405 none
            DELETE /proxies/a/toxics
            405 none
            PUT /proxies/a/toxics/b
            405 none
            GET //proxies
            301 none
            GET /proxies/./a
            301 none
            GET /proxies//a//
            301 none
            # %2F is a slash for the router: the name cannot be addressed.
            GET /proxies/a%2Fb
            404 text 404 page not found
            """#
    )

    static let proxyCreation = ContractSession(
        name: "creating proxies",
        text: #"""
            GET /proxies
            200 json {}
            POST /proxies null
            400 error missing required field: name
            POST /proxies {}
            400 error missing required field: name
            POST /proxies {"name":"","upstream":"x:1"}
            400 error missing required field: name
            POST /proxies {"name":"a"}
            400 error missing required field: upstream
            POST /proxies {"name":"a","upstream":""}
            400 error missing required field: upstream
            POST /proxies {"name":"a","upstream":"x:1","listen":"bad"}
            500 error listen tcp: address bad: missing port in address
            POST /proxies {"name":"a","upstream":"x:1","listen":"h:99999"}
            500 error listen tcp: address 99999: invalid port
            POST /proxies {"name":"a","upstream":"x:1","listen":"a:b:1"}
            500 error listen tcp: address a:b:1: too many colons in address
            POST /proxies {"name":"a","upstream":"x:1","listen":"no-such-host.invalid:1"}
            500 error listen tcp: lookup no-such-host.invalid: no such host
            POST /proxies {"name":"a","upstream":"x:1","listen":"→"}
            500 error listen tcp →: bind: address already in use
            GET /proxies/a
            404 error proxy not found
            # Not enabled: the address is kept as it was given, and nothing is resolved.
            POST /proxies {"NAME":"a","Upstream":"x:1","listen":"localhost:0","enabled":false,"z":1}!
            201 json {"name":"a","listen":"localhost:0","upstream":"x:1","enabled":false,"Logger":{},"toxics":[]…
            POST /proxies {"name":"a","upstream":"x:1"}
            409 error proxy already exists
            POST /proxies {"name":"b","upstream":"x:1","listen":"bad","enabled":false}
            201 json {"name":"b","listen":"bad","upstream":"x:1","enabled":false,"Logger":{},"toxics":[]…
            POST /proxies {"name":"0","upstream":"","name":"c","upstream":"y:2","enabled":false,"name":null}
            201 json {"name":"c","listen":"","upstream":"y:2","enabled":false,"Logger":{},"toxics":[]…
            # Enabled unless said otherwise, listening where it was told.
            POST /proxies {"name":"on","upstream":"→","listen":"localhost:0"}
            201 json {"name":"on","listen":"127.0.0.1:…
            GET /proxies
            200 json {"a":{"name":"a",…
            GET /proxies/c
            200 json {"name":"c","listen":"","upstream":"y:2","enabled":false…
            # A name with a slash can be created but not addressed.
            POST /proxies {"name":"x/y","upstream":"→","listen":"127.0.0.1:0"}
            201 json {"name":"x/y","listen":"127.0.0.1:…
            GET /proxies/x%2Fy
            404 text 404 page not found
            POST /proxies {"name":"ü b","upstream":"x:1","enabled":false}
            201 json {"name":"ü b"…
            GET /proxies/%C3%BC%20b
            200 json {"name":"ü b"…
            DELETE /proxies/a
            204 none
            DELETE /proxies/a
            404 error proxy not found
            DELETE /proxies/on
            204 none
            """#
    )

    static let proxyUpdates = ContractSession(
        name: "changing proxies",
        text: #"""
            POST /proxies {"name":"a","upstream":"x:1","enabled":false,"listen":"localhost:0"}
            201 json {"name":"a","listen":"localhost:0"…
            POST /proxies/b {"enabled":true}
            404 error proxy not found
            PATCH /proxies/b nonsense
            404 error proxy not found
            POST /proxies/a
            400 error bad request body: EOF
            POST /proxies/a {}
            200 json {"name":"a","listen":"localhost:0","upstream":"x:1","enabled":false…
            PATCH /proxies/a null
            200 json {"name":"a","listen":"localhost:0","upstream":"x:1","enabled":false…
            POST /proxies/a {"listen":"bad","upstream":"other:1"}
            500 error address bad: missing port in address
            POST /proxies/a {"listen":"h:99999"}
            500 error address 99999: invalid port
            GET /proxies/a
            200 json {"name":"a","listen":"localhost:0","upstream":"x:1","enabled":false…
            # There is no renaming.
            PATCH /proxies/a {"name":"z","upstream":"y:2"}
            200 json {"name":"a","listen":"localhost:0","upstream":"y:2","enabled":false…
            POST /proxies/a {"enabled":true}
            200 json {"name":"a","listen":"127.0.0.1:…
            POST /proxies/a {"listen":"→"}
            500 error listen tcp →: bind: address already in use
            GET /proxies/a
            200 json {"name":"a","listen":"→","upstream":"y:2","enabled":false…
            POST /reset anything
            500 error listen tcp →: bind: address already in use
            POST /proxies/a {"listen":"127.0.0.1:0"}
            200 json {"name":"a","listen":"127.0.0.1:0","upstream":"y:2","enabled":false…
            POST /reset
            204 none
            GET /proxies/a
            200 json {"name":"a","listen":"127.0.0.1:…
            """#
    )

    static let populating = ContractSession(
        name: "populating",
        text: #"""
            POST /populate []
            201 json {"proxies":null}
            POST /populate null
            201 json {"proxies":null}
            POST /populate
            400 json {"error":"bad request body: EOF","status":400,"proxies":null}
            POST /populate [{"name":
            400 json {"error":"bad request body: unexpected EOF","status":400,"proxies":null}
            POST /populate {"name":"a"}
            400 json {"error":"bad request body: json: cannot unmarshal object into Go value of type []struct { toxiproxy.Proxy; Enabled *bool \"json:\\\"enabled\\\"\" }","status":400,"proxies":null}
            POST /populate [{"name":"a","upstream":"h:1"},{"upstream":"h:1"}]
            400 json {"error":"missing required field: name at proxy 2","status":400,"proxies":null}
            POST /populate [{"name":"a","upstream":"h:1"},{"name":"b"}]
            400 json {"error":"missing required field: upstream at proxy 2","status":400,"proxies":null}
            GET /proxies
            200 json {}
            POST /populate [{"name":"a","upstream":"h:1","enabled":false},{"name":"b","upstream":"h:1","listen":"→"}]
            500 json {"error":"listen tcp →: bind: address already in use","status":500,"proxies":[{"name":"a","listen":"","upstream":"h:1","enabled":false…
            GET /proxies/b
            404 error proxy not found
            POST /populate [{"name":"b","upstream":"h:1","listen":"127.0.0.1:0","enabled":null}]
            201 json {"proxies":[{"name":"b","listen":"127.0.0.1:…
            """#
    )
}
