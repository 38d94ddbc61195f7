// Who is the operator on a port: requests that show a key from the admin socket, for as long as the key counts.
// Must not know routes.

import Guard
import Host
import HTTP
import Testing

@testable import Admin

@Suite struct OperatorKeyTests {
    private func secret(_ number: UInt8) -> TokenSecret { TokenSecret([UInt8](repeating: number, count: TokenSecret.byteCount)) }

    private func request(_ authorization: String?) -> HTTPRequest {
        var request = HTTPRequest("GET", "/v1/tokens")
        if let authorization { request.fields = [HTTPRequest.Field(name: "authorization", value: authorization)] }
        return request
    }

    @Test("A key counts as a bearer's, in no other form, and ends after twelve hours")
    func ends() {
        var keys = OperatorKeys()
        keys.add(secret(1), at: .zero)
        let text = secret(1).text
        for good in ["Bearer \(text)", "bearer  \(text)"] { #expect(keys.admits(request(good), at: .zero)) }
        for bad in [
            nil, "", text, "Basic \(text)", "Bearer", "Bearer \(secret(2).text)", "Bearer \(text) \(text)",
            "Bearer " + String(repeating: "x", count: 9_000),
        ] {
            #expect(!keys.admits(request(bad), at: .zero))
        }
        #expect(keys.admits(request("Bearer \(text)"), at: .zero + .seconds(12 * 3_600 - 1)))
        #expect(!keys.admits(request("Bearer \(text)"), at: .zero + .seconds(12 * 3_600)))
    }

    @Test("Of seventeen keys the oldest counts no more")
    func bounded() {
        var keys = OperatorKeys()
        for number in 1...17 { keys.add(secret(UInt8(number)), at: .zero) }
        #expect(!keys.admits(request("Bearer \(secret(1).text)"), at: .zero))
        #expect(keys.admits(request("Bearer \(secret(2).text)"), at: .zero) && keys.admits(request("Bearer \(secret(17).text)"), at: .zero))
    }

    @Test("Everybody's routes are known by their table: only tokens and keys are the operator's, and keys are the socket's alone")
    func routes() {
        #expect(Set(Route.all.filter { $0.access == .operator }.map(\.path)) == ["/v1/tokens", "/v1/tokens/{name}"])
        #expect(Route.all.filter { $0.access == .socket }.map(\.path) == ["/v1/operator-keys"])
        #expect(Route.all.filter { $0.access != .everybody && $0.method == "GET" }.allSatisfy { $0.problems.contains(403) })
    }
}
