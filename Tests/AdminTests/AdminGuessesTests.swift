// Wrong tokens at an encrypted admin address, as values: 401, then 429 for a minute, and which clients that concerns. The time is virtual.

import Guard
import HTTP
import Host
import Testing

@testable import Admin

@Suite final class AdminGuessesTests {
    private var guesses = AdminGuesses()

    private func ask(_ token: String?, from peer: String, at second: UInt64 = 0, path: String = "/v1/status") -> AdminOrigin.Proof {
        var request = HTTPRequest("GET", path)
        if let token { request.fields = [HTTPRequest.Field(name: "authorization", value: "Bearer \(token)")] }
        let now = Instant(nanoseconds: second * 1_000_000_000)
        return guesses.origin(of: request, token: TokenDigest(of: "pb_right"), isLocal: false, from: peer, at: now).origin.proof
    }

    @Test("The eleventh wrong token within a minute is not looked at, the right one neither, for a minute; other addresses are let in")
    func remote() {
        for _ in 0..<10 { #expect(ask("pb_wrong", from: "10.0.0.7") == .wrong) }
        #expect(ask("pb_wrong", from: "10.0.0.7") == .tooMany(seconds: 60))
        #expect(ask("pb_right", from: "10.0.0.7", at: 59) == .tooMany(seconds: 1))
        #expect(ask("pb_right", from: "10.0.0.8") == .valid)
        #expect(ask("pb_right", from: "10.0.0.7", at: 60) == .valid)
    }

    @Test("A network of 64 bits counts as one address")
    func network() {
        for number in 1...10 { #expect(ask("pb_wrong", from: "2001:db8::\(number)") == .wrong) }
        #expect(ask("pb_right", from: "2001:db8::77") == .tooMany(seconds: 60))
        #expect(ask("pb_right", from: "2001:db8:0:1::77") == .valid)
    }

    @Test("Programs of this computer share an address: wrong tokens from there are refused as well, and lock out nobody")
    func local() {
        for _ in 0..<10 { #expect(ask("pb_wrong", from: "127.0.0.1") == .wrong) }
        #expect(ask("pb_wrong", from: "127.0.0.1") == .tooMany(seconds: 60))
        #expect(ask("pb_right", from: "127.0.0.1") == .valid)
    }

    @Test("A request without a token is no guess: the page asks like that before its operator is asked")
    func missing() {
        for _ in 0..<50 { #expect(ask(nil, from: "10.0.0.7") == .missing) }
        #expect(ask("pb_right", from: "10.0.0.7") == .valid)
        for _ in 0..<10 { _ = ask("pb_wrong", from: "10.0.0.7") }
        #expect(ask(nil, from: "10.0.0.7") == .missing)
    }

    @Test("The answer says for how long, in words and in Retry-After; the operator is told of the pause once")
    func words() {
        let answer = AdminOrigin(isUnix: false, proof: .tooMany(seconds: 7)).refusal
        #expect(answer.status == 429)
        #expect(answer.fields.contains { $0.name == "Retry-After" && $0.value == "7" })
        #expect(String(decoding: answer.body, as: UTF8.self).contains("try again in 7 s"))
        var told: [String] = []
        for _ in 0..<30 {
            var request = HTTPRequest("GET", "/v1/status")
            request.fields = [HTTPRequest.Field(name: "authorization", value: "Bearer pb_wrong")]
            let found = guesses.origin(of: request, token: TokenDigest(of: "pb_right"), isLocal: false, from: "10.0.0.7", at: .zero)
            if let words = found.told { told.append(words) }
        }
        #expect(told.count == 10)
        #expect(told.last?.contains("refused for 60 s") == true)
    }
}
