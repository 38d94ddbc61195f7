// `plugboard top`: the board of a running router on a terminal, with keys to control it.
// Must not know how a row looks; that is `BoardScreen`.

import ArgumentParser
import JSON
import Platform
import UV

struct TopCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "top", abstract: "Shows live who drives what, with keys to stop, mute and let in.",
        discussion: """
            Keys: s raises the emergency stop, r clears it, m mutes who drives the selected output, o changes the order, q quits. When a client \
            waits to be let in, a lets it in once and d refuses it.
            """)
    @OptionGroup(title: "Router") var router: RouterOptions

    func run() throws {
        guard let terminal = RawTerminal() else {
            // Nobody looks: the board once, as text.
            return try LanesCommand.parse(router.words).run()
        }
        defer { terminal.restore() }
        var top = Top(router: router, terminal: terminal)
        try top.run()
    }
}

private struct Top {
    private var shown: AdminClient
    private let router: RouterOptions
    let terminal: RawTerminal
    var screen = BoardScreen()
    var isOver = false
    /// The client that the screen asks about, and since when: a key that was meant for another one is not its answer.
    private var asked: (id: String, since: UInt64)?

    private static let lookNanoseconds: UInt64 = 700_000_000

    init(router: RouterOptions, terminal: RawTerminal) {
        self.router = router
        shown = router.client
        self.terminal = terminal
    }

    mutating func run() throws {
        let stream: EventStream
        do throws(AdminTrouble) { stream = try shown.openEvents(levels: 5) } catch {
            terminal.restore()
            throw ExitStatus.unavailable.refusing(error.words)
        }
        // Keys are for the router that is on the screen, also when another has come before it.
        shown = AdminClient(addresses: [stream.address], credentials: shown.credentials)
        var drawn = ""
        while !isOver {
            let (key, socket) = terminal.wait(for: stream.socket, milliseconds: 250)
            if key { for byte in terminal.keys() { pressed(byte) } }
            if socket {
                let events: [(String, JSONTree)]?
                do throws(AdminTrouble) { events = try stream.next() } catch { events = nil }
                guard let events else {
                    terminal.restore()
                    throw ExitStatus.unavailable.refusing("the router has ended")
                }
                for (name, data) in events { screen.state.apply(name, data) }
            }
            let (columns, rows) = terminal.size
            let text = screen.lines(columns: columns, height: rows).joined(separator: "\u{1B}[K\r\n") + "\u{1B}[K\u{1B}[J"
            // What looks the same is not drawn again.
            if text != drawn { terminal.draw("\u{1B}[H" + text) }
            drawn = text
            let first = screen.state.consents.first?.id
            if asked?.id != first { asked = first.map { ($0, MonotonicClock.nanoseconds) } }
        }
    }

    private mutating func pressed(_ key: UInt8) {
        screen.message = ""
        switch key {
        case UInt8(ascii: "q"): isOver = true
        case UInt8(ascii: "s"): ask("POST", "/v1/stop", "emergency stop raised; r clears it")
        case UInt8(ascii: "r"): ask("DELETE", "/v1/stop", "emergency stop cleared")
        case UInt8(ascii: "m"):
            guard let session = screen.selectedSession else { return screen.message = "nobody drives this output" }
            let isMuted = screen.state.sessions[session]?["mute"] == .bool(true)
            ask("POST", "/v1/sessions/\(session)/\(isMuted ? "unmute" : "mute")", isMuted ? "it may drive again" : "muted")
        case UInt8(ascii: "o"):
            let all = BoardScreen.Order.allCases
            screen.order = all[((all.firstIndex(of: screen.order) ?? 0) + 1) % all.count]
        case UInt8(ascii: "a"): answer("approve", "it is let in")
        case UInt8(ascii: "d"): answer("deny", "it is refused")
        // Arrows come as ESC [ A and ESC [ B; j and k are the same.
        case UInt8(ascii: "A"), UInt8(ascii: "k"): screen.selected = max(0, screen.selected - 1)
        case UInt8(ascii: "B"), UInt8(ascii: "j"): screen.selected = min(max(0, screen.rows.count - 1), screen.selected + 1)
        default: break
        }
    }

    private mutating func answer(_ answer: String, _ done: String) {
        guard let asked else { return screen.message = "nobody waits to be let in" }
        guard MonotonicClock.nanoseconds - asked.since >= Self.lookNanoseconds else {
            return screen.message = "this one has just come up: look, then press again"
        }
        ask("POST", "/v1/consents/\(asked.id)", done, body: #"{"answer":"\#(answer)"}"#)
    }

    private mutating func ask(_ method: String, _ path: String, _ done: String, body: String = "{}") {
        // As the commands: a stop may reach any router; nothing else may.
        let isStop = method == "POST" && path == "/v1/stop"
        if !isStop, let address = shown.addresses.first, !router.isOwn(address) {
            return screen.message = "perhaps another user's router: if it is meant, begin with --url \(address.text)"
        }
        do throws(AdminTrouble) {
            let reply = try shown.request(method, path, body: method == "POST" ? body : nil)
            screen.message = (200..<300).contains(reply.status) ? done : reply.json?["detail"]?.string ?? "it could not be done"
        } catch {
            screen.message = error.words
        }
    }
}
