// Takes a server's text apart: arrays, elements, messages. What can be read is read; what cannot is reported, and the rest goes on.
// Must not know how a version lists devices (the dialect does) or who waits for what.

import Host

extension ClientSession {
    /// Whether a text is nothing but one `Ok`, in the layout nearly every server writes; its id. nil for every other text: `receive` then
    /// decides. Allocates nothing.
    public static func readOk(_ text: RawSpan) -> UInt32? {
        var reader = LayoutReader(text)
        guard reader.take("[{\"Ok\":{\"Id\":"), let id = reader.longNumber(), reader.take("}}]"), reader.isAtEnd else { return nil }
        return id
    }

    /// Takes a text apart into `batch`, which is emptied first. Never fails: what cannot be read becomes an event, and where a message ends
    /// can still be told, the next is read. Before `greet` and after `end` nothing is understood. The text must be UTF-8.
    public mutating func receive(_ text: RawSpan, into batch: inout ServerEventBatch) {
        batch.removeAll()
        switch state {
        case .idle, .ended: return
        case .greeting: break
        case .ready:
            if let id = Self.readOk(text) {
                batch.events.append(.ok(id))
                return
            }
        }
        guard text.byteCount <= limits.messageBytes else {
            batch.events.append(.malformed(0, "the text is longer than \(limits.messageBytes) bytes"))
            return
        }
        var reader = ServerTextReader(text)
        do throws(JSONProblem) {
            try readArrays(&reader, into: &batch)
        } catch {
            batch.events.append(.malformed(0, Self.describe(error, at: reader.at)))
        }
        ignored.add(reader.notes.ignored)
        if reader.notes.hasUpperRSSI || reader.notes.hasOtherRSSI { wantsUpperRSSI = !reader.notes.hasOtherRSSI }
    }

    /// Arrays back to back, to the end of the text.
    private mutating func readArrays(
        _ reader: inout ServerTextReader, into batch: inout ServerEventBatch
    ) throws(JSONProblem) {
        var messages = 0
        repeat {
            try reader.json.expect(.arrayStart)
            if try reader.json.take(.arrayEnd) { continue }
            repeat {
                _ = try reader.json.peek()
                let start = reader.at
                do throws(JSONProblem) {
                    try readElement(&reader, &messages, into: &batch)
                } catch {
                    guard messages <= limits.requestsPerMessage else { throw error }
                    let text = Self.describe(error, at: reader.at)
                    reader.at = start
                    let id = Self.id(inElementAt: start, &reader, depth: limits.jsonDepth)
                    reader.at = start
                    try reader.json.skipValue(depth: limits.jsonDepth)
                    batch.events.append(.malformed(id, text))
                }
            } while try reader.json.more(until: .arrayEnd)
        } while !reader.json.isAtEnd()
    }

    /// The messages of one element; there should be one.
    private mutating func readElement(
        _ reader: inout ServerTextReader, _ messages: inout Int, into batch: inout ServerEventBatch
    ) throws(JSONProblem) {
        try reader.json.expect(.objectStart)
        repeat {
            messages += 1
            guard messages <= limits.requestsPerMessage else { throw .tooManyEntries }
            let key = try reader.json.key()
            switch state {
            case .greeting: try readGreeting(key, &reader, into: &batch)
            case .ready(let version): try readMessage(key, version, &reader, into: &batch)
            case .idle, .ended: try skipMessage(&reader)
            }
        } while try reader.json.more(until: .objectEnd)
    }

    /// Before the handshake is answered only its answer is understood.
    private mutating func readGreeting(
        _ key: JSONKey, _ reader: inout ServerTextReader, into batch: inout ServerEventBatch
    ) throws(JSONProblem) {
        if key.is("ServerInfo") {
            let fields = try reader.clientFields()
            let name = fields.text ?? ""
            let number = UInt32(clamping: fields.versionMajor ?? fields.messageVersion ?? 0)
            let maxPingTime = UInt32(clamping: fields.maxPingTime)
            // The form of the answer shows the server's version, regardless of the greeting's.
            let version = fields.versionMajor == nil ? min(number, 3) : min(number, 4)
            if version >= 3 {
                state = .ready(version == 4 ? .v4 : .v3)
                serverName = name
                self.maxPingTime = maxPingTime
            }
            batch.events.append(.serverInfo(id: fields.id ?? 0, name: name, version: number, maxPingTime: maxPingTime))
        } else if key.is("Error") {
            batch.events.append(try Self.error(&reader))
        } else {
            try skipMessage(&reader)
        }
    }

    private mutating func readMessage(
        _ key: JSONKey, _ version: SpecVersion, _ reader: inout ServerTextReader,
        into batch: inout ServerEventBatch
    ) throws(JSONProblem) {
        switch true {
        case key.is("Ok"):
            guard let id = try reader.clientFields().id else { throw .missingField }
            batch.events.append(.ok(id))
        case key.is("Error"): batch.events.append(try Self.error(&reader))
        case key.is("ScanningFinished"):
            _ = try reader.clientFields()
            batch.events.append(.scanningFinished)
        case key.is("DeviceList"):
            let id = try version == .v4 ? readList(&reader) : readLegacyList(&reader)
            batch.events.append(.deviceList(id, devices))
        case key.is("InputReading") && version == .v4:
            let fields = try reader.clientFields()
            guard let device = fields.device, let feature = fields.feature else { throw .missingField }
            try append(fields, device, feature, fields.input, into: &batch)
        case key.is("SensorReading") && version == .v3:
            let fields = try reader.clientFields()
            guard let device = fields.device, let sensor = fields.sensor else { throw .missingField }
            let feature = fields.input.flatMap { type in
                address(device).flatMap { addresses[$0].sensor(sensor, type, isSubscription: fields.id ?? 0 == 0) }
            }
            try append(fields, device, feature ?? 0, feature == nil ? nil : fields.input, into: &batch)
        case key.is("DeviceAdded") && version == .v3:
            try readAdded(&reader)
            batch.events.append(.deviceList(0, devices))
        case key.is("DeviceRemoved") && version == .v3:
            guard let index = try reader.clientFields().device else { throw .missingField }
            forget(index)
            batch.events.append(.deviceList(0, devices))
        default: try skipMessage(&reader)
        }
    }

    /// A reading. One of an unknown sensor is passed over, unless somebody waits for it.
    private func append(
        _ fields: ClientFields, _ device: UInt32, _ feature: UInt32, _ type: InputType?, into batch: inout ServerEventBatch
    ) throws(JSONProblem) {
        let id = fields.id ?? 0
        if let type, !fields.values.isEmpty {
            batch.events.append(.reading(id, device: device, feature: feature, type: type, values: fields.values))
        } else if id != 0 {
            throw .unknownType
        }
    }

    private static func error(_ reader: inout ServerTextReader) throws(JSONProblem) -> ServerEvent {
        let fields = try reader.clientFields()
        return .error(fields.id ?? 0, code: UInt8(clamping: fields.code), text: fields.text ?? "")
    }

    private func skipMessage(_ reader: inout ServerTextReader) throws(JSONProblem) {
        reader.notes.ignored.messages += 1
        try reader.json.skipValue(depth: limits.jsonDepth)
    }

    /// The Id of a message that cannot be read otherwise; 0 when there is none.
    private static func id(inElementAt start: Int, _ reader: inout ServerTextReader, depth: Int) -> UInt32 {
        do throws(JSONProblem) {
            try reader.json.expect(.objectStart)
            _ = try reader.json.key()
            return try reader.json.idOnly(depth: depth)
        } catch {
            return 0
        }
    }

    private static func describe(_ problem: JSONProblem, at index: Int) -> String { "\(problem.text) (byte \(index))" }
}
