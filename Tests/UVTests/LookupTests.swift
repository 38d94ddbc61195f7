// Look-ups of names: the answer, giving up, and name servers that never answer.
// Must not ask a real name server.

import CUV
import LibC
import Testing

@testable import UV

/// A name server that answers only when the test allows it.
private final class SlowNames: @unchecked Sendable {
    private let gate = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)
    private let asked = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)

    init() {
        sem_init(gate, 0, 0)
        sem_init(asked, 0, 0)
    }

    deinit {
        gate.deallocate()
        asked.deallocate()
    }

    func resolver(threadsMax: Int = 4) -> Resolver {
        Resolver(threadsMax: threadsMax) { [self] _, port in
            sem_post(asked)
            sem_wait(gate)
            return Resolver.Answer { () throws(UVError) in [try SocketAddress(host: "127.0.0.1", port: port)] }
        }
    }

    func waitUntilAsked() { sem_wait(asked) }
    func answer(times: Int = 1) { for _ in 0..<times { sem_post(gate) } }
}

@Suite struct LookupTests {
    @Test("A loop closes at once while a name server does not answer; the late answer does no harm.")
    func aLoopDoesNotWaitForNames() throws {
        let names = SlowNames()
        let loop = try Loop()
        let connector = Connector(on: loop, host: "name.test", port: 1, resolver: names.resolver()) { _, _, _ in
            Issue.record("nobody waits for this")
        }
        #expect(connector.start() == nil)
        names.waitUntilAsked()
        loop.runOnce()
        connector.cancel()
        loop.close()
        names.answer()
    }

    @Test("The shared resolver drops the look-ups of a loop that closes.")
    func aClosedLoopIsForgotten() throws {
        let loop = try Loop()
        let names = SlowNames()
        let resolver = names.resolver()
        _ = try resolver.start("name.test", 1, for: loop) { _ in Issue.record("the loop is closed") }
        names.waitUntilAsked()
        resolver.cancelAll(of: loop)
        loop.close()
        names.answer()
    }

    @Test("An answer arrives on the loop, and the connection is tried at the address it names.")
    func anAnswerLeadsToAConnection() throws {
        try withLoop { loop in
            let names = SlowNames()
            let listener = try TCPListener(on: loop, host: "127.0.0.1", port: 0) { stream, _ in stream.close() }
            var peer: String?
            let connector = Connector(on: loop, host: "name.test", port: listener.port, resolver: names.resolver()) { stream, address, _ in
                peer = address
                stream?.close()
            }
            #expect(connector.start() == nil)
            names.answer()
            try run(loop, until: { peer != nil })
            #expect(peer == "127.0.0.1")
            listener.close()
        }
    }

    @Test("More look-ups than threads are refused with an error that allows another try; given-up ones count until their thread is done.")
    func threadsAreLimited() throws {
        let loop = try Loop()
        let names = SlowNames()
        let resolver = names.resolver(threadsMax: 2)
        for name in ["a.test", "b.test"] { resolver.cancel(try resolver.start(name, 1, for: loop) { _ in }) }
        #expect(throws: UVError(UV_EAI_AGAIN.rawValue, in: "getaddrinfo")) { try resolver.start("c.test", 1, for: loop) { _ in } }
        names.answer(times: 2)
        loop.close()
    }

    @Test("A name whose server is silent uses two threads for any number of requests; all that wait get the answer.")
    func oneNameTakesTwoThreads() throws {
        try withLoop { loop in
            let names = SlowNames()
            let resolver = names.resolver(threadsMax: 3)
            for _ in 0..<20 { resolver.cancel(try resolver.start("silent.test", 1, for: loop) { _ in Issue.record("given up") }) }
            var answers = 0
            for _ in 0..<5 { _ = try resolver.start("silent.test", 1, for: loop) { _ in answers += 1 } }
            _ = try resolver.start("other.test", 1, for: loop) { _ in answers += 1 }
            names.answer(times: 3)
            try run(loop, until: { answers == 6 })
        }
    }
}
