// What kinds of client there are and how they behave, as a table.
// Must not know how a version writes anything.

import Buttplug
import Host

/// What a client does next.
enum Act: CaseIterable {
    case drive, move, repeatLast, zero, spray, batch, stopOwn, list, scan, unscan, subscribe, unsubscribe, read, mistake, rest
}

/// How a client leaves.
enum Leaving: CaseIterable { case finish, stopAndFinish, disconnect, drop, vanish }

/// A kind of client: its behaviour, and through its name the operator's rule for it (`Rulebook`).
struct Persona {
    let name: String
    var versions: [SpecVersion] = SpecVersion.allCases
    /// How long it stays.
    var stay: ClosedRange<Interval> = .seconds(10) ... .seconds(900)
    /// Acts of one burst, and the time between two of them.
    var burst: ClosedRange<Int> = 1...12
    var pace: ClosedRange<Interval> = .milliseconds(30) ... .milliseconds(1_500)
    /// Between two bursts.
    var pause: ClosedRange<Interval> = .seconds(2) ... .seconds(240)
    /// Acts it draws from; one that is there twice is drawn twice as often.
    var acts: [Act]
    var leaving: [Leaving] = [.finish, .finish, .finish, .stopAndFinish, .disconnect, .disconnect, .drop, .drop, .vanish]
    /// Sends `Ping` this often.
    var pingEvery: Interval?
    /// Makes no handshake.
    var isMute = false

    static let all: [Persona] = [
        Persona(name: "busy", acts: [.drive, .drive, .drive, .repeatLast, .zero, .batch, .stopOwn, .list, .read, .mistake]),
        Persona(name: "busy", acts: [.drive, .drive, .drive, .drive, .zero, .zero, .spray, .stopOwn, .repeatLast, .batch, .scan, .unscan]),
        Persona(
            name: "zeros", burst: 20...120, pace: .milliseconds(66) ... .milliseconds(67), pause: .seconds(60) ... .seconds(600),
            acts: [.zero, .zero, .zero, .zero, .scan, .list]),
        Persona(
            name: "stroker", versions: [.v1, .v2, .v3, .v4], burst: 5...40, pace: .milliseconds(100) ... .milliseconds(400),
            acts: [.move, .move, .move, .move, .drive, .stopOwn, .repeatLast]),
        Persona(name: "global", acts: [.drive, .drive, .drive, .zero, .move], leaving: [.stopAndFinish]),
        Persona(name: "crasher", stay: .seconds(2) ... .seconds(60), acts: [.drive, .drive, .move], leaving: [.drop, .vanish]),
        Persona(
            name: "scanner", versions: [.v2, .v3, .v3, .v4, .v4], acts: [.scan, .scan, .unscan, .list, .drive],
            leaving: [.finish, .drop]),
        Persona(
            name: "sensor", versions: [.v2, .v3, .v4, .v4], stay: .seconds(5) ... .seconds(120), pause: .seconds(1) ... .seconds(20),
            acts: [.subscribe, .subscribe, .unsubscribe, .unsubscribe, .read, .read, .stopOwn]),
        Persona(
            name: "pinger", stay: .seconds(3) ... .seconds(60), acts: [.drive, .drive, .zero], pingEvery: .milliseconds(450)),
        Persona(name: "silent", acts: [.drive, .repeatLast, .list]),
        Persona(name: "observer", acts: [.drive, .drive, .zero, .list, .subscribe, .read, .stopOwn]),
        Persona(name: "low", acts: [.drive, .drive, .zero, .move]),
        Persona(name: "high", acts: [.drive, .drive, .zero, .move, .repeatLast]),
        Persona(name: "quiet", acts: [.drive, .repeatLast, .zero, .spray]),
        Persona(name: "capped", acts: [.drive, .repeatLast, .drive, .move]),
        Persona(name: "muted", acts: [.drive, .zero, .stopOwn]),
        Persona(
            name: "limited", burst: 5...40, pace: .milliseconds(40) ... .milliseconds(400), acts: [.drive, .drive, .move, .zero, .stopOwn]),
        Persona(name: "denied", acts: [.drive, .drive, .drive, .zero, .list, .subscribe, .read, .stopOwn]),
        Persona(
            name: "panic", stay: .seconds(60) ... .seconds(900), acts: [.drive, .drive, .drive, .drive, .zero], leaving: [.stopAndFinish]),
        Persona(name: "mute", stay: .seconds(1) ... .seconds(20), acts: [.rest], leaving: [.drop, .finish], isMute: true),
        Persona(
            name: "holder", stay: .seconds(600) ... .seconds(7_200), burst: 1...3, pause: .seconds(200) ... .seconds(2_000),
            acts: [.drive, .drive, .move]),
    ]
}
