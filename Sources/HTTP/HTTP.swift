// HTTP/1.1: one codec, and the server and client that stand on it (RFC 9110, RFC 9112).
//
//     bytes ─▶ HTTPRequestParser  ─▶ head · body… · end ─▶ HTTPRequest ─▶ handler
//     bytes ◀─ HTTPEncoder        ◀─ head · body · chunks ◀─ HTTPResponse ◀──┘
//
// `Messages/`  what is said: `HTTPRequest`, `HTTPResponse`, `HTTPHeaders` (ordered, any case).
// `Codec/`     pure and incremental: a parser is a value that is handed the unread bytes, says how
//              many it took and what they were, and never holds a byte back. Everything that comes
//              from outside is bounded by `HTTPLimits`; whatever two implementations could
//              understand differently (request smuggling) is an error, never a guess.
// `Server/`    one task per connection on the loop; one write per response; pipelined answers are
//              gathered; a single sweep per server enforces every time limit, so that a request
//              costs no timer; a client that leaves cancels its handler.
// `Client/`    a keep-alive pool per address. An error says whether the request was certainly not
//              processed (`HTTPError.isDefinite`): the difference between "fail" and "unknown" is
//              what money hangs on.
//
// Not here: TLS, HTTP/2, cookies, content codings, redirects.
