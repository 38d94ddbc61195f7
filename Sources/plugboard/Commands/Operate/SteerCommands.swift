// `plugboard stop`, `resume`, `kick`, `mute`, `unmute`, `priority`, `scan`, `reload`: verbs for a running router.
// Must not decide anything; the router does.

import ArgumentParser
import JSON
import Platform
import UV

struct StopCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stop", abstract: "Raises the emergency stop: every output goes to zero and stays there.",
        discussion: """
            With --device only that device stops, and can be driven again after a moment. Without --socket and --url, when no router \
            answers at a socket of yours, it stops the one at http://127.0.0.1:12380, another user's too. The answer says which router stopped.

            Examples:
              plugboard stop             everything, until plugboard resume
              plugboard stop --device 0  one device
            """)
    @OptionGroup(title: "Router") var router: RouterOptions
    @Option(name: .long, help: ArgumentHelp("Only this device, as `plugboard devices` numbers it.", valueName: "index")) var device: UInt32?

    func run() throws {
        let path = device.map { "/v1/devices/\($0)/stop" } ?? "/v1/stop"
        // A stop may reach any router; nothing else may.
        let reply = try router.reply(of: router.client, "POST", path, body: "{}")
        _ = try RouterOptions.tree(of: reply, to: path)
        let who = router.who(at: reply.address) ?? "the router at \(reply.address.text)"
        if let device { return Descriptor.output.write("device \(device) is stopped (\(who))\n") }
        Descriptor.output.write("emergency stop raised (\(who)); `plugboard resume\(router.words(for: reply.address))` clears it\n")
    }
}

struct ResumeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume", abstract: "Clears the emergency stop. Nothing starts by that: apps have to command again.")
    @OptionGroup(title: "Router") var router: RouterOptions

    func run() throws {
        _ = try router.change("DELETE", "/v1/stop")
        Descriptor.output.write("emergency stop cleared\n")
    }
}

/// The session that a verb is about.
struct SessionArgument: ParsableArguments {
    @Argument(help: ArgumentHelp("The session, as `plugboard sessions` shows it.", valueName: "session"))
    var session: String

    func validate() throws {
        if !Self.isOne(session) { throw ValidationError("a session looks like 3-17; `plugboard sessions` lists them") }
    }

    static func isOne(_ text: String) -> Bool {
        text.split(separator: "-").count == 2 && text.utf8.allSatisfy { (0x30...0x39).contains($0) || $0 == 0x2D }
    }
}

struct KickCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "kick", abstract: "Ends a session; what it drove goes to zero.")
    @OptionGroup(title: "Router") var router: RouterOptions
    @OptionGroup var target: SessionArgument

    func run() throws {
        _ = try router.change("POST", "/v1/sessions/\(target.session)/kick", body: "{}")
        Descriptor.output.write("session \(target.session) is ended\n")
    }
}

struct MuteCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mute", abstract: "Lets a session drive nothing; its app is not told.")
    @OptionGroup(title: "Router") var router: RouterOptions
    @OptionGroup var target: SessionArgument

    func run() throws {
        _ = try router.change("POST", "/v1/sessions/\(target.session)/mute", body: "{}")
        Descriptor.output.write("session \(target.session) is muted\n")
    }
}

struct UnmuteCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "unmute", abstract: "Lets a muted session drive again, by its next command.")
    @OptionGroup(title: "Router") var router: RouterOptions
    @OptionGroup var target: SessionArgument

    func run() throws {
        _ = try router.change("POST", "/v1/sessions/\(target.session)/unmute", body: "{}")
        Descriptor.output.write("session \(target.session) may drive again\n")
    }
}

struct PriorityCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "priority", abstract: "Changes a session's priority, gain, cap or role, until it ends.",
        discussion: """
            Examples:
              plugboard priority 3-17 120       before all who have 100, the usual
              plugboard priority 3-17 --cap 0.5 at most half of the range
            """)
    @OptionGroup(title: "Router") var router: RouterOptions
    @OptionGroup var target: SessionArgument
    @Argument(help: "0 to 200; the highest that wants something wins.") var priority: UInt8?
    @Option(name: .long, help: ArgumentHelp("What its values are multiplied by, 0 to 1.", valueName: "factor")) var gain: Double?
    @Option(name: .long, help: ArgumentHelp("What its values may not pass, 0 to 1.", valueName: "fraction")) var cap: Double?
    @Option(name: .long, help: "controller or observer.") var role: String?

    func validate() throws {
        if priority == nil, gain == nil, cap == nil, role == nil { throw ValidationError("give a priority, --gain, --cap or --role") }
    }

    func run() throws {
        var body = JSONText()
        body.object {
            if let priority { $0.member("priority", priority) }
            if let gain { $0.member("gain", gain) }
            if let cap { $0.member("cap", cap) }
            if let role { $0.member("role", role) }
        }
        let session = try router.change("PATCH", "/v1/sessions/\(target.session)", body: body.string)
        Descriptor.output.write(
            "session \(target.session): priority \(session.cell("priority")), gain \(session.cell("gain")), cap \(session.cell("cap")), \(session.cell("role"))\n"
        )
    }
}

struct ScanCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "scan", abstract: "Scans for devices for a while.")
    @OptionGroup(title: "Router") var router: RouterOptions
    @Option(name: .customLong("for"), help: ArgumentHelp("How long: 1s to 10m.", valueName: "time")) var time = "10s"

    func run() throws {
        var body = JSONText()
        body.object { $0.member("for", time) }
        _ = try router.change("POST", "/v1/scan", body: body.string)
        Descriptor.output.write("scanning for \(time)\n")
    }
}

struct ReloadCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reload", abstract: "Lets a running router read its configuration again; a bad one changes nothing.")
    @OptionGroup(title: "Router") var router: RouterOptions

    func run() throws {
        let answer = try router.change("POST", "/v1/reload", body: "{}")
        let later = answer["needs_restart"]?.elements.map(\.cell) ?? []
        Descriptor.output.write(
            later.isEmpty ? "configuration read\n" : "configuration read; after a restart: \(later.joined(separator: ", "))\n")
    }
}
