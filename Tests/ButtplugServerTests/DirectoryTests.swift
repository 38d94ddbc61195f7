// The session directory and several observers: what each one is told, and what is still known of a session that has just ended.
// Must not test the log's words; `LogTests` does.

import Buttplug
import Host
import Router
import SimHost
import Testing

@testable import ButtplugServer

/// Records its events, under its own letter, in a list that it shares with others.
private final class Scribe: RouterObserver {
    final class Book { var lines: [String] = [] }
    let wantsWinners: Bool
    private let letter: String
    private let book: Book

    init(_ letter: String, _ book: Book, wantsWinners: Bool = false) {
        self.letter = letter
        self.book = book
        self.wantsWinners = wantsWinners
    }

    func happened(_ event: RouterEvent, at now: Instant) {
        switch event {
        case .scanStarted: book.lines.append("\(letter) scan")
        case .winnerChanged: book.lines.append("\(letter) winner")
        default: break
        }
    }
}

@Suite struct DirectoryTests {
    private static let peer = Peer(address: "127.0.0.1", listener: "test")

    @Test("A session is found by its id from its opening until after its end, and never with a newer session's id.")
    func knowsSessions() {
        let directory = SessionDirectory()
        let first = LinkID(slot: 2, generation: 1)
        let second = LinkID(slot: 2, generation: 2)
        directory.happened(.sessionOpened(first, Self.peer), at: .zero)
        #expect(directory.entry(first)?.client == nil)
        directory.happened(.handshaken(first, client: "App", .v4, maxPingTime: 0), at: .zero)
        #expect(directory.entry(first)?.client == "App")
        #expect(directory.entry(slot: 2)?.client == "App")
        directory.happened(.sessionClosed(first, .kicked), at: .zero)
        #expect(directory.entry(first)?.client == "App")
        #expect(directory.entry(slot: 2) == nil)
        #expect(directory.all.isEmpty)
        directory.happened(.sessionOpened(second, Self.peer), at: .zero)
        #expect(directory.entry(second)?.client == nil)
        #expect(directory.entry(first)?.client == "App")
    }

    @Test("Every observer is told once, in the order in which they were added, also one that was added twice.")
    func tellsAll() throws {
        let host = SimHost()
        var configuration = ServerConfiguration()
        configuration.deviceOptions.presentAtStart = true
        let server = ButtplugServer(configuration, on: host)
        let book = Scribe.Book()
        let (a, b) = (Scribe("a", book), Scribe("b", book))
        for scribe in [a, b, a] { server.runner.add(scribe) }
        server.setOperatorScan(true)
        host.run(for: .milliseconds(10))
        #expect(book.lines == ["a scan", "b scan"])
    }
}
