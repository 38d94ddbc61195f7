// The kinds of load as a table: name, line of help, clients, rate, conduct, and the function that writes what the clients say.
// Must not know how anything is sent. A new kind is a row here, its function in `ProfileScript`, and a row in docs/bench.md.

extension Profile {
    /// Every kind there is. The first is what runs when nobody names one.
    public static let all: [Profile] = [
        Profile(
            "busy", "every client drives the held outputs in turn, 50 a second each", .client(50), ProfileScript.busy),
        Profile(
            "overlay", "every client writes all held outputs at once, 15 times a second",
            .output(15), ProfileScript.overlay),
        Profile("stroker", "every client streams moves to every axis, 30 a second each", .axis(30), ProfileScript.stroker),
        Profile(
            "scan", "clients start and end scans and ask for the list, 2 a second each", clients: 16, .client(2),
            ProfileScript.scan),
        Profile(
            "sensors", "every client subscribes to every sensor and reads one a second",
            .client(1), conduct: .listening, ProfileScript.sensors),
        Profile(
            "storm", "connect, handshake, device list, leave; 100 sessions a second", clients: 16, .all(100), conduct: .visiting,
            ProfileScript.visit),
        Profile(
            "idle", "clients that only stay, and are asked at the end if they are alive", clients: 1_000, .client(1),
            conduct: .silent, ProfileScript.ping),
        Profile("conflict", "all clients drive the same output, 50 messages a second each", .client(50), ProfileScript.conflict),
        Profile(
            "slow", "as busy, while every fourth client never reads what it is sent", .client(50), conduct: .partlyDeaf, ProfileScript.busy),
        Profile(
            "stop", "time from a stop to its zero, beside 64 overlays; needs --journal",
            .all(20_000), conduct: .tryingStops, ProfileScript.besidesStops),
        Profile(
            "mixed", "clients take turns at all of these but storm, idle, slow and stop", .client(50),
            ProfileScript.mixed),
    ]

    /// Their names for people.
    public static var names: String { all.map(\.name).joined(separator: ", ") }
}
