extension ContractSession {
    /// What each conversation about toxics begins with.
    private static let beginning = #"""
        POST /proxies {"name":"p","upstream":"→","listen":"127.0.0.1:0"}
        201 json {"name":"p"…

        """#

    static let toxicCreation = ContractSession(
        name: "creating toxics",
        text: beginning + #"""
            GET /proxies/p/toxics
            200 json []
            GET /proxies/q/toxics
            404 error proxy not found
            POST /proxies/q/toxics nonsense
            404 error proxy not found
            POST /proxies/p/toxics
            400 error bad request body: EOF
            POST /proxies/p/toxics {}
            400 error invalid toxic type
            POST /proxies/p/toxics {"type":"Latency"}
            400 error invalid toxic type
            POST /proxies/p/toxics {"type":"latency","stream":""}
            400 error stream was invalid, can be either upstream or downstream
            POST /proxies/p/toxics {"type":"nonsense","stream":"sideways"}
            400 error stream was invalid, can be either upstream or downstream
            POST /proxies/p/toxics {"type":"latency","attributes":[]}
            400 error bad request body: json: cannot unmarshal array into Go struct field ToxicWrapper.attributes of type toxics.NoopToxic
            POST /proxies/p/toxics {"type":"latency","toxicity":"1"}
            400 error bad request body: json: cannot unmarshal string into Go struct field ToxicWrapper.toxicity of type float32
            POST /proxies/p/toxics {"type":"latency","toxicity":1e99}
            400 error bad request body: json: cannot unmarshal number 1e99 into Go struct field ToxicWrapper.toxicity of type float32
            POST /proxies/p/toxics {"name":5,"type":true}
            400 error bad request body: json: cannot unmarshal number into Go struct field ToxicWrapper.name of type string
            POST /proxies/p/toxics {"type":true,"name":5}
            400 error bad request body: json: cannot unmarshal bool into Go struct field ToxicWrapper.type of type string
            # The echoed stream keeps the client's spelling, also in the name.
            POST /proxies/p/toxics {"type":"latency","stream":"UpStream","toxicity":0.1,"attributes":{"LATENCY":7,"z":1}}
            200 json {"attributes":{"latency":7,"jitter":0},"name":"latency_UpStream","type":"latency","stream":"UpStream","toxicity":0.1…
            POST /proxies/p/toxics {"type":"timeout","attributes":null}
            200 json {"attributes":{"timeout":0},"name":"timeout_downstream","type":"timeout","stream":"downstream","toxicity":1…
            POST /proxies/p/toxics {"type":"timeout","attributes":{"timeout":"x"}}
            409 error toxic already exists
            # The name is unique over both directions.
            POST /proxies/p/toxics {"type":"noop","stream":"upstream","name":"timeout_downstream"}
            409 error toxic already exists
            POST /proxies/p/toxics {"type":"noop","name":"n"}
            200 json {"attributes":{},"name":"n","type":"noop","stream":"downstream","toxicity":1…
            GET /proxies/p/toxics/n
            200 json {"attributes":{},"name":"n","type":"noop","stream":"downstream","toxicity":1…
            GET /proxies/p/toxics/m
            404 error toxic not found
            GET /proxies/q/toxics/n
            404 error proxy not found
            DELETE /proxies/p/toxics/m
            404 error toxic not found
            DELETE /proxies/q/toxics/n
            404 error proxy not found
            DELETE /proxies/p/toxics/n
            204 none
            POST /reset
            204 none
            GET /proxies/p/toxics
            200 json []
            """#
    )

    static let toxicUpdates = ContractSession(
        name: "changing toxics",
        text: beginning + #"""
            POST /proxies/p/toxics {"type":"latency","name":"l","attributes":{"latency":7}}
            200 json {"attributes":{"latency":7,"jitter":0},"name":"l"…
            POST /proxies/q/toxics/l nonsense
            404 error proxy not found
            POST /proxies/p/toxics/m nonsense
            404 error toxic not found
            POST /proxies/p/toxics/l
            400 error bad request body: EOF
            PATCH /proxies/p/toxics/l {}
            200 json {"attributes":{"latency":7,"jitter":0},"name":"l","type":"latency","stream":"downstream","toxicity":1…
            # Attributes are merged; name, type and stream are ignored, whatever they are.
            PATCH /proxies/p/toxics/l {"attributes":{"jitter":-3},"name":5,"type":"x","stream":[],"toxicity":5}
            200 json {"attributes":{"latency":7,"jitter":-3},"name":"l","type":"latency","stream":"downstream","toxicity":5…
            POST /proxies/p/toxics/l {"attributes":null,"toxicity":-1}
            200 json {"attributes":{"latency":7,"jitter":-3},"name":"l","type":"latency","stream":"downstream","toxicity":-1…
            POST /proxies/p/toxics/l {"attributes":{"latency":"9"}}
            400 error bad request body: json: cannot unmarshal string into Go struct field LatencyToxic.attributes.latency of type int64
            POST /proxies/p/toxics/l {"toxicity":[]}
            400 error bad request body: json: cannot unmarshal array into Go struct field .toxicity of type float32
            POST /proxies/p/toxics/l []
            400 error bad request body: json: cannot unmarshal array into Go value of type struct { Attributes interface {} "json:\"attributes\""; Toxicity float32 "json:\"toxicity\"" }
            GET /proxies/p/toxics/l
            200 json {"attributes":{"latency":7,"jitter":-3},"name":"l","type":"latency","stream":"downstream","toxicity":-1…
            # Toxicity is a float32, printed with the fewest digits that read back.
            POST /proxies/p/toxics/l {"toxicity":0.30000001192092896}
            200 json {"attributes":{"latency":7,"jitter":-3},"name":"l","type":"latency","stream":"downstream","toxicity":0.3,…
            POST /proxies/p/toxics/l {"toxicity":0.00001}
            200 json {"attributes":{"latency":7,"jitter":-3},"name":"l","type":"latency","stream":"downstream","toxicity":0.00001,…
            POST /proxies/p/toxics/l {"toxicity":1e-7}
            200 json {"attributes":{"latency":7,"jitter":-3},"name":"l","type":"latency","stream":"downstream","toxicity":1e-7,…
            POST /proxies/p/toxics/l {"toxicity":100000000}
            200 json {"attributes":{"latency":7,"jitter":-3},"name":"l","type":"latency","stream":"downstream","toxicity":100000000,…
            POST /proxies/p/toxics/l {"toxicity":1e21}
            200 json {"attributes":{"latency":7,"jitter":-3},"name":"l","type":"latency","stream":"downstream","toxicity":1e+21,…
            POST /proxies/p/toxics/l {"toxicity":0}
            200 json {"attributes":{"latency":7,"jitter":-3},"name":"l","type":"latency","stream":"downstream","toxicity":0,…
            # Upstream first, then downstream, each in the order of creation.
            POST /proxies/p/toxics {"type":"noop","name":"u","stream":"upstream"}
            200 json {"attributes":{},"name":"u"…
            GET /proxies/p/toxics
            200 json [{"attributes":{},"name":"u","type":"noop","stream":"upstream"…
            """#
    )

    static let attributes = ContractSession(
        name: "attributes of each type",
        text: beginning + #"""
            POST /proxies/p/toxics {"type":"latency"}
            200 json {"attributes":{"latency":0,"jitter":0},"name":"latency_downstream","type":"latency"…
            POST /proxies/p/toxics {"type":"bandwidth"}
            200 json {"attributes":{"rate":0},"name":"bandwidth_downstream","type":"bandwidth"…
            POST /proxies/p/toxics {"type":"slow_close"}
            200 json {"attributes":{"delay":0},"name":"slow_close_downstream","type":"slow_close"…
            POST /proxies/p/toxics {"type":"timeout"}
            200 json {"attributes":{"timeout":0},"name":"timeout_downstream","type":"timeout"…
            POST /proxies/p/toxics {"type":"reset_peer"}
            200 json {"attributes":{"timeout":0},"name":"reset_peer_downstream","type":"reset_peer"…
            POST /proxies/p/toxics {"type":"slicer"}
            200 json {"attributes":{"average_size":0,"size_variation":0,"delay":0},"name":"slicer_downstream","type":"slicer"…
            POST /proxies/p/toxics {"type":"limit_data"}
            200 json {"attributes":{"bytes":0},"name":"limit_data_downstream","type":"limit_data"…
            POST /proxies/p/toxics {"type":"noop"}
            200 json {"attributes":{},"name":"noop_downstream","type":"noop"…
            POST /proxies/p/toxics {"type":"latency","name":"x","attributes":{"latency":1.5}}
            400 error bad request body: json: cannot unmarshal number 1.5 into Go struct field LatencyToxic.attributes.latency of type int64
            POST /proxies/p/toxics {"type":"latency","name":"x","attributes":{"latency":1e3}}
            400 error bad request body: json: cannot unmarshal number 1e3 into Go struct field LatencyToxic.attributes.latency of type int64
            POST /proxies/p/toxics {"type":"latency","name":"x","attributes":{"latency":100.0}}
            400 error bad request body: json: cannot unmarshal number 100.0 into Go struct field LatencyToxic.attributes.latency of type int64
            POST /proxies/p/toxics {"type":"limit_data","name":"x","attributes":{"bytes":9223372036854775808}}
            400 error bad request body: json: cannot unmarshal number 9223372036854775808 into Go struct field LimitDataToxic.attributes.bytes of type int64
            POST /proxies/p/toxics {"type":"limit_data","name":"x","attributes":{"bytes":-9223372036854775808}}
            200 json {"attributes":{"bytes":-9223372036854775808},"name":"x"…
            """#
    )

    static let badJSON = ContractSession(
        name: "what is no JSON",
        text: #"""
            POST /proxies
            400 error bad request body: EOF
            POST /proxies {"name":
            400 error bad request body: unexpected EOF
            POST /proxies {"name":"a
            400 error bad request body: unexpected EOF
            POST /proxies hello
            400 error bad request body: invalid character 'h' looking for beginning of value
            POST /proxies tru
            400 error bad request body: unexpected EOF
            POST /proxies trux
            400 error bad request body: invalid character 'x' in literal true (expecting 'e')
            POST /proxies {name:1}
            400 error bad request body: invalid character 'n' looking for beginning of object key string
            POST /proxies {"name":1,}
            400 error bad request body: invalid character '}' looking for beginning of object key string
            POST /proxies {"name" 1}
            400 error bad request body: invalid character '1' after object key
            POST /proxies {"name":1 "b":2}
            400 error bad request body: invalid character '"' after object key:value pair
            POST /proxies {"name":01}
            400 error bad request body: invalid character '1' after object key:value pair
            POST /proxies {"name":-}
            400 error bad request body: invalid character '}' in numeric literal
            POST /proxies {"name":1.}
            400 error bad request body: invalid character '}' after decimal point in numeric literal
            POST /proxies {"name":1e}
            400 error bad request body: invalid character '}' in exponent of numeric literal
            POST /proxies {"name":"\x"}
            400 error bad request body: invalid character 'x' in string escape code
            POST /proxies {"name":"\u12g4"}
            400 error bad request body: invalid character 'g' in \u hexadecimal character escape
            POST /proxies {'name':1}
            400 error bad request body: invalid character '\'' looking for beginning of object key string
            POST /populate [1,]
            400 json {"error":"bad request body: invalid character ']' looking for beginning of value","status":400,"proxies":null}
            POST /populate [1 2]
            400 json {"error":"bad request body: invalid character '2' after array element","status":400,"proxies":null}
            POST /proxies []
            400 error bad request body: json: cannot unmarshal array into Go value of type toxiproxy.Proxy
            POST /proxies 5
            400 error bad request body: json: cannot unmarshal number into Go value of type toxiproxy.Proxy
            POST /proxies {"name":5}
            400 error bad request body: json: cannot unmarshal number into Go struct field Proxy.name of type string
            POST /proxies {"name":"a","enabled":"yes"}
            400 error bad request body: json: cannot unmarshal string into Go struct field Proxy.enabled of type bool
            # What follows the first value is not looked at.
            POST /proxies {"name":"\ud83d\ude00\ud83d","upstream":"x:1","enabled":false}]]nonsense
            201 json {"name":"😀�","listen":"","upstream":"x:1"…
            """#
    )

    static let extensions = ContractSession(
        name: "our additions",
        text: #"""
            POST /proxies {"name":"p","upstream":"→","listen":"127.0.0.1:0","toxics":[{"type":"latency","attributes":{"latency":5}},{"type":"noop","stream":"upstream"}]}
            201 json {"name":"p","listen":"127.0.0.1:…
            GET /proxies/p/toxics
            200 json [{"attributes":{},"name":"noop_upstream","type":"noop","stream":"upstream","toxicity":1,"hits":0},{"attributes":{"latency":5,"jitter":0},"name":"latency_downstream"…
            # All or nothing.
            POST /proxies {"name":"q","upstream":"→","listen":"127.0.0.1:0","toxics":[{"type":"latency"},{"type":"latency"}]}
            409 error toxic already exists
            POST /proxies {"name":"q","upstream":"→","listen":"127.0.0.1:0","toxics":[{"type":"nonsense"}]}
            400 error invalid toxic type
            POST /proxies {"name":"q","upstream":"→","listen":"127.0.0.1:0","toxics":{}}
            400 error bad request body: toxics must be an array, got object
            GET /proxies/q
            404 error proxy not found
            POST /proxies {"name":"q","upstream":"x:1","protocol":"udp"}
            400 error bad request body: protocol "udp" is none of tcp, http, postgres
            POST /proxies {"name":"q","upstream":"x:1","listen":"127.0.0.1:0","on_death":"passthrough"}
            400 error on_death passthrough needs a server of its own. Use chaos proxy serve
            POST /proxies {"name":"q","upstream":"x:1","on_death":"never"}
            400 error bad request body: on_death "never" is none of cut, passthrough
            POST /proxies {"name":"q","upstream":"x:1","enabled":false,"on_death":"cut"}
            201 json {"name":"q"…
            POST /proxies/p/toxics {"type":"syn_blackhole","match":{"nth":2}}
            400 error toxic type syn_blackhole knows no match
            POST /proxies/p/toxics {"type":"loss","name":"loss","attributes":{"percent":2.5,"bad_percent":100,"to_bad_percent":250}}
            200 json {"attributes":{"percent":2.5,"bad_percent":100,"to_bad_percent":100,"to_good_percent":0},"name":"loss"…
            POST /proxies/p/toxics {"type":"corrupt","name":"corrupt"}
            200 json {"attributes":{"percent":0,"bits":1},"name":"corrupt"…
            POST /proxies/p/toxics {"type":"lose_commit_ack"}
            400 error toxic type lose_commit_ack needs a proxy with protocol postgres, p has tcp
            POST /proxies/p/toxics {"type":"noop","name":"m","match":{"every":2}}
            200 json {"attributes":{},"name":"m","type":"noop","stream":"downstream","toxicity":1,"hits":0,"match":{"every":2}}
            PATCH /proxies/p/toxics/m {"match":{"percent":12.5,"by":"chunk"}}
            200 json {"attributes":{},"name":"m","type":"noop","stream":"downstream","toxicity":1,"hits":0,"occurrences":0,"match":{"percent":12.5,"by":"chunk"}}
            POST /proxies/p/toxics {"type":"noop","name":"k","match":{"every":0}}
            400 error bad request body: match.every must be 1 or more, got 0
            POST /proxies/p/toxics {"type":"noop","name":"k","match":{"every":1,"nth":2}}
            400 error bad request body: match must have at most one of every, nth, first, percent
            POST /proxies/p/toxics {"type":"noop","name":"k","match":{"every":1,"by":"moon"}}
            400 error bad request body: match.by "moon" is not known. Use connection, chunk, event
            POST /proxies/p/toxics {"type":"noop","name":"k","match":{"every":1,"by":"event"}}
            400 error bad request body: match: noop matches by connection or chunk, not by event
            """#
    )
}
