// How a client turns an act into requests of its version, valid ones mostly.
// Must not know the router's dialects; it follows the protocol.

import Buttplug
import Host

extension SimulatedClient {
    /// Most clients use the first few devices; some of what they name is not there.
    func chooseDevice() -> UInt32 {
        let count = UInt64(world.monitor.devices.count)
        guard count > 0 else { return 0 }
        if random.happens(1, of: 100) { return UInt32(count) + UInt32(random.below(3)) }
        return UInt32(random.happens(3, of: 5) ? random.below(min(4, count)) : random.below(count))
    }

    /// The device of the present burst as the client knows it, there or not.
    private var device: DeviceModel? {
        let devices = world.monitor.devices
        return Int(focus) < devices.count ? devices[Int(focus)] : nil
    }

    func choose(_ act: Act) -> [SimulatedRequest] {
        switch act {
        case .drive: drive(moves: false).map { [make($0)] } ?? []
        case .move: (drive(moves: true) ?? drive(moves: false)).map { [make($0)] } ?? []
        case .repeatLast: last.map { [make($0)] } ?? []
        case .zero: zero().map { [make($0)] } ?? []
        case .spray: spray().map { [make($0)] } ?? []
        case .batch: (0..<random.within(2...5)).compactMap { _ in drive(moves: random.happens(1, of: 4)).map(make) }
        case .stopOwn: [make(stop())]
        case .list: [make(.deviceList)]
        case .scan: [make(.startScanning)]
        case .unscan: [make(.stopScanning)]
        case .subscribe: sensor { .subscribe(device: $0, feature: $1, $2) }
        case .unsubscribe: sensor { .unsubscribe(device: $0, feature: $1, $2) }
        case .read: sensor { .read(device: $0, feature: $1, $2) }
        case .mistake: mistake()
        case .rest: []
        }
    }

    private func stop() -> SimulatedRequest.Kind {
        guard version == .v4 else { return .stop(device: focus, feature: nil, inputs: true, outputs: true) }
        let feature = device?.description.features.first?.index
        return .stop(
            device: random.happens(3, of: 4) ? focus : nil, feature: random.happens(1, of: 3) ? feature : nil,
            inputs: random.happens(1, of: 2), outputs: random.happens(4, of: 5))
    }

    // MARK: Outputs

    private func drive(moves: Bool) -> SimulatedRequest.Kind? {
        guard let device else { return version == .v4 ? unknownDevice() : nil }
        let kind = version == .v4 ? driveV4(device, moves: moves) : driveLegacy(device, moves: moves, isZero: false)
        if let kind { last = kind }
        return kind
    }

    private func unknownDevice() -> SimulatedRequest.Kind {
        .outputs(device: focus, [RequestPart(feature: 0, type: .vibrate, value: 1)], legacyForm: .single)
    }

    /// A duration that is usually short, sometimes none, sometimes over every limit.
    private func duration() -> UInt32 {
        random.happens(1, of: 12) ? 0 : random.happens(1, of: 12) ? 60_000 : UInt32(random.within(20...2_500))
    }

    private func driveV4(_ device: DeviceModel, moves: Bool) -> SimulatedRequest.Kind? {
        var choices: [(UInt32, OutputRange)] = []
        for feature in device.description.features {
            for output in feature.outputs where output.type.isMove == moves && output.type != .spray {
                choices.append((feature.index, output))
            }
        }
        guard !choices.isEmpty else { return nil }
        let (feature, output) = random.pick(choices)
        var value = Int32(random.within(moves ? 0...Int(output.steps) : 1...Int(output.steps)))
        if !moves, random.happens(1, of: 8) { value = output.steps }
        if output.isSigned, random.happens(1, of: 2) { value = -value }
        let time = output.type == .hwPositionWithDuration ? duration() : 0
        return .outputs(
            device: device.index, [RequestPart(feature: feature, type: output.type, value: value, duration: time)], legacyForm: .single)
    }

    private func driveLegacy(_ device: DeviceModel, moves: Bool, isZero: Bool) -> SimulatedRequest.Kind? {
        let layout = device.layout
        if moves {
            guard version >= .v1, !layout.linear.isEmpty, !isZero else { return nil }
            return parts(device, layout.linear, .linear, isZero: false)
        }
        if version == .v0 || (version == .v1 && random.happens(1, of: 4)) {
            guard !layout.vibrate.isEmpty else { return nil }
            let hundredths = isZero ? 0 : Int32(random.within(1...100))
            let all = layout.vibrate.enumerated().map { index, output in part(output, index, hundredths) }
            return .outputs(device: device.index, all, legacyForm: .single)
        }
        if !layout.rotate.isEmpty, random.happens(1, of: 3) { return parts(device, layout.rotate, .rotate, isZero: isZero) }
        if version == .v3 {
            return layout.scalar.isEmpty ? nil : parts(device, layout.scalar, .scalar, isZero: isZero)
        }
        return layout.vibrate.isEmpty ? nil : parts(device, layout.vibrate, .vibrate, isZero: isZero)
    }

    private func part(_ output: LegacyOutput, _ index: Int, _ hundredths: Int32) -> RequestPart {
        RequestPart(
            feature: output.feature, type: output.type, value: LegacyLayout.steps(hundredths, of: output), index: index,
            hundredths: hundredths)
    }

    /// One to three parts, each of another feature, in the features' order.
    private func parts(
        _ device: DeviceModel, _ list: [LegacyOutput], _ form: SimulatedRequest.LegacyForm, isZero: Bool
    ) -> SimulatedRequest.Kind {
        var chosen: [RequestPart] = []
        let wanted = random.happens(2, of: 3) ? 1 : 3
        let start = Int(random.below(UInt64(list.count)))
        for index in start..<list.count where chosen.count < wanted {
            if chosen.contains(where: { $0.feature == list[index].feature }) { continue }
            var fresh = part(list[index], index, isZero ? 0 : Int32(random.within((form == .linear ? 0 : 1)...100)))
            if form == .rotate, random.happens(1, of: 2) { fresh.value = -fresh.value }
            if form == .linear { fresh.duration = duration() }
            chosen.append(fresh)
        }
        return .outputs(device: device.index, chosen, legacyForm: form)
    }

    private func zero() -> SimulatedRequest.Kind? {
        guard let device else { return nil }
        guard version == .v4 else { return driveLegacy(device, moves: false, isZero: true) }
        guard case .outputs(let index, var parts, let form)? = driveV4(device, moves: false) else { return nil }
        parts[0].value = 0
        return .outputs(device: index, parts, legacyForm: form)
    }

    private func spray() -> SimulatedRequest.Kind? {
        guard let device, version == .v4 else { return nil }
        for feature in device.description.features {
            for output in feature.outputs where output.type == .spray {
                return .outputs(
                    device: device.index, [RequestPart(feature: feature.index, type: .spray, value: output.steps)], legacyForm: .single)
            }
        }
        return nil
    }

    // MARK: Sensors

    private func sensor(_ make: (UInt32, UInt32, InputType) -> SimulatedRequest.Kind) -> [SimulatedRequest] {
        guard let device, !device.sensors.isEmpty, version >= .v2 else { return [] }
        var sensor = random.pick(device.sensors)
        if version == .v2 {
            guard let battery = device.sensors.first(where: { $0.type == .battery }) else { return [] }
            sensor = battery
        }
        let kind = make(device.index, sensor.feature, sensor.type)
        if version == .v2 {
            guard case .read = kind else { return [] }
        }
        return [self.make(kind)]
    }

    // MARK: Mistakes

    /// Something that must get an `Error`, and nothing else.
    private func mistake() -> [SimulatedRequest] {
        switch random.below(4) {
        case 0:
            sendNonsense()
            return []
        case 1: return [make(.handshake(name: "again"))]
        case 2:
            guard version == .v4, let device, let feature = device.description.features.first else { return [] }
            // Out of range, or a type or feature the device lacks.
            let part = RequestPart(feature: feature.index + UInt32(random.below(2)) * 100, type: .constrict, value: 1_000_000)
            return [make(.outputs(device: device.index, [part], legacyForm: .single))]
        default: return [make(.stop(device: 4_000, feature: nil, inputs: true, outputs: true))]
        }
    }
}
