// What the records of a message lead to: at the home, sessions and their orders; at the entry, devices and outcomes.
// Must not believe anything that a record says of another member.

import Buttplug
import Cluster
import Host
import Router

extension MembersCore {
    /// Follows the records of a message that counts. One that no honest peer writes loses the link, and with it what came before it.
    mutating func readRecords(_ payload: RawSpan, from peer: MemberPeer, at now: Instant) {
        var reader = RecordReader(payload)
        do throws(RecordProblem) {
            while let record = try reader.next() {
                try follow(record, reader, from: peer, at: now)
                guard peer.link.state == .up else { return digest(peer, at: now) }
            }
        } catch {
            peer.link.lose(error.loss, at: now)
        }
        digest(peer, at: now)
    }

    private mutating func follow(
        _ record: ClusterRecord, _ reader: borrowing RecordReader, from peer: MemberPeer, at now: Instant
    ) throws(RecordProblem) {
        switch record {
        case .order(let order): orderCame(order, from: peer, at: now)
        case .outcome(let request, let code): outcomeCame(request, ForeignOutcome(rawValue: code.rawValue) ?? .refused, from: peer)
        case .session(let session, let name):
            guard let rights = Rights(session) else { throw .malformed }
            peer.guests.insert(session.session)
            let guest = Guest(member: peer.name, client: reader.text(name), rights: rights)
            effects.append(.session(peer.number, session.session, guest))
        case .stop(let session, let device, let feature):
            guard peer.guests.contains(session) else { return }
            let target = device == .max ? nil : device
            effects.append(.stop(peer.number, session: session, device: target, feature: feature == .max ? nil : feature))
        case .sessionEnd(let session):
            if peer.guests.remove(session) != nil { effects.append(.sessionEnded(peer.number, session: session)) }
        case .device(let index, _, let identity, let description):
            let bytes = reader.bytes(of: description)
            guard let info = DeviceInfo(listEntry: bytes) else { throw .malformed }
            deviceTold(index, reader.text(identity), info.description, by: peer)
        case .gone(let index): deviceGone(index, of: peer)
        case .told: toldEnded(peer)
        case .bye: peer.link.leave(.peerLeft)
        case .beat(let digest, _): if digest != latch.digest { tellLatch(to: peer, at: now) }
        case .latch(let raised, let cleared):
            guard reader.idCount(raised) <= LatchSet.raisedMax, reader.idCount(cleared) <= LatchSet.clearedMax else { throw .malformed }
            latchCame(reader.ids(raised), reader.ids(cleared))
        // Of what comes next: sensors, scans, indices for ever, masks, grants.
        case .read, .subscribe, .unsubscribe, .values, .scan, .scanFinished, .fact, .masks, .grant: break
        }
    }

    // MARK: Home

    private mutating func orderCame(_ order: OrderRecord, from peer: MemberPeer, at now: Instant) {
        guard peer.admitsOrder(settings.ordersPerSecond, at: now) else { return peer.link.lose(.flooding, at: now) }
        guard peer.guests.contains(order.session), order.request != 0 else {
            peer.put(at: now) { $0.outcome(request: order.request, .refused) }
            return
        }
        guard let type = OutputType(rawValue: order.type) else {
            peer.put(at: now) { $0.outcome(request: order.request, .valueOutOfRange) }
            return
        }
        let command = OutputCommand(
            id: order.request, device: order.device, feature: UInt32(order.feature), type: type, value: order.value,
            duration: order.duration)
        effects.append(.order(peer.number, session: order.session, command))
    }

    /// The router has answered a guest's order.
    mutating func answered(_ request: UInt32, _ outcome: ForeignOutcome, to number: MemberNumber, at now: Instant) {
        peers[number].put(at: now) { $0.outcome(request: request, OutcomeCode(rawValue: outcome.rawValue) ?? .refused) }
    }

    /// The router has ended a guest by itself.
    mutating func guestEnded(_ session: UInt32, of number: MemberNumber) { peers[number].guests.remove(session) }
}

extension Rights {
    /// nil: no rights that a member can have.
    init?(_ record: SessionRecord) {
        self.init()
        guard record.priority <= 200, let role = Self.roles.element(record.role), let scope = Self.scopes.element(record.stopScope) else {
            return nil
        }
        (self.role, priority, stopScope, mute) = (role, record.priority, scope, record.isMuted)
        gain = Fraction(tenThousandths: Int32(record.gain))
        cap = Fraction(tenThousandths: Int32(record.cap))
    }

    /// By their numbers in a record.
    private static var roles: [Role] { [.controller, .observer] }
    private static var scopes: [StopScope] { [.own, .global, .estop] }

    func record(_ session: UInt32, age: Interval) -> SessionRecord {
        var record = SessionRecord(
            session: session, age: UInt64(max(0, age.milliseconds)), priority: priority, role: role == .observer ? 1 : 0,
            stopScope: stopScope == .own ? 0 : stopScope == .global ? 1 : 2, version: 4)
        (record.isMuted, record.gain, record.cap) = (mute, UInt16(gain.tenThousandths), UInt16(cap.tenThousandths))
        return record
    }
}

extension Array {
    fileprivate func element(_ number: UInt8) -> Element? { Int(number) < count ? self[Int(number)] : nil }
}
