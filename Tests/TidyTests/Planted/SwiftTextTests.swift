import Testing

@Suite struct SwiftTextTests {
    private func code(_ text: String) -> [String] { SwiftText(path: "a.swift", text).code }

    @Test func `comments and the insides of literals are no code`() {
        let text = SwiftText(
            path: "a.swift",
            """
            let a = "try! b" // try! c
            /* try! /* nested */ */ let d = 1
            """
        )
        #expect(text.code == ["let a = \"      \"          ", "                        let d = 1"])
        #expect(text.comments[0].hasSuffix("// try! c"))
        #expect(text.comments[1].hasPrefix("/* try! /* nested */ */"))
    }

    @Test func `what an interpolation computes is code, at any depth`() {
        #expect(code(#"let a = "x \(b("y \(c!)")) z""#) == [#"let a = "   (b("   (c!)"))  ""#])
        #expect(code(##"let a = #"x \(b!) \#(c!)"#"##) == [##"let a =  "          (c!)" "##])
    }

    @Test func `literals of several lines end with three quotes`() {
        let text = #"""
            let a = """
                "try!" \""" try!
                """
            let b = 1
            """#
        let lines = code(text)
        #expect(lines.count == 4)
        #expect(!lines.contains { $0.contains("try!") })
        #expect(lines[3] == "let b = 1")
    }

    @Test func `raw identifiers are one name, whatever they contain`() {
        let found = FunctionExtent.all(
            in: SwiftText(path: "a.swift", "@Test func `it's \"try!\" {`() {\n    a()\n}")
        )
        #expect(found == [FunctionExtent(name: "_", line: 1, lines: 3)])
    }

    @Test func `each function has its extent, inner ones too`() {
        let text = """
            protocol P {
                func without(body: Int) -> Int
                init(_ value: Int)
                var size: Int { get }
            }
            struct S: P {
                init(_ value: Int = [1].map { $0 }[0]) {
                    self.init(a: value)
                }
                func outer<T>(
                    _ body: (T) -> Void = { _ in }
                ) async throws -> [T]
                where T: P {
                    func inner() {}
                    let value = [1: { 2 }]
                }
                var size: Int { 1 }
                var stored = make { 2 }
                subscript(index: Int) -> Int { 1 }
                deinit { close() }
            }
            """
        #expect(
            FunctionExtent.all(in: SwiftText(path: "a.swift", text)) == [
                FunctionExtent(name: "size", line: 4, lines: 1),
                FunctionExtent(name: "init", line: 7, lines: 3),
                FunctionExtent(name: "outer", line: 10, lines: 7),
                FunctionExtent(name: "inner", line: 14, lines: 1),
                FunctionExtent(name: "size", line: 17, lines: 1),
                FunctionExtent(name: "subscript", line: 19, lines: 1),
                FunctionExtent(name: "deinit", line: 20, lines: 1),
            ]
        )
    }
}
