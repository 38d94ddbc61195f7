// The states of a connection (RFC 6455 §5.5, §7): which side closes, which answers, and how often.
// Must not know frames: inputs are decoded events, outputs are what must be sent.

import Testing
import WebSocket

@Suite struct ConnectionStateTests {
    private func ping(_ state: inout ConnectionState, _ payload: [UInt8], at: UInt64 = 0) -> Bool {
        payload.withUnsafeBytes { state.ping($0, at: at) }
    }
    private func pong(_ state: inout ConnectionState, at: UInt64) -> Bool { state.pong(at: at) }
    private func close(_ state: inout ConnectionState) -> Bool { state.close() }
    private func failed(_ state: inout ConnectionState) -> Bool { state.failed() }
    private func takePong(_ state: inout ConnectionState) -> [UInt8]? { state.takePong() }
    private func peerClosed(_ state: inout ConnectionState, _ status: UInt16) -> ConnectionState.CloseAnswer {
        state.peerClosed(status: status)
    }

    @Test("A close by the peer is answered once with its status, and the connection is over")
    func peerCloses() {
        var state = ConnectionState()
        #expect(state.isOpen)
        #expect(peerClosed(&state, 1001) == .answer(status: 1001))
        #expect(state.phase == .closed)
        #expect(peerClosed(&state, 1001) == .ignore)
        #expect(!close(&state))
    }

    @Test("Our close is sent once, and the peer's answer ends the connection")
    func weClose() {
        var state = ConnectionState()
        #expect(close(&state))
        #expect(state.phase == .closing)
        #expect(!state.isOpen)
        #expect(!close(&state))
        #expect(peerClosed(&state, 1000) == .end)
        #expect(state.phase == .closed)
    }

    @Test("A violation sends a close frame, unless one was sent before")
    func fails() {
        var open = ConnectionState()
        #expect(failed(&open))
        #expect(!failed(&open))
        #expect(open.phase == .closed)
        var closing = ConnectionState()
        _ = close(&closing)
        #expect(!failed(&closing))
        #expect(closing.phase == .closed)
    }

    @Test("Of many pings in a turn the newest is answered, once")
    func newestPing() {
        var state = ConnectionState()
        #expect(!state.owesPong)
        #expect(ping(&state, [1]))
        #expect(ping(&state, []))
        #expect(ping(&state, [3, 4]))
        #expect(state.owesPong)
        #expect(takePong(&state) == [3, 4])
        #expect(takePong(&state) == nil)
        #expect(ping(&state, []))
        #expect(takePong(&state) == [])
    }

    @Test("A ping after a close frame is not answered")
    func pingWhileClosing() {
        var state = ConnectionState()
        #expect(ping(&state, [1]))
        _ = close(&state)
        #expect(takePong(&state) == nil)
        #expect(ping(&state, [2]))
        #expect(takePong(&state) == nil)
    }

    @Test("Control frames above the limit of a second are too many; the next second begins again; pongs count")
    func flood() {
        var state = ConnectionState(controlFramesPerSecond: 3)
        #expect(ping(&state, [], at: 5_000_000_000))
        #expect(pong(&state, at: 5_100_000_000))
        #expect(ping(&state, [], at: 5_999_999_999))
        #expect(ping(&state, [], at: 6_000_000_000))
        #expect(pong(&state, at: 6_000_000_001))
        #expect(pong(&state, at: 6_000_000_002))
        #expect(!pong(&state, at: 6_000_000_003))
        #expect(!ping(&state, [], at: 6_999_999_999))
    }
}
