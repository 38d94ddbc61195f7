// Passed sockets are used as their names say, and only in the process that they are for.
import Testing

@testable import plugboard

@Suite struct SocketActivationTests {
    private func plan(_ variables: [String: String]) throws -> SocketActivation { try SocketActivation(variables, process: 7) }

    @Test("Sockets are sorted by their names; those without one are for apps.")
    func names() throws {
        let plan = try plan(["LISTEN_PID": "7", "LISTEN_FDS": "4", "LISTEN_FDNAMES": "admin:client:unknown"])
        #expect(plan.admin == [3] && plan.client == [4, 5, 6])
    }

    @Test("Variables of another process, or none, pass nothing.")
    func others() throws {
        #expect(try plan(["LISTEN_PID": "8", "LISTEN_FDS": "1"]) == plan([:]))
        #expect(try plan(["LISTEN_FDS": "1"]).client.isEmpty)
    }

    @Test("A count that is not a number and an unknown name are refused.")
    func malformed() {
        for variables in [["LISTEN_FDS": "x"], ["LISTEN_FDS": "-1"], ["LISTEN_FDS": "1", "LISTEN_FDNAMES": "page"]] {
            #expect(throws: SocketActivation.Malformed.self) { try plan(variables.merging(["LISTEN_PID": "7"]) { $1 }) }
        }
    }
}
