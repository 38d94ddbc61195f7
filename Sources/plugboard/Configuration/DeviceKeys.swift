// The keys of [devices] and [[devices.simulated_device]].
// Must not know how a simulated device keeps to them.

import Devices
import Host

extension SettingTable {
    static let devices = SettingSection(
        name: "devices", meaning: "The devices of this process.",
        keys: [
            .texts(
                "simulated", \.simulated, example: "[\"rabbit\", \"stroker*3\"]",
                "Simulated devices by archetype, with *N after the name for several. Archetypes: \(archetypes).",
                check: checkSimulated
            ).afterRestart,
            .interval(
                "scan_delay", \.scanDelay, .zero ... .seconds(3600),
                "How long after the start of a scan the simulated devices are found."
            ).afterRestart,
            .boolean("present_at_start", \.presentAtStart, "The simulated devices are there from the start, without a scan.").afterRestart,
            .integer(
                "seed", \.seed, 0...Int.max,
                "The seed of the simulated devices' random numbers; the same seed gives the same run."
            ).afterRestart,
            .text(
                "journal", ifSet: \.journal, longest: 4096, example: "\"/var/log/plugboard/journal.jsonl\"",
                "A file that every device write is appended to, one JSON object per line."
            ).afterRestart,
        ])

    static let simulatedDevice = SettingList(
        "devices.simulated_device", \.simulatedDevices,
        of: SettingElement(new: { SimulatedDeviceEntry() }, required: ["archetype"], keys: simulatedDeviceKeys), isFixed: true,
        "Simulated devices with properties of their own, in addition to those of `simulated`.")

    private static let simulatedDeviceKeys: [SettingKey<SimulatedDeviceEntry>] = [
        .text(
            "archetype", ifSet: \.archetype, example: "\"rabbit\"", "Which kind of device; see devices.simulated.",
            check: { (text: String) throws(Refusal) in
                if text.contains("*") { throw Refusal("must be an archetype alone; for several set \"count\"") }
                try checkSimulated(text)
            }),
        .integer("count", \.spec.count, 1...SimulatedDeviceSpec.devicesMax, "How many such devices."),
        .text(
            "name", ifSet: \.spec.displayName, example: "\"Left rabbit\"",
            "A name given by the user, shown next to the device's own."),
        .interval("latency", \.latency, .zero ... .seconds(60), "How long a write takes."),
        .interval(
            "latency_jitter", \.latencyJitter, .zero ... .seconds(60), "How far latencies spread: their standard deviation."),
        .number(
            "rate_cap", ifSet: \.spec.writesPerSecond, 0.01...100_000, example: "20.0",
            "Writes per second the device's link carries; more queue up and are answered late. Unset: no limit."),
        .number("failure_rate", \.spec.failureRate, 0...1, "The share of writes the device refuses."),
        .interval(
            "disconnect_after", ifSet: \.spec.disconnectAfter, .milliseconds(1) ... .seconds(31_536_000), example: "\"30s\"",
            "How long after it appears the device disconnects. Unset: never."),
        .interval(
            "reconnect_after", ifSet: \.spec.reconnectAfter, .milliseconds(1) ... .seconds(31_536_000), example: "\"5s\"",
            "How long after it disconnected the device comes back. Unset: it stays away."),
        .milliseconds(
            "gap", \.spec.messageGapMilliseconds, .zero ... .seconds(10),
            "Least time between two writes, as the device asks for it."),
        .number("battery", \.spec.batteryPercent, 0...100, "Charge at the start, in per cent."),
    ]

    private static let archetypes = Archetype.all.map(\.key).joined(separator: ", ")

    @Sendable
    private static func checkSimulated(_ text: String) throws(Refusal) {
        let specs: [SimulatedDeviceSpec]
        do throws(SimulatedListError) { specs = try SimulatedDeviceSpec.list(text) } catch { throw Refusal("is refused: \(error)") }
        switch specs.count {
        case 0: throw Refusal("must not contain an empty string; write an archetype, like \"rabbit\" or \"stroker*3\"")
        case 1: break
        default: throw Refusal("must name each archetype in a string of its own, like [\"rabbit\", \"stroker*3\"]")
        }
    }
}
