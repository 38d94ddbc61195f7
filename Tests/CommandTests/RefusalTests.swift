// The refusal of a bad configuration: file, line, column, reason, and what was probably meant.
// Must not know good configurations.

import Foundation
import Testing

@testable import plugboard

@Suite struct RefusalTests {
    /// A bad text, where its problem is, and words that the refusal must have.
    static let table: [(String, String, String)] = [
        // Names
        ("[server]\nnmae = \"x\"\n", "2:1", "unknown key \"nmae\" in [server]; nearest known key: \"name\""),
        ("[server]\nlissten = []\n", "2:1", "nearest known key: \"listen\""),
        ("[server]\nhold = \"2s\"\n", "2:1", "nearest known key: \"hold\" in [arbitration]"),
        ("[sever]\nname = \"x\"\nlisten = []\n", "1:1", "unknown section \"sever\"; nearest known section: \"server\""),
        ("name = \"x\"\n", "1:1", "unknown key \"name\" outside of any section; nearest known key: \"name\" in [server]"),
        ("server.nmae = 1\n", "1:1", "unknown key \"nmae\""),
        ("server = { nmae = 1 }\n", "1:12", "unknown key \"nmae\""),
        ("[[rule]]\nprio = 1\n", "2:1", "unknown key \"prio\" in [rule]; nearest known key: \"priority\""),
        ("[[rule]]\n[[rule]]\nmatch = { clinet = \"x\" }\n", "3:11", "unknown key \"match.clinet\""),
        ("[rule]\npriority = 1\n", "1:1", "write [[rule]]"),
        ("rule = 5\n", "1:1", "write [[rule]]"),
        ("[[server]]\nname = \"x\"\n", "1:1", "write [server]"),
        ("server = 5\n", "1:1", "write [server]"),
        ("[[arbitration.lanes]]\n", "1:1", "unknown key \"lanes\""),
        ("[server.name]\nx = 1\n", "2:1", "unknown key \"name.x\""),
        (String(repeating: "a.", count: 100_000) + "b = 1\n", "1:32", "a key of more than 16 parts"),
        // What toml++ asserts of its own reading does not hold for these.
        ("[server]\nx = 1979-05-27Tn07:32:00Z\n", "2:1", "what is on this line is not TOML"),
        ("a = 1\n\nb = [1,}2\"\nc = 2\n", "3:1", "what is on this line is not TOML"),
        ("[.server]\n", "1:2", "a table's name must begin here"), ("x = [\n[1]]\n[[ =a]]\n", "3:4", "a table's name must begin here"),
        ("[\nserver]\n", "1:2", "a table's name must begin here"), ("a = \"\"\"\n[.\"\"\"\n[+a]\n", "3:2", "a table's name"),
        // Types
        ("[server]\nname = 5\n", "2:8", "must be a string"),
        ("[server]\nname = [\"x\"]\n", "2:8", "not a list"),
        ("[server]\nlisten = \"ws://127.0.0.1:1\"\n", "2:10", "must be a list of strings"),
        ("[server]\nlisten = [\"ws://127.0.0.1:1\", 5]\n", "2:31", "this element is an integer"),
        ("[server]\n  max_ping_time  =   \"soon\"\n", "2:22", "must be a duration"),
        ("[server]\nmax_ping_time = 1.5\n", "2:17", "must be a duration"),
        ("[server]\nallow_insecure = \"yes\"\n", "2:18", "must be true or false"),
        ("[server]\nname = 1979-05-27\n", "2:8", "not a date"),
        ("[limits]\nsessions = \"many\"\n", "2:12", "must be an integer"),
        ("[limits]\nsessions = 1.0\n", "2:12", "must be an integer"),
        ("[limits]\nmessage_bytes = \"1 MeB\"\n", "2:17", "must be a size"),
        // Ranges
        ("[limits]\nsessions = 0\n", "2:12", "out of range: must be an integer from 1"),
        ("[limits]\nmessage_bytes = \"2GiB\"\n", "2:17", "out of range"),
        ("[server]\nmax_ping_time = -5\n", "2:17", "out of range"),
        ("[server]\nping_grace = 1.01\n", "2:14", "out of range"),
        ("[server]\nping_grace = nan\n", "2:14", "out of range"),
        ("[[rule]]\npriority = 201\n", "2:12", "from 0 to 200"),
        ("[[rule]]\ncap = -0.1\n", "2:7", "out of range"),
        ("[[rule]]\nrole = \"boss\"\n", "2:8", "\"controller\", \"observer\""),
        ("[[arbitration.lane]]\nmix = \"highst\"\n", "2:7", "nearest: \"highest\""),
        ("[[arbitration.lane]]\noutput = \"vibrate\"\n", "2:10", "nearest: \"Vibrate\""),
        ("[server]\nname = \"a\\u0007b\"\n", "2:8", "control characters"),
        ("[server]\nname = \"\(String(repeating: "x", count: 300))\"\n", "2:8", "at most 256 bytes"),
        // Conditions on single values
        ("[server]\nlisten = [\"ws://127.0.0.1:1\",\n  \"ftp://x\"]\n", "3:3", "ftp"),
        ("[server]\nlisten = [\"ws://127.0.0.1:\"]\n", "2:11", "port"),
        ("[server]\nlisten = [\"ws://127.0.0.1\"]\n", "2:11", "write ws://127.0.0.1:12345"),
        ("[server]\nlisten = [\"ws://127.0.0.1:1/buttplug\"]\n", "2:11", "it has a path"),
        ("[server]\nlisten = [\"127.0.0.1:1\"]\n", "2:11", "write ws://127.0.0.1:1"),
        ("[server]\nlisten = [\"ws://127.0.0.1:1\", \"ws://127.0.0.1:1\"]\n", "2:1", "named twice"),
        ("[server]\nlisten = [\"ws://localhost:1\", \"WS://127.0.0.1:1/\"]\n", "2:1", "ws://127.0.0.1:1 is named twice: ws://localhost:1"),
        ("[server]\nlisten = [\"unix:///a/b\", \"unix:///a//b\"]\n", "2:1", "named twice"),
        ("[server]\nallow_insecure = true\nlisten = [\"ws://0.0.0.0:1\", \"ws://127.0.0.1:1\"]\n", "3:1", "named twice"),
        ("[server]\nlisten = [\"ws://localhost:1\"]\n[[upstream]]\nurl = \"ws://[::1]:1\"\nkind = \"device-host\"\n", "3:1", "named twice"),
        ("[server]\nallowed_hosts = [\"a.lan\",\n\"http://router.lan/\"]\n", "3:1", "write the host alone, \"router.lan\""),
        ("[server]\nallowed_hosts = [\"*.lan\"]\n", "2:18", "* is written alone"),
        ("[server]\nallowed_origins = [\"https://a.example\", \"b.example\"]\n", "2:41", "https://b.example"),
        ("[server]\nallowed_origins = [\"https://a.example/app\"]\n", "2:20", "an origin is a whole site"),
        ("[server]\nallowed_origins = [\"\"]\n", "2:20", "is not an origin"),
        ("[server]\nunix_mode = \"0888\"\n", "2:13", "octal"),
        ("[server]\nunix_mode = 660\n", "2:13", "a string"),
        ("[server]\nunix_mode = \"1777\"\n", "2:13", "octal"),
        ("[server]\nunix_mode = \"0066\"\n", "2:13", "the same user"),
        ("[server]\nunix_group = \"no such group\"\n", "2:14", "no such group"),
        ("[server]\nunix_group = \"4294967295\"\n", "2:14", "no such group"),
        ("[server]\nlisten = [\"unix://relative\"]\n", "2:11", "full path"),
        ("[server]\nlisten = []\n", "2:1", "nothing to listen on"),
        ("[[upstream]]\nurl = \"unix:///a\"\nkind = \"device-hosts\"\n", "3:8", "nearest: \"device-host\""),
        (
            "[server]\nrequire_token = \"never\"\n[[upstream]]\nurl = \"ws://0.0.0.0:1\"\nkind = \"device-host\"\n", "3:1", "allow_insecure"
        ),
        ("[[upstream]]\nurl = \"ws://127.0.0.1:1/path\"\nkind = \"device-host\"\n", "1:1", "has a path"),
        ("[[upstream]]\nurl = \"unix:///a\"\n[[upstream]]\nurl = \"unix:///a\"\nkind = \"device-host\"\n", "1:1", "named twice"),
        ("[server]\nrequire_token = \"never\"\nlisten = [\"ws://0.0.0.0:12345\"]\n", "3:1", "allow_insecure"),
        ("[server]\nrequire_token = \"never\"\n[[listener]]\naddress = \"ws://[::]:1\"\n", "3:1", "allow_insecure"),
        (
            "[[upstream]]\nurl = \"127.0.0.1:12346\"\n", "2:7",
            "names \"127.0.0.1:12346\", which is not an address of a server: write ws://127.0.0.1:12346"
        ), ("[limits]\nsessions = 0\n", "2:12", ", not 0"), ("[[rule]]\ncap = 1.5\n", "2:7", ", not 1.5"),
        ("[admin]\nlisten = [\"http://10.0.0.1:1\"]\n", "2:11", "\"http://10.0.0.1:1\" is neither"),
        ("[server]\nrequire_token = \"sometimes\"\n", "2:17", "\"remote\", \"always\""),
        ("[server]\ntrusted_proxies = [\"127.0.0.1\", \"proxy.lan\"]\n", "2:33", "is no address"),
        ("[server]\ntrusted_proxies = [\"10.0.0.1/8\"]\n", "2:20", "write \"10.0.0.0/8\""),
        ("[[listener]]\nproxy_protocol = true\n", "1:1", "needs the key \"address\""),
        ("[[listener]]\naddress = \"ws://127.0.0.1:12345\"\n", "1:1", "named twice"),
        ("[[listener]]\naddress = \"unix://relative\"\n", "2:11", "full path"),
        ("[devices]\nsimulated = [\"rabbit\", \"unicorn\"]\n", "2:24", "unicorn"),
        ("[devices]\nsimulated = [\"rabit\"]\n", "2:14", "did you mean \"rabbit\""),
        ("[devices]\nsimulated = [\"rabbit,plug\"]\n", "2:14", "a string of its own"),
        ("[devices]\nsimulated = [\"rabbit*5000\"]\n", "2:14", "more than 4096 devices"),
        ("[[devices.simulated_device]]\ncount = 2\n", "1:1", "needs the key \"archetype\""),
        ("[[devices.simulated_device]]\narchetype = \"plug*2\"\n", "2:13", "\"count\""),
        // Not TOML
        ("[server\nname = 1\n", "1:8", "table header"),
        ("[server]\nname = \"a\"\nname = \"b\"\n", "3:", "name"),
        ("[server]\nname = \n", "2:8", "expected value"),
    ]

    @Test("A bad configuration is refused with line, column and reason.", arguments: table)
    func refused(text: String, position: String, words: String) throws {
        let found = try problems(text)
        #expect(found.count == 1, "\(found)")
        #expect(found.first?.hasPrefix(position) == true, "\(found)")
        #expect(found.first?.contains(words) == true, "\(found)")
    }

    @Test("All problems of a file are reported at once, in the order of the text.")
    func many() throws {
        let found = try problems("[server]\nzzz = 1\nname = 5\n[log]\nlevel = \"loud\"\n[[rule]]\naaa = 1\n")
        #expect(found.map { $0.prefix(3) } == ["2:1", "3:8", "5:9", "7:1"])
    }

    @Test("More simulated devices than the limit are refused.")
    func tooManyDevices() throws {
        #expect(try problems("[limits]\ndevices = 3\n[devices]\nsimulated = [\"plug*4\"]\n").first?.contains("limits.devices") == true)
        #expect(try problems("[limits]\ndevices = 4\n[devices]\nsimulated = [\"plug*4\"]\n").isEmpty)
    }

    @Test("A loopback address needs no permission, nor does one where others need a token; without tokens it needs only allow_insecure.")
    func insecure() throws {
        #expect(try problems("[server]\nlisten = [\"ws://127.0.0.9:0\", \"ws://[::1]:0\", \"ws://localhost:0\", \"unix:///x\"]\n").isEmpty)
        for need in ["remote", "always"] {
            #expect(try problems("[server]\nlisten = [\"ws://0.0.0.0:0\"]\nrequire_token = \"\(need)\"\n").isEmpty)
        }
        let open = "[server]\nrequire_token = \"never\"\n"
        #expect(try problems(open + "listen = [\"ws://127.0.0.9:0\", \"ws://[::1]:0\", \"ws://localhost:0\", \"unix:///x\"]\n").isEmpty)
        #expect(try problems(open + "listen = [\"ws://0.0.0.0:0\"]\nallow_insecure = true\n").isEmpty)
        #expect(try problems(open + "listen = [\"ws://127.evil.example:0\"]\n").count == 1)
    }

    // MARK: Files

    private func refusal(of path: String) -> ConfigurationRefused? {
        do throws(ConfigurationRefused) {
            _ = try SettingsLoader(environment: [:]).load(file: path)
            return nil
        } catch { return error }
    }

    @Test("A path without a usable file is refused before it is read: absent, a folder, a gibibyte.")
    func noFile() throws {
        let folder = Folder()
        let big = try folder.file("big.toml", "")
        #expect(truncate(big, 1 << 30) == 0)
        for (path, word) in [(folder.path + "/absent.toml", "No such file"), (folder.path, "regular file"), (big, "1073741824 bytes")] {
            let refused = try #require(refusal(of: path))
            #expect(refused.exitCode == .configuration)
            #expect(refused.problems.first?.description.hasPrefix(path + ":1:1: ") == true)
            #expect(refused.problems.first?.reason.contains(word) == true, "\(refused.problems)")
        }
    }

    @Test("Bytes that are not text are refused with their position.")
    func noText() throws {
        let folder = Folder()
        let bad = try folder.file("bad.toml", Data("[server]\n# é".utf8) + Data([0xFF]))
        #expect(refusal(of: bad)?.problems.map(\.description) == ["\(bad):2:4: is not UTF-8"])
        let zero = try folder.file("zero.toml", Data("[server]\n\n".utf8) + Data([0]))
        #expect(refusal(of: zero)?.problems.map(\.description) == ["\(zero):3:1: contains a zero byte"])
    }

    @Test("A good file with random damage is refused or read, without a crash.")
    func damaged() throws {
        let good = Array(ConfigurationReference.text.utf8)
        let pieces = Array("[]{}=\"'#\n\\.,x0 ".utf8)
        var random = FixedRandom()
        for _ in 0..<300 {
            var bytes = good
            for _ in 0..<3 { bytes[Int.random(in: bytes.indices, using: &random)] = pieces.randomElement(using: &random) ?? 0 }
            var loaded = LoadedSettings()
            let problems = SettingsLoader(environment: [:]).apply(text: String(decoding: bytes, as: UTF8.self), from: "f", to: &loaded)
            for problem in problems { #expect(!problem.reason.isEmpty) }
        }
    }
}

/// Random numbers that are the same in every run.
private struct FixedRandom: RandomNumberGenerator {
    private var state: UInt64 = 42

    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state ^ (state >> 29)
    }
}
