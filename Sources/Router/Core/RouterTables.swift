// What all parts of the router look things up in: settings, sessions, devices, and where devices are.
// Must not decide anything.

import Buttplug
import Host

/// The tables of one router.
struct RouterTables: ~Copyable {
    var settings: RouterSettings
    var sessions = SessionTable()
    var devices = DeviceTable()
    var addresses = DeviceAddresses()
    var counters = RouterCounters()

    init(_ settings: RouterSettings) { self.settings = settings }

    /// The rule of a session that is past its handshake.
    func rule(of slot: Int) -> Rule { settings.rules[sessions.details[slot]!.rule] }

    /// The devices that a session may see.
    func view(of slot: Int) -> DeviceView { DeviceView(devices, denied: sessions.details[slot]!.denied) }

    /// Hides a device from a session.
    mutating func deny(_ index: UInt32, _ slot: Int) {
        sessions.details[slot]!.denied.insert(index)
        sessions.rows[slot].hasDenied = true
        sessions.rows[slot].needsRuleCheck = true
    }

    /// Lets a session write messages of its own version. Nothing is written once it has ended.
    mutating func write(_ slot: Int, into out: inout Outbox, _ body: (inout ServerSession, inout MessageBuffer) -> Void) {
        guard sessions.details[slot] != nil else { return }
        let start = out.messages.count
        body(&sessions.details[slot]!.session, &out.messages)
        out.extend(UInt32(slot), from: start)
    }
}
