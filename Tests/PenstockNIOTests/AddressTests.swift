import PenstockNIO
import Testing

@Suite struct AddressTests {
    @Test(
        "every form of an address is read and printed",
        arguments: [
            ("127.0.0.1:1234", StreamAddress.tcp(host: "127.0.0.1", port: 1234), "127.0.0.1:1234"),
            ("localhost:0", .tcp(host: "localhost", port: 0), "localhost:0"),
            ("example.org:65535", .tcp(host: "example.org", port: 65535), "example.org:65535"),
            ("[::1]:80", .tcp(host: "::1", port: 80), "[::1]:80"),
            ("[fe80::1]:8080", .tcp(host: "fe80::1", port: 8080), "[fe80::1]:8080"),
            (":8080", .tcp(host: "127.0.0.1", port: 8080), "127.0.0.1:8080"),
            ("unix:/run/some.sock", .unix(path: "/run/some.sock"), "unix:/run/some.sock"),
            ("unix:relative path:with colon", .unix(path: "relative path:with colon"), "unix:relative path:with colon"),
        ]
    )
    func good(text: String, address: StreamAddress, printed: String) throws {
        #expect(try StreamAddress(text) == address)
        #expect(address.description == printed)
        #expect(try StreamAddress(printed) == address)
    }

    @Test(
        "what is wrong with an address is named",
        arguments: [
            ("", "port is missing"),
            ("localhost", "port is missing"),
            ("localhost:", "from 0 to 65535, not ''"),
            ("localhost:http", "not 'http'"),
            ("localhost:65536", "not '65536'"),
            ("localhost:-1", "not '-1'"),
            ("localhost:99999999999999999999", "from 0 to 65535"),
            ("localhost:٣", "from 0 to 65535"),
            ("::1:80", "in brackets"),
            ("[::1]", "port"),
            ("[::1:80", "in brackets"),
            ("[localhost]:80", "not an IPv6 address"),
            ("[127.0.0.1]:80", "not an IPv6 address"),
            ("[]:80", "not an IPv6 address"),
            ("unix:", "path is missing"),
            ("unix:/" + String(repeating: "x", count: 107), "at most 107 bytes, this one has 108"),
            ("tls:localhost:443", "reserved"),
            ("exec:cat", "reserved"),
            ("-", "reserved"),
        ]
    )
    func bad(text: String, problem: String) {
        do throws(StreamAddressError) {
            let address = try StreamAddress(text)
            Issue.record("'\(text)' was read as \(address)")
        } catch {
            #expect(error.problem.contains(problem))
            #expect(error.description.contains("'\(text)'"))
            #expect(error.description.contains("HOST:PORT"))
        }
    }

    @Test("the longest path of a UNIX socket is accepted")
    func longestPath() throws {
        let path = "/" + String(repeating: "x", count: 106)
        #expect(try StreamAddress("unix:\(path)") == .unix(path: path))
    }
}
