// What the router wants of an upstream: writes, reads, subscriptions, scans, its one real stop.
// Must not decide what is wanted. Nothing is kept for later: what cannot be said now has failed.

import Buttplug
import Host

extension UpstreamCore {
    /// One value for one output.
    @inline(__always)
    mutating func perform(_ write: DeviceWrite, at now: Instant) {
        guard write.type.isHeld || !isSilent(at: now), let index = devices.index(of: write.device),
            let id = session.output(
                device: index, feature: write.feature, type: write.type, value: write.value, duration: write.duration,
                into: &out.messages)
        else {
            out.answers.append(.init(ticket: write.ticket, outcome: .unreachable))
            return
        }
        asked.add(AskedRequest(id, .write, number: write.ticket, device: write.device, until: now + settings.answerTimeout))
    }

    /// Whether the server owes answers and has said nothing for a second. A move or a spray that goes to it now may be carried out much later,
    /// when nobody wants it, and a later zero does not take it back (`arbitration.md` §7).
    private func isSilent(at now: Instant) -> Bool {
        asked.waited(of: settings.answerTimeout, at: now) > .seconds(1) && now - lastMessageAt > .seconds(1)
    }

    mutating func handle(_ request: BackendRequest, at now: Instant) {
        let until = now + settings.answerTimeout
        switch request {
        case .startScanning:
            isScanWanted = true
            // While it is away there is nobody to ask; the router asks again when it is back.
            guard !isScanning, let id = session.startScanning(into: &out.messages) else { return }
            isScanning = true
            asked.add(AskedRequest(id, .scan, until: until))
        case .stopScanning:
            isScanWanted = false
            guard searchUntil == .never else { return }
            isScanning = false
            if let id = session.stopScanning(into: &out.messages) { asked.add(AskedRequest(id, .other, until: until)) }
        case .read(let device, let feature, let type, let number):
            let id = devices.index(of: device).flatMap { session.read(device: $0, feature: feature, type: type, into: &out.messages) }
            note(id, .read, number, device, until)
        case .subscribe(let device, let feature, let type, let number):
            let id = devices.index(of: device).flatMap { session.subscribe(device: $0, feature: feature, type: type, into: &out.messages) }
            note(id, .subscribe, number, device, until)
        case .unsubscribe(let device, let feature, let type, _):
            let id = devices.index(of: device).flatMap {
                session.unsubscribe(device: $0, feature: feature, type: type, into: &out.messages)
            }
            if let id { asked.add(AskedRequest(id, .other, until: until)) }
        case .stopOutputs:
            if let id = session.stop(inputs: false, outputs: true, into: &out.messages) {
                asked.add(AskedRequest(id, .other, until: until))
            }
        // A reference server stops every device when it is told to stop one: the others' clients want theirs to go on.
        case .cutOff, .foreign: break
        }
    }

    // MARK: Devices that went with a connection

    /// How long they are looked for.
    private static var searchSpan: Interval { .seconds(30) }

    /// Servers find their devices only when they are asked to scan. A client that asked before the connection was lost does not know that
    /// it was: so the devices that were there are looked for.
    mutating func beginSearch(at now: Instant) {
        guard devices.missesSome, let id = isScanning ? 0 : session.startScanning(into: &out.messages) else { return }
        searchUntil = now + Self.searchSpan
        guard id != 0 else { return }
        isScanning = true
        searches &+= 1
        asked.add(AskedRequest(id, .scan, until: now + settings.answerTimeout))
    }

    /// They are all back, or not waited for any longer.
    mutating func endSearch(at now: Instant) {
        devices.giveUpMissing()
        guard searchUntil != .never else { return }
        searchUntil = .never
        guard isScanning, !isScanWanted else { return }
        isScanning = false
        if let id = session.stopScanning(into: &out.messages) { asked.add(AskedRequest(id, .other, until: now + settings.answerTimeout)) }
    }

    private mutating func note(_ id: UInt32?, _ kind: AskedRequest.Kind, _ number: UInt32, _ device: BackendDevice, _ until: Instant) {
        if let id {
            asked.add(AskedRequest(id, kind, number: number, device: device, until: until))
        } else {
            out.events.append(.requestFailed(request: number, "The server that has the device cannot be asked for this."))
        }
    }
}
