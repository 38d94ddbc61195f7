// The board of `plugboard top` and its state.

import JSON
import Testing

@testable import plugboard

@Suite struct BoardTests {
    static func state(_ events: [(String, String)]) -> BoardState {
        var state = BoardState()
        for (name, text) in events { state.apply(name, JSONTree(text.utf8)!) }
        return state
    }

    static let two = state([
        (
            "snapshot",
            #"{"status":{"name":"Plugboard","emergency_stop":true,"messages_per_second":3.47},"sessions":[{"id":"0-1","client":"Game"},{"id":"1-1","client":"\u202ePlayer"}],"devices":[{"index":0,"name":"Rabbit"}],"lanes":[{"device":0,"feature":0,"type":"Vibrate","max":20,"winner":"1-1","written":{"type":"Vibrate","value":14},"contributions":[{"session":"0-1","value":8},{"session":"1-1","value":14}]}]}"#
        ),
        ("levels", #"{"lanes":[[0,0,"Vibrate",10,"1-1"]]}"#),
    ])

    @Test("A row shows the device's value, which app drives it and which apps wait; names cannot disturb it", arguments: [60, 80, 200])
    func rows(_ columns: Int) {
        var screen = BoardScreen()
        screen.state = Self.two
        let lines = screen.lines(columns: columns, height: 24)
        #expect(lines.count == 24 && lines.allSatisfy { $0.count <= columns })
        #expect(lines[0].hasPrefix("EMERGENCY STOP") && (columns < 80 || lines[0].contains(" 3 messages a second")))
        #expect(lines[2].contains("10/20") && lines[2].contains("\\u202e"))
        #expect(columns < 80 || lines[2].contains("Game 8"))
        #expect(screen.selectedSession == "1-1")
    }

    @Test("An app that has shown a token, or that comes from elsewhere, is marked")
    func origins() {
        var screen = BoardScreen()
        screen.state = Self.two
        screen.state.apply("session", JSONTree(#"{"id":"1-1","client":"Player","local":false,"token":"ann"}"#.utf8)!)
        screen.state.apply("session", JSONTree(#"{"id":"0-1","client":"Game","local":false,"token":null}"#.utf8)!)
        let line = screen.lines(columns: 200, height: 24)[2]
        #expect(line.contains("[ann] Player") && line.contains("[remote] Game 8"))
        screen.state.apply("session", JSONTree(#"{"id":"0-1","client":"Game","local":true,"token":null}"#.utf8)!)
        #expect(
            screen.lines(columns: 200, height: 24)[2].contains("Game 8") && !screen.lines(columns: 200, height: 24)[2].contains("[remote]"))
    }

    @Test("Sessions and devices that are gone are no longer shown")
    func gone() {
        var state = Self.two
        for (name, text) in [
            ("session_closed", #"{"id":"1-1"}"#), ("lane_gone", #"{"device":0,"feature":0}"#), ("device_gone", #"{"index":0}"#),
        ] {
            state.apply(name, JSONTree(text.utf8)!)
        }
        #expect(state.sessions.count == 1 && state.lanes.isEmpty && state.devices.isEmpty)
    }

    /// The app moved the output a moment ago, asks for nothing now, and alone may move it.
    static let leased =
        #"{"device":0,"feature":0,"type":"Position","max":100,"winner":null,"written":{"type":"Position","value":40},"contributions":[{"session":"0-1","type":"Position","value":8}],"lease":{"session":"1-1","kind":"moves","until":1.449},"held_off":0}"#

    @Test("The owner of a lease is shown as the one that drives, and can be muted.")
    func lease() throws {
        var screen = BoardScreen()
        screen.state = Self.two
        let lane = try #require(JSONTree(Self.leased.utf8))
        screen.state.apply("lane", lane)
        let line = screen.lines(columns: 120, height: 24)[2]
        #expect(line.contains("Player (lease)") && line.contains("Game 8") && !line.contains("Player 14"), "\(line)")
        #expect(screen.selectedSession == "1-1")
        #expect(LaneDriver(lane)?.words("Player") == "Player (lease, 1.4 s left)")
        #expect(WatchCommand.words("lane", lane).hasSuffix("driven by 1-1 (lease, 1.4 s left)"))
        let free = try #require(JSONTree(#"{"device":0,"feature":0,"winner":null,"lease":null}"#.utf8))
        #expect(LaneDriver(free) == nil && WatchCommand.words("lane", free).hasSuffix("driven by nobody"))
    }

    @Test("A long name leaves room for the mark of its lease.")
    func longName() throws {
        var screen = BoardScreen()
        screen.state = Self.two
        screen.state.apply("session", try #require(JSONTree(#"{"id":"1-1","client":"A name that is longer than its column"}"#.utf8)))
        screen.state.apply("lane", try #require(JSONTree(Self.leased.utf8)))
        #expect(screen.lines(columns: 120, height: 24)[2].contains("A name that … (lease) "))
    }

    @Test("One of a kind is told without an s.")
    func singular() throws {
        var screen = BoardScreen()
        screen.state = Self.state([
            (
                "snapshot",
                #"{"status":{"name":"P","messages_per_second":1},"sessions":[{"id":"0-1","client":"Game"}],"devices":[{"index":0,"name":"Rabbit"}],"lanes":[],"consents":[{"id":"1-1","client":"A"},{"id":"2-1","client":"B"}]}"#
            )
        ])
        let lines = screen.lines(columns: 200, height: 24)
        #expect(lines[0].hasSuffix("1 app, 1 device, 1 message a second"), "\(lines[0])")
        #expect(lines[2].contains("(1 more waits)"), "\(lines[2])")
        #expect(WatchCommand.words("snapshot", try #require(JSONTree(#"{"sessions":[1],"devices":[]}"#.utf8))) == "now: 1 app, 0 devices")
    }
}
