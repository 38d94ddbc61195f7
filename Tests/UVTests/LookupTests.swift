// Names being looked up: the answer, giving up, and name servers that never answer.
// Must not ask a real name server.

import CUV
import LibC
import Testing

@testable import UV

/// A name server that answers when it is let.
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

    func desk(threadsMax: Int = 4) -> LookupDesk {
        LookupDesk(threadsMax: threadsMax) { [self] _, port in
            sem_post(asked)
            sem_wait(gate)
            return LookupDesk.Answer { () throws(UVError) in [try SocketAddress(host: "127.0.0.1", port: port)] }
        }
    }

    func waitUntilAsked() { sem_wait(asked) }
    func answer(times: Int = 1) { for _ in 0..<times { sem_post(gate) } }
}

@Suite struct LookupTests {
    @Test("A loop closes at once though a name server keeps a look-up waiting; the answer that comes later harms nobody.")
    func aLoopDoesNotWaitForNames() throws {
        let names = SlowNames()
        let loop = try Loop()
        let connector = Connector(on: loop, host: "name.test", port: 1, desk: names.desk()) { _, _, _ in
            Issue.record("nobody waits for this")
        }
        #expect(connector.start() == nil)
        names.waitUntilAsked()
        loop.runOnce()
        connector.cancel()
        loop.close()
        names.answer()
    }

    @Test("The shared desk forgets what a closing loop still waits for.")
    func aClosedLoopIsForgotten() throws {
        let loop = try Loop()
        let names = SlowNames()
        let desk = names.desk()
        _ = try desk.start("name.test", 1, for: loop) { _ in Issue.record("the loop is closed") }
        names.waitUntilAsked()
        desk.cancelAll(of: loop)
        loop.close()
        names.answer()
    }

    @Test("An answer arrives on the loop, and the connection is tried at the address it names.")
    func anAnswerLeadsToAConnection() throws {
        try withLoop { loop in
            let names = SlowNames()
            let listener = try TCPListener(on: loop, host: "127.0.0.1", port: 0) { stream, _ in stream.close() }
            var peer: String?
            let connector = Connector(on: loop, host: "name.test", port: listener.port, desk: names.desk()) { stream, address, _ in
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

    @Test("More look-ups than threads are refused as something to try again, and the ones given up count until their thread is done.")
    func threadsAreLimited() throws {
        let loop = try Loop()
        let names = SlowNames()
        let desk = names.desk(threadsMax: 2)
        for name in ["a.test", "b.test"] { desk.cancel(try desk.start(name, 1, for: loop) { _ in }) }
        #expect(throws: UVError(UV_EAI_AGAIN.rawValue, in: "getaddrinfo")) { try desk.start("c.test", 1, for: loop) { _ in } }
        names.answer(times: 2)
        loop.close()
    }

    @Test("A name whose server is silent takes two threads, however often it is asked for; all who wait get the answer, others their own.")
    func oneNameTakesTwoThreads() throws {
        try withLoop { loop in
            let names = SlowNames()
            let desk = names.desk(threadsMax: 3)
            for _ in 0..<20 { desk.cancel(try desk.start("silent.test", 1, for: loop) { _ in Issue.record("given up") }) }
            var answers = 0
            for _ in 0..<5 { _ = try desk.start("silent.test", 1, for: loop) { _ in answers += 1 } }
            _ = try desk.start("other.test", 1, for: loop) { _ in answers += 1 }
            names.answer(times: 3)
            try run(loop, until: { answers == 6 })
        }
    }
}
