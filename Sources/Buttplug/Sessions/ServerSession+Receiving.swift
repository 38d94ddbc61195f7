// Takes a client's text apart: arrays, elements, messages; all of them or none.
// Must not know what a message means (the dialect does) or whether a request is allowed.

import Host

extension ServerSession {
    /// Takes a text apart into `batch`, which is emptied first. All or nothing: when a problem is returned, nothing of the text runs and
    /// one error is sent. The text must be UTF-8 (spec v4, Message Format).
    public mutating func receive(
        _ text: RawSpan, devices: DeviceTable, limits: MessageLimits, into batch: inout RequestBatch
    ) -> Malformed? {
        batch.removeAll()
        if state == .ended { return Malformed(id: 0, failure: .handshakeExpected) }
        var reader = JSONReader(text)
        var progress = Progress(version: version)
        let refusal: Refusal?
        do throws(JSONProblem) {
            refusal = try Self.read(&reader, &progress, devices, limits, into: &batch)
        } catch {
            refusal = Refusal(.invalid(error, at: reader.at))
        }
        if let refusal {
            batch.removeAll()
            if refusal.isFatal { state = .ended }
            let id = MessageID.find(inElementAt: progress.element, of: text, depth: limits.jsonDepth)
            return Malformed(id: id, failure: refusal.failure, isFatal: refusal.isFatal)
        }
        if state == .awaitingHandshake, let version = progress.version {
            clientName = progress.clientName
            state = .ready(version)
        }
        return nil
    }

    /// What is known half-way through a text.
    private struct Progress {
        /// The session's version; none until the handshake, which may be the text's first element.
        var version: SpecVersion?
        var clientName = ""
        /// Where the element that is being read begins.
        var element: Int?
    }

    /// A text that is well-formed, but has the wrong structure.
    private struct Refusal {
        var failure: Failure
        var isFatal: Bool
        init(_ failure: Failure, isFatal: Bool = false) {
            self.failure = failure
            self.isFatal = isFatal
        }
    }

    /// Arrays back to back, to the end of the text.
    private static func read(
        _ reader: inout JSONReader, _ progress: inout Progress, _ devices: DeviceTable, _ limits: MessageLimits,
        into batch: inout RequestBatch
    ) throws(JSONProblem) -> Refusal? {
        repeat {
            try reader.expect(.arrayStart)
            if try reader.take(.arrayEnd) { throw .emptyArray }
            repeat {
                _ = try reader.peek()
                progress.element = reader.at
                guard batch.requests.count &+ batch.parts.count < limits.requests else { throw .tooManyRequests }
                try reader.expect(.objectStart)
                if let version = progress.version {
                    try readMessage(version, &reader, devices, limits, into: &batch)
                } else if let refusal = try readHandshake(&reader, &progress, limits, into: &batch) {
                    return refusal
                }
                guard try !reader.more(until: .objectEnd) else { throw .twoMessages }
                progress.element = nil
            } while try reader.more(until: .arrayEnd)
        } while !reader.isAtEnd()
        return nil
    }

    /// One message of the session's version.
    @inline(__always)
    private static func readMessage(
        _ version: SpecVersion, _ reader: inout JSONReader, _ devices: DeviceTable, _ limits: MessageLimits, into batch: inout RequestBatch
    ) throws(JSONProblem) {
        guard let kind = MessageKind(try reader.key()) else { throw .unknownMessage }
        try readByVersion(kind, version, &reader, devices, limits, into: &batch)
    }

    @inline(__always)
    static func readMessage<D: Dialect>(
        _ kind: MessageKind, _ dialect: D.Type, _ reader: inout JSONReader, _ devices: DeviceTable, _ limits: MessageLimits,
        into batch: inout RequestBatch
    ) throws(JSONProblem) {
        guard D.has(kind) else { throw .unknownMessage }
        if kind == .outputCmd {
            let command = try reader.outputCommand()
            batch.requests.append(Request(id: command.id, body: .output(command)))
            return
        }
        guard let shape = kind.shape else {
            let id = try reader.idOnly(depth: limits.jsonDepth)
            batch.requests.append(Request(id: id, body: .failed(.notImplemented(kind.name))))
            return
        }
        let room = limits.requests &- batch.requests.count &- batch.parts.count
        let fields = try FieldReading.fields(&reader, shape, &batch.subcommands, partsMax: min(limits.partsPerCommand, room))
        if kind == .test {
            batch.appendTest(fields.id, reader.text(fields.text))
        } else {
            batch.requests.append(Request(id: fields.id, body: D.body(kind, fields, devices, &batch)))
        }
    }

    /// The first element of a session must be its handshake. The version is decided by three rules: `ProtocolVersionMajor`, else
    /// `MessageVersion`, else 0. Nothing is decided by a handshake that is refused.
    private static func readHandshake(
        _ reader: inout JSONReader, _ progress: inout Progress, _ limits: MessageLimits, into batch: inout RequestBatch
    ) throws(JSONProblem) -> Refusal? {
        let kind = MessageKind.requestServerInfo
        guard try reader.key() == JSONKey(kind.name), let shape = kind.shape else { return Refusal(.handshakeExpected) }
        let fields = try FieldReading.fields(&reader, shape, &batch.subcommands, partsMax: 0)
        let hasMajor = fields.seen.contains(.versionMajor)
        let hasOld = fields.seen.contains(.messageVersion)
        let number = hasMajor ? fields.versionMajor : hasOld ? fields.messageVersion : 0
        guard let version = UInt8(exactly: number).flatMap(SpecVersion.init(rawValue:)) else {
            return Refusal(.versionRefused(number), isFatal: true)
        }
        if hasMajor && hasOld { return Refusal(.versionUnclear("send MessageVersion or ProtocolVersionMajor, not both")) }
        let isNamedByMajor = version.facts.contains(.namedByMajor)
        if hasMajor && !isNamedByMajor { return Refusal(.versionUnclear("versions before 4 are asked for by MessageVersion")) }
        if hasOld && isNamedByMajor {
            return Refusal(.versionUnclear("version 4 is asked for by ProtocolVersionMajor and ProtocolVersionMinor"))
        }
        guard hasMajor == fields.seen.contains(.versionMinor) else { throw .missingField }
        let name = reader.text(fields.text)
        guard name.utf8.count <= limits.clientNameBytes else { throw .nameTooLong }
        progress.clientName = name
        progress.version = version
        batch.requests.append(Request(id: fields.id, body: .handshake))
        return nil
    }
}
