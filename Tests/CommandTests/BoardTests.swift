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
            #"{"status":{"name":"Plugboard","emergency_stop":true,"messages_per_second":3},"sessions":[{"id":"0-1","client":"Game"},{"id":"1-1","client":"\u202ePlayer"}],"devices":[{"index":0,"name":"Rabbit"}],"lanes":[{"device":0,"feature":0,"type":"Vibrate","max":20,"winner":"1-1","written":{"type":"Vibrate","value":14},"contributions":[{"session":"0-1","value":8},{"session":"1-1","value":14}]}]}"#
        ),
        ("levels", #"{"lanes":[[0,0,"Vibrate",10,"1-1"]]}"#),
    ])

    @Test("A row shows the device's value, which app drives it and which apps wait; names cannot disturb it", arguments: [60, 80, 200])
    func rows(_ columns: Int) {
        var screen = BoardScreen()
        screen.state = Self.two
        let lines = screen.lines(columns: columns, height: 24)
        #expect(lines.count == 24 && lines.allSatisfy { $0.count <= columns })
        #expect(lines[0].hasPrefix("EMERGENCY STOP"))
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
}
