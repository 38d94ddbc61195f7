// What devices say, texts of facts about them, users' files, and programs that dial in as devices.

import Buttplug
import COracles
import Host

@testable import Hardware

extension FuzzTarget {
    static let devices: [FuzzTarget] = [
        // Two bytes choose protocol and model. Each piece then: a byte for what it is, one for its length, its bytes.
        FuzzTarget(name: "notifications") { bytes in
            guard bytes.count > 2, var device = FuzzDevice(bytes[0], bytes[1]) else { return }
            device.open()
            var rest = bytes.dropFirst(2)
            while let kind = rest.popFirst(), let length = rest.popFirst(), !device.isOver {
                let body = Array(rest.prefix(Int(length)))
                rest = rest.dropFirst(body.count)
                device.happens(kind, body)
            }
            device.end()
        },
        // The first byte chooses between the catalogue's text and rows of protocols.
        FuzzTarget(name: "catalogue") { bytes in
            let (choice, rest) = bytes.chosen
            let text = String(decoding: rest, as: UTF8.self)
            let lines = rest.count { $0 == UInt8(ascii: "\n") } + 1
            if choice & 1 == 0 {
                let read = CatalogueText(text)
                for problem in read.problems { must((1...lines).contains(problem.line), "a problem without a place") }
                for facts in read.protocols { must(facts.isSound, "\(facts.name) has a model that cannot be") }
                _ = Catalogue(read.protocols).matches(Candidate(address: "", name: String(text.suffix(8))))
            } else {
                let read = TemplateText.read(text)
                for problem in read.problems { must((1...lines).contains(problem.line), "a problem without a place") }
                for program in read.programs.values { program.isCarriedOut() }
            }
        },
        FuzzTarget(name: "device-file") { bytes in
            guard let file = try? DeviceFile(bytes) else { return }
            must(oracle_json(bytes, bytes.count) != 0, "read, and no JSON")
            for facts in file.protocols + file.additions { must(facts.isSound, "\(facts.name) has a model that cannot be") }
            for problem in file.problems { must(!problem.what.isEmpty && !problem.path.isEmpty, "a problem without a place") }
            let catalogue = file.catalogue(over: Builtin.catalogue)
            must(catalogue.protocols.allSatisfy(\.isSound), "a catalogue with a model that cannot be")
            for device in file.devices { must(device.plainAddress.utf8.count <= device.address.utf8.count, "a longer plain address") }
        },
        // Each piece: a byte for what it is and for which of four connections, one for its length, its bytes.
        FuzzTarget(name: "dial-in") { bytes in
            var listener = FuzzListener()
            var rest = bytes[...]
            while let kind = rest.popFirst(), let length = rest.popFirst() {
                let body = Array(rest.prefix(Int(length)))
                rest = rest.dropFirst(body.count)
                listener.happens(kind, body)
            }
            listener.end()
        },
    ]
}

extension ProtocolFacts {
    /// Whether every model can be driven as it is described.
    fileprivate var isSound: Bool {
        (models + [defaults].compactMap { $0 }).allSatisfy { model in
            model.outputs.count <= OutputState.slotsMax && model.outputs.allSatisfy { $0.range.contains(0) && $0.range.upperBound > 0 }
        }
    }
}

extension TemplateProgram {
    /// Carries the rows out with the values at both ends.
    fileprivate func isCarriedOut() {
        var model = Model(name: "", protocolName: "x")
        model.outputs = [OutputType.vibrate, .rotate, .hwPositionWithDuration].enumerated().map {
            ModelOutput(feature: UInt32($0.offset), type: $0.element, range: -100...100)
        }
        var device = Template(self, DeviceSetup(name: "x", endpoints: [.tx]))
        var out = DeviceOutput()
        _ = device.adopt(model, into: &out)
        for value in [Int32.min, -100, 0, 1, 100, .max] {
            var state = OutputState()
            for slot in 0..<3 { (state.values[slot], state.durations[slot]) = (value, UInt32(bitPattern: value)) }
            state.dirty = 7
            out.removeAll()
            device.encode(state, into: &out)
        }
    }
}

/// A protocol whose device says anything at any time.
private struct FuzzDevice: ~Copyable {
    private var name: String
    private var driver: any DeviceProtocol
    private var out = DeviceOutput()
    private var state = OutputState()
    private var model: Model?
    private var isReady = false
    private(set) var isOver = false
    private let setup: DeviceSetup

    private static let names = DeviceBook.protocolNames

    /// Nil when the catalogue has nothing of that protocol.
    init?(_ choice: UInt8, _ variant: UInt8) {
        name = Self.names[Int(choice) % Self.names.count]
        let facts = Builtin.catalogue[name]
        var endpoints: EndpointSet = [.tx, .rx]
        for service in facts?.services ?? [] { for endpoint in service.endpoints { endpoints.insert(endpoint.endpoint) } }
        let identifiers = facts?.identifiers.flatMap { $0 } ?? []
        let advertised = identifiers.isEmpty ? facts?.names.first?.text ?? "" : identifiers[Int(variant >> 1) % identifiers.count]
        let makers = variant & 1 == 0 ? [] : [MakerData(company: facts?.makers.first?.company ?? 1, data: [variant, 1, 2, 3, 4, 5, 6, 7])]
        setup = DeviceSetup(name: advertised, endpoints: endpoints, makers: makers)
        guard let driver = DeviceBook().driver(name, setup) else { return nil }
        self.driver = driver
    }

    mutating func open() { step { $0.begin(into: &$1) } }

    mutating func happens(_ kind: UInt8, _ body: [UInt8]) {
        switch kind >> 5 {
        case 0: step { $0.waited(into: &$1) }
        case 1: if isReady { want(body) }
        case 2: if isReady { stop() }
        case 3:
            if isReady {
                step {
                    _ = $0.ask(.battery, into: &$1); return nil
                }
            }
        default:
            let endpoint = DeviceEndpoint(rawValue: kind & 31)
            step { driver, out in body.exactly { driver.received(UnsafeRawBufferPointer($0).bytes, from: endpoint, into: &out) } }
        }
    }

    mutating func end() { if isReady, !isOver { stop() } }

    private mutating func step(_ body: (inout any DeviceProtocol, inout DeviceOutput) -> Opening?) {
        out.removeAll()
        let opening = body(&driver, &out)
        check()
        guard !isReady, let opening else { return }
        switch opening {
        case .wait(let interval): must(interval > .zero && interval <= .seconds(60), "waits \(interval.milliseconds) ms")
        case .model(let identifier): adopt(Builtin.catalogue.model(of: name, identifier: identifier, advertised: setup.name))
        case .described(let model): adopt(model)
        case .another(let other, let identifier):
            guard let next = DeviceBook().driver(other, setup) else { return must(false, "hands on to \(other), which is not there") }
            (name, driver) = (other, next)
            adopt(Builtin.catalogue.model(of: other, identifier: identifier, advertised: setup.name))
        case .refused: isOver = true
        case .ready:
            must(model != nil, "ready without a model")
            isReady = true
            stop()
        }
    }

    private mutating func adopt(_ found: Model?) {
        guard let found, found.outputs.count <= OutputState.slotsMax else {
            isOver = true
            return
        }
        must(found.descriptions.values.allSatisfy { ShownName.clean($0) == $0 }, "a description that cannot be shown")
        model = found
        step { $0.adopt(found, into: &$1) }
    }

    private mutating func want(_ body: [UInt8]) {
        guard let outputs = model?.outputs, !outputs.isEmpty else { return }
        for (place, byte) in body.prefix(8).enumerated() {
            let slot = (place + Int(byte >> 5)) % outputs.count
            let range = outputs[slot].range
            let span = Int(range.upperBound) - Int(range.lowerBound)
            state.values[slot] = range.lowerBound + Int32(span * Int(byte) / 255)
            state.durations[slot] = UInt32(byte) * 100
            state.dirty |= 1 << UInt32(slot)
        }
        encode()
    }

    private mutating func stop() {
        guard let outputs = model?.outputs else { return }
        for slot in outputs.indices where !outputs[slot].type.isMove {
            state.values[slot] = 0
            state.dirty |= 1 << UInt32(slot)
        }
        state.isStop = true
        let owes = state.dirty != 0
        encode()
        must(!owes || !outputs.contains { $0.type.isHeld } || !out.bytes.isEmpty, "\(name) has no stop")
    }

    /// A packet that was taken back is made again.
    private mutating func encode() {
        let before = driver.memory
        out.removeAll()
        driver.encode(state, into: &out)
        let first = out.bytes
        driver.memory = before
        out.removeAll()
        driver.encode(state, into: &out)
        must(out.bytes == first, "\(name) makes another packet of what was taken back")
        (state.dirty, state.isStop) = (0, false)
        check()
    }

    private func check() {
        must(out.steps.count <= 64, "\(out.steps.count) steps at once")
        for step in out.steps {
            if case .write(let packet) = step { must((1...512).contains(packet.range.count), "a packet of \(packet.range.count) bytes") }
        }
        switch driver.keepAlive {
        case .none: break
        case .again(let interval), .ask(let interval): must(interval >= .milliseconds(50), "kept alive every \(interval.milliseconds) ms")
        }
    }
}

/// The listener for devices that dial in, with four connections.
private struct FuzzListener: ~Copyable {
    private var core: HardwareCore<SocketsCore>
    private var now = Instant(nanoseconds: 1_000_000_000)
    private var open: Set<UInt32> = []
    private var number: [UInt32] = [0, 1, 2, 3]

    init() {
        var book = DeviceBook()
        book.catalogue = Builtin.catalogue
        let names = ["a": "lovense", "b": "tcode-v03", "c": "honeyplaybox", "d": "satisfyer"]
        for (name, protocolName) in names { book.rows[name] = DeviceMatch(protocolName) }
        let transport = SocketsCore(names.map { SocketDevice($0.key, protocolName: $0.value) })
        core = HardwareCore("websocket", transport, book: book, gapMilliseconds: 0)
    }

    mutating func happens(_ kind: UInt8, _ body: [UInt8]) {
        now = now + .milliseconds(Int64(body.count) * 20)
        if core.deadline <= now { core.deadlinePassed(at: now) }
        flush(takes: true)
        let place = Int(kind & 3)
        let wire = WireID(number[place])
        if !open.contains(number[place]) {
            number[place] += 4
            open.insert(number[place])
            core.transport.wireOpened(WireID(number[place]), at: now, into: &core.effects)
            return
        }
        switch kind >> 5 {
        case 0: core.transport.wireDrained(wire, at: now, into: &core.effects)
        case 1:
            open.remove(number[place])
            core.transport.wireClosed(wire, .ended, at: now, into: &core.effects)
        case 2: write(UInt32(place), body)
        case 3: core.handle(.stopOutputs, at: now)
        case 4: body.exactly { core.transport.received(UnsafeRawBufferPointer($0).bytes, from: wire, at: now, into: &core.effects) }
        default:
            let before = core.effects.events.count
            body.exactly { core.transport.receivedText(UnsafeRawBufferPointer($0).bytes, from: wire, at: now, into: &core.effects) }
            for event in core.effects.events.dropFirst(before) {
                if case .found = event { must(oracle_json(body, body.count) != 0, "a device whose first message is no JSON") }
            }
        }
        core.digest(at: now)
        flush(takes: kind & 16 == 0)
    }

    private mutating func write(_ device: UInt32, _ body: [UInt8]) {
        guard Int(device) < core.devices.count, let output = core.devices[Int(device)].model?.outputs.first else { return }
        let write = DeviceWrite(
            to: DeviceTarget(backend: 0, device: device, deviceIndex: 0, feature: output.feature), type: output.type,
            value: Int32(body.first ?? 0) % (output.range.upperBound + 1), duration: UInt32(body.count), ticket: 1)
        withUnsafePointer(to: write) { core.perform(UnsafeBufferPointer(start: $0, count: 1), at: now) }
    }

    /// Sends what there is, or refuses it, and closes what is to be closed.
    private mutating func flush(takes: Bool) {
        for round in 0..<100 where !core.effects.isFlushed {
            let (closes, refusals) = (core.effects.closes, core.effects.refusals)
            core.effects.sendRuns { _, _ in takes || round > 0 }
            core.flushed(at: now)
            for wire in closes + refusals.map(\.wire) { open.remove(wire.number) }
            core.digest(at: now)
        }
        must(core.effects.isFlushed, "never comes to rest")
        core.reports.events.removeAll()
        core.reports.answers.removeAll()
        core.reports.notices.removeAll()
    }

    /// When all connections have ended no device is left.
    mutating func end() {
        for wire in open { core.transport.wireClosed(WireID(wire), .ended, at: now, into: &core.effects) }
        core.digest(at: now)
        flush(takes: true)
        must(core.devices.allSatisfy { !$0.isConnected }, "a device without a connection")
    }
}
