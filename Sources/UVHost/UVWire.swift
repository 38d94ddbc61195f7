// Wires on a libuv loop: serial lines, Unix sockets, and descriptors that this process was given.
// Must not know what the bytes say.

import Host
import UV

/// One wire, from the request to its end.
final class UVWire: Wire {
    let id: WireID
    let owner: any WireOwner
    private unowned let host: UVHost
    private var polled: PolledDescriptor?
    /// Descriptors may come along.
    private let takesDescriptors: Bool
    /// The turn in which it was asked for; the outcome belongs to a later one.
    private let turn: UInt32
    private var isKnown = false
    private var end: WireEnd?
    private var isOver = false
    /// What the kernel has not taken yet of bytes that it began.
    private var rest: [UInt8] = []
    /// Somebody was refused and waits.
    private var owesDrained = false

    init(_ host: UVHost, _ address: WireAddress, as id: WireID, for owner: any WireOwner) {
        self.host = host
        self.id = id
        self.owner = owner
        if case .socket = address { takesDescriptors = true } else { takesDescriptors = false }
        turn = host.turn
        host.loop.keepAwake()
        do throws(WireEnd) { try watch(Self.descriptor(for: address)) } catch { end = error }
    }

    private static func descriptor(for address: WireAddress) throws(WireEnd) -> Int32 {
        switch address {
        case .passed(let descriptor): return descriptor
        case .socket(let path): do { return try LocalPath.connect(path) } catch { throw WireEnd(error) }
        case .serial(let path, let baud):
            do { return try SerialLine.open(path, bitsPerSecond: baud) } catch {
                switch error {
                case .busy: throw .busy
                case .unsuitable: throw .unsuitable
                case .failed(let error): throw WireEnd(error)
                }
            }
        }
    }

    var descriptor: Int32 { polled?.descriptor ?? -1 }

    private func watch(_ descriptor: Int32) throws(WireEnd) {
        do {
            polled = try PolledDescriptor(on: host.loop, descriptor) { [unowned self] in arrived($0) }
        } catch {
            throw WireEnd(error)
        }
    }

    private func arrived(_ report: PolledDescriptor.Report) {
        switch report {
        case .readable: if isKnown { read() }
        case .writable: sendRest()
        case .ended: fail(.ended)
        }
    }

    private func read() {
        do {
            if takesDescriptors {
                try polled?.receive {
                    owner.passed($0, from: id)
                } bytes: {
                    owner.received($0.bytes, from: id, at: host.now)
                }
            } else {
                try polled?.read { owner.received($0.bytes, from: id, at: host.now) }
            }
        } catch {
            fail(WireEnd(error))
        }
    }

    private func fail(_ end: WireEnd) {
        guard self.end == nil, !isOver else { return }
        self.end = end
        polled?.close()
        polled = nil
        host.loop.keepAwake()
    }

    // MARK: The wire

    func send(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard let polled, isKnown, end == nil else { return false }
        // After a refusal nothing is taken before `drained`: what comes later must not overtake what was refused.
        if rest.isEmpty, !owesDrained {
            do {
                let taken = try polled.write(bytes)
                if taken == bytes.count { return true }
                if taken > 0 {
                    rest.append(contentsOf: bytes[taken...])
                    polled.watch(writing: true)
                    return true
                }
            } catch {
                fail(WireEnd(error))
                return false
            }
        }
        owesDrained = true
        polled.watch(writing: true)
        return false
    }

    private func sendRest() {
        guard let polled else { return }
        if !rest.isEmpty {
            var refusal: UVError?
            let taken = rest.withUnsafeBytes { bytes in
                do throws(UVError) { return try polled.write(bytes) } catch {
                    refusal = error
                    return 0
                }
            }
            if let refusal { return fail(WireEnd(refusal)) }
            rest.removeFirst(taken)
            if !rest.isEmpty { return }
        }
        polled.watch(writing: false)
        guard owesDrained else { return }
        owesDrained = false
        owner.drained(id, at: host.now)
    }

    func close() {
        guard !isOver else { return }
        isOver = true
        // What the kernel has room for by now still leaves.
        if !rest.isEmpty { _ = rest.withUnsafeBytes { try? polled?.write($0) } }
        polled?.close()
        polled = nil
        host.wires.removeAll { $0 === self }
        if host.isStopping, !host.isFinished, host.linkCount == 0, host.wires.isEmpty { host.loop.stop() }
    }

    // MARK: The host

    /// Says what is new. False when that belongs to the next turn.
    fileprivate func tellOwner(at now: Instant) -> Bool {
        if turn == host.turn { return false }
        if let end {
            close()
            owner.closed(id, end, at: now)
        } else if !isKnown {
            isKnown = true
            owner.opened(id, at: now)
            // What came before it was known.
            if !isOver { read() }
        }
        return true
    }

    fileprivate var hasReport: Bool { !isOver && (end != nil || !isKnown) }
}

extension WireEnd {
    fileprivate init(_ error: UVError) {
        switch error.name {
        case "EACCES", "EPERM": self = .denied
        case "ENOENT", "ENXIO", "ENODEV", "ENOTDIR", "ECONNREFUSED": self = .absent
        case "EOF", "EIO", "EPIPE", "ECONNRESET", "EBADF": self = .ended
        case "EBUSY": self = .busy
        default: self = .failed(-error.code)
        }
    }
}

extension UVHost: WireOpener {
    public func open(_ address: WireAddress, as id: WireID, for owner: any WireOwner) -> any Wire {
        let wire = UVWire(self, address, as: id, for: owner)
        wires.append(wire)
        return wire
    }

    /// Tells owners of wires that have opened or ended.
    func checkWires(at now: Instant) {
        for wire in wires where wire.hasReport && !wire.tellOwner(at: now) { loop.keepAwake() }
    }

    func endWires() {
        for wire in wires { wire.close() }
        wires = []
    }
}
