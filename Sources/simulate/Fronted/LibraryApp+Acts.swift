// What an application does with the client library in one act, and what it reads meanwhile.
// Must not know messages. Every random number is drawn before anything is awaited, so that concurrent tasks do not mix up their numbers.

import Buttplug
import ButtplugClient
import Host
import SimHost

extension LibraryApp {
    /// One act. Most wait for their answer; some are cancelled, or run at the same time as the next ones.
    func act(_ act: Act, _ client: ButtplugClient) async {
        let style = random.below(8)
        let patience = random.within(.zero ... .milliseconds(80))
        guard let deed = await choose(act, client) else { return }
        switch style {
        case 0:
            // Cancelled before its answer, or after it.
            let task = world.run { [self] in await perform(act, deed, client, mayBeCancelled: true) }
            await pause(patience)
            task.cancel()
            await call("end of a cancelled call", within: .zero, deadline: nil) { () async throws(ClientError) in await task.value }
        case 1: tasks.append(world.run { [self] in await perform(act, deed, client, mayBeCancelled: false) })
        default: await perform(act, deed, client, mayBeCancelled: false)
        }
    }

    /// What is to be done, with all random numbers drawn.
    enum Deed: Sendable {
        case run([FeatureCommand])
        case runDevice(Device, Output)
        case mistake(DeviceFeature, Output)
        case stop(Device), stopFeature(DeviceFeature), stopAll(subscriptions: Bool)
        case list, scan, unscan
        case read(DeviceFeature, InputType), subscribe(DeviceFeature, InputType, limit: Int)
    }

    private func perform(_ act: Act, _ deed: Deed, _ client: ButtplugClient, mayBeCancelled: Bool) async {
        if case .subscribe(let feature, let type, let limit) = deed {
            return await follow(feature, type, limit: limit, mayBeCancelled: mayBeCancelled)
        }
        var isMistake = false
        if case .mistake = deed { isMistake = true }
        await call("\(act)", isMistake: isMistake, mayBeCancelled: mayBeCancelled) { () async throws(ClientError) in
            switch deed {
            case .run(let commands): try await client.run(commands)
            case .runDevice(let device, let output): try await device.run(output)
            case .mistake(let feature, let output): try await feature.run(output)
            case .stop(let device): try await device.stop()
            case .stopFeature(let feature): try await feature.stop(subscriptions: true)
            case .stopAll(let subscriptions): try await client.stopAll(subscriptions: subscriptions)
            case .list: try await client.refreshDevices()
            case .scan: try await client.startScanning()
            case .unscan: try await client.stopScanning()
            case .read(let feature, let type): verify(try await feature.read(type), of: feature, type)
            case .subscribe: break
            }
        }
    }

    // MARK: Choosing

    private func choose(_ act: Act, _ client: ButtplugClient) async -> Deed? {
        let devices = await client.devices
        for device in devices { simulation.told(device.name, of: device.index) }
        switch act {
        case .list: return .list
        case .scan: return .scan
        case .unscan: return .unscan
        case .rest: return nil
        default: break
        }
        // Most use the first few devices.
        guard !devices.isEmpty else { return nil }
        let device = random.happens(3, of: 5) ? random.pick(Array(devices.prefix(3))) : random.pick(devices)
        switch act {
        case .drive, .repeatLast: return drive(device) { $0.isHeld }
        case .move: return drive(device, \.isMove)
        case .spray: return drive(device) { $0 == .spray }
        case .zero: return command(device, isZero: true) { $0.isHeld }.map { .run([$0]) }
        case .batch: return .run((0..<random.within(2...5)).compactMap { _ in command(random.pick(devices), isZero: false) { _ in true } })
        case .stopOwn: return stop(device)
        case .subscribe: return sensor(device, \.canSubscribe).map { .subscribe($0, $1, limit: random.within(1...40)) }
        case .unsubscribe: return .stopAll(subscriptions: true)
        case .read: return sensor(device, \.canRead).map { .read($0, $1) }
        case .mistake:
            return command(device, isZero: false) { _ in true }.map {
                .mistake($0.feature, Self.output($0.output.type, .steps(1_000_000), 5))
            }
        case .list, .scan, .unscan, .rest: return nil
        }
    }

    private func stop(_ device: Device) -> Deed {
        switch random.below(3) {
        case 0: .stop(device)
        case 1: device.features.isEmpty ? .stop(device) : .stopFeature(random.pick(device.features))
        default: .stopAll(subscriptions: false)
        }
    }

    /// One feature, or sometimes every feature of the device that can do the same.
    private func drive(_ device: Device, _ isMeant: (OutputType) -> Bool) -> Deed? {
        let fraction = Double(random.within(1...100)) / 100
        let isWhole = random.happens(1, of: 4)
        guard let command = command(device, isZero: false, isMeant) else { return nil }
        return isWhole ? .runDevice(device, Self.output(command.output.type, .fraction(fraction), 300)) : .run([command])
    }

    private func command(_ device: Device, isZero: Bool, _ isMeant: (OutputType) -> Bool) -> FeatureCommand? {
        var choices: [(DeviceFeature, OutputRange)] = []
        for feature in device.features {
            for output in feature.outputs where isMeant(output.type) { choices.append((feature, output)) }
        }
        let share = random.within(0...1_000)
        let isBackwards = random.happens(1, of: 2)
        let time = random.within(20...2_500)
        guard !choices.isEmpty else { return nil }
        let (feature, range) = random.pick(choices)
        var steps = isZero ? 0 : max(range.type.isMove ? 0 : 1, Int(range.steps) * share / 1_000)
        if range.isSigned, isBackwards { steps = -steps }
        return feature.command(Self.output(range.type, .steps(steps), time))
    }

    private static func output(_ type: OutputType, _ level: Level, _ milliseconds: Int) -> Output {
        switch type {
        case .vibrate: .vibrate(level)
        case .rotate: .rotate(level)
        case .oscillate: .oscillate(level)
        case .constrict: .constrict(level)
        case .spray: .spray(level)
        case .temperature: .temperature(level)
        case .led: .led(level)
        case .position: .position(level)
        case .hwPositionWithDuration: .move(to: level, over: .milliseconds(milliseconds))
        }
    }

    private func sensor(_ device: Device, _ isMeant: (InputRange) -> Bool) -> (DeviceFeature, InputType)? {
        var choices: [(DeviceFeature, InputType)] = []
        for feature in device.features {
            for input in feature.inputs where isMeant(input) { choices.append((feature, input.type)) }
        }
        return choices.isEmpty ? nil : random.pick(choices)
    }

    // MARK: Reading

    /// Subscribes, takes some readings and drops the subscription.
    private func follow(_ feature: DeviceFeature, _ type: InputType, limit: Int, mayBeCancelled: Bool) async {
        let readings = await call("subscribe", mayBeCancelled: mayBeCancelled) { () async throws(ClientError) in
            try await feature.subscribe(type)
        }
        guard let readings else { return }
        if mayBeCancelled { return await take(readings, limit, feature, type) }
        tasks.append(world.run { [self] in await take(readings, limit, feature, type) })
    }

    private func take(_ readings: Readings, _ limit: Int, _ feature: DeviceFeature, _ type: InputType) async {
        var left = limit
        for await reading in readings {
            countReading()
            let isOwn = reading.device == feature.device && reading.feature == feature.index && reading.type == type
            check(isOwn, "follows \(feature) \(type) and was given \(reading)")
            verify(reading.values, of: feature, type)
            left -= 1
            if left == 0 { return }
        }
    }

    private func verify(_ values: [Int32], of feature: DeviceFeature, _ type: InputType) {
        let ranges = feature.sensor(type)?.ranges ?? []
        // Version 4 gives one value, however many channels there are.
        let isFit = values.count == 1 && zip(values, ranges).allSatisfy { $1.contains($0) }
        check(isFit, "read \(values) of \(feature) \(type), whose ranges are \(ranges)")
    }

    /// Receives everything until the client ends: devices come and go by turns.
    func follow(_ events: ClientEvents) async {
        var present: [UInt32: Bool] = [:]
        for await event in events {
            countEvent()
            switch event {
            case .deviceAdded(let device):
                check(present[device.index] != true, "was told twice that device \(device.index) is there")
                present[device.index] = true
                simulation.told(device.name, of: device.index)
            case .deviceRemoved(let device):
                check(present[device.index] != false, "was told twice that device \(device.index) is gone")
                present[device.index] = false
            case .deviceList(let devices):
                for device in devices { check(present[device.index] != false, "has device \(device.index) in its list, which is gone") }
            case .scanningFinished, .reading, .error, .disconnected, .reconnected: break
            }
        }
    }
}
