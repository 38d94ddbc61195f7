// The client's end of a connection: the upgrade's answer, and frames that carry masks (RFC 6455 §4.1, §5.3).
// Must not know who dialled, or why.

import Host
import UV
import WebSocket

/// What a connection has only when this side opened it.
final class ClientEnd {
    /// Until the connection is open.
    var dial: UVDial?
    let owner: any DialOwner
    let endpoint: Endpoint
    let address: String
    let offer: UpgradeOffer
    var parser: UpgradeResponseParser
    /// Something came in answer to the offer.
    var wasAnswered = false
    private var room = UnsafeMutableRawBufferPointer(start: nil, count: 0)

    init(_ dial: UVDial, _ offer: UpgradeOffer, address: String, limits: Limits) {
        self.dial = dial
        self.address = address
        self.offer = offer
        owner = dial.owner
        endpoint = dial.endpoint
        parser = UpgradeResponseParser(offer, limits: HeadLimits(bytes: limits.headBytes, lines: limits.headLines))
    }

    deinit { room.deallocate() }

    /// Memory for masked frames; a run of messages far above the usual gives its memory back later.
    func room(_ bytes: Int) -> UnsafeMutableRawPointer {
        if bytes > room.count || room.count > 1 << 20 {
            room.deallocate()
            room = .allocate(byteCount: max(4096, bytes), alignment: 16)
        }
        return room.baseAddress.unsafelyUnwrapped
    }

    /// The dial has failed.
    func fail(_ failure: DialFailure) {
        let dial = self.dial
        self.dial = nil
        dial?.fail(failure)
    }
}

extension UVLink {
    /// Asks the server to upgrade, once bytes can be sent.
    func sendOffer() { client?.offer.bytes().withUnsafeBytes { transport.write($0) } }

    /// Reads more of the server's answer; what follows it are frames. Returns how many bytes were used.
    func readAnswer(_ bytes: UnsafeMutableRawBufferPointer, _ client: ClientEnd) -> Int {
        client.wasAnswered = true
        switch client.parser.read(UnsafeRawBufferPointer(bytes)) {
        case .needMore: break
        case .accepted(_, let used):
            open(client)
            return readFrames(bytes, from: used)
        case .failed(let failure): client.fail(.notWebSocket(failure.text))
        }
        return bytes.count
    }

    private func open(_ client: ClientEnd) {
        let now = host.now
        phase = .open
        liveness.received(at: now)
        client.dial?.succeeded()
        client.dial = nil
        id = client.owner.opened(self, from: Peer(address: client.address, listener: client.endpoint.description), at: now)
        isKnown = true
        host.watch(self, until: now + host.limits.pingInterval)
        noteBacklog()
    }

    /// The server ended the connection instead of answering. A server that sends nothing at all has another client.
    func answerMissing(_ client: ClientEnd) {
        client.fail(client.wasAnswered ? .notWebSocket("the connection ended within the answer") : .refused)
    }

    /// Sends finished messages in masked frames.
    @inline(never)
    func sendMasked(_ runs: UnsafeBufferPointer<MessageRun>, _ firstByte: UInt8, _ client: ClientEnd) {
        var total = 0
        for run in runs { run.forEach { _, _, length in total += length + FrameWriter.headerMax } }
        guard total > 0 else { return }
        let room = client.room(total)
        let opcode = Opcode(rawValue: firstByte & 0x0F) ?? .text
        var at = 0
        for run in runs {
            guard let base = run.bytes.baseAddress else { continue }
            run.forEach { _, payload, length in
                let key = host.entropy.next()
                at += FrameWriter.header(opcode, payload: length, key: key, to: room + at)
                (room + at).copyMemory(from: base + payload, byteCount: length)
                _ = Masking.apply(key, to: room + at, count: length)
                at += length
            }
        }
        transport.write(UnsafeRawBufferPointer(start: room, count: at))
        noteBacklog()
    }

    /// The mask of a control frame; nil on the server's end.
    var controlKey: UInt32? { client == nil ? nil : host.entropy.next() }
}

extension UpgradeFailure {
    /// In words.
    fileprivate var text: String {
        switch self {
        case .notHTTP: "the answer is not HTTP/1.1"
        case .status(let status): "HTTP status \(status)"
        case .notAnUpgrade: "the answer upgrades to something else"
        case .acceptKey: "the answer's Sec-WebSocket-Accept is wrong"
        case .subprotocol: "the answer selects a subprotocol that was not offered"
        case .unexpectedExtension: "the answer selects an extension that was not offered"
        }
    }
}
