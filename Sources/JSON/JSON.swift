// JSON: one reader and one writer for everything that is JSON here, without Foundation.
//
//     bytes ──▶ JSONScanner ──▶ JSONValueReader ──▶ JSONValue ──▶ JSONWriter ──▶ bytes
//               (tokens)   └──▶ JSONDocument: JSONNode tree with line, column and path
//
// `JSONValue.parse` is for machines (journals, APIs): fast, strict, the first mistake is thrown.
// `JSONDocument` is for people (experiment files): it remembers where every value stands, so that
// later mistakes can be shown in place, and it collects repeated names instead of stopping.
//
// Strict means RFC 8259: no comments, trailing commas, NaN, byte order mark or lone surrogates.
// Beyond it, names within one object must differ, and numbers must fit a `Double`.
// Hostile input is bounded by `JSONLimits`: nesting and size.
