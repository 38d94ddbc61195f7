// Commands of spec versions 0 to 3 that drive outputs, turned into commands of v4.
// Must not know JSON. Fractions become steps here; whether a value is allowed is decided where all commands are.

/// Fractions of a range → steps (`docs/protocol-notes.md`).
enum Steps {
    /// For outputs that are held, and sprays: anything above 0.000001 is at least one step.
    static func held(_ fraction: Double, of steps: Int32) -> Int32 { fraction < 0.000001 ? 0 : up(Double(steps) * fraction) }

    /// For `Position`.
    static func position(_ fraction: Double, of steps: Int32) -> Int32 { up(Double(steps) * fraction) }

    /// For `HwPositionWithDuration`: rounded down.
    static func move(_ fraction: Double, of steps: Int32) -> Int32 { Int32(Double(steps) * fraction) }

    /// Rounded up; the product is at most the number of steps.
    private static func up(_ product: Double) -> Int32 {
        let whole = Int32(product)
        return Double(whole) < product ? whole + 1 : whole
    }
}

enum LegacyCommands {
    /// StopDeviceCmd, StopAllDevices.
    static func stop(_ kind: MessageKind, _ fields: MessageFields) -> Request.Body {
        .stop(device: kind == .stopDeviceCmd ? fields.device : nil, feature: nil, inputs: true, outputs: true)
    }

    /// SingleMotorVibrateCmd: every vibrator gets the speed.
    static func singleMotor(_ fields: MessageFields, _ devices: DeviceTable, _ batch: inout RequestBatch) -> Request.Body {
        guard let device = devices.legacy(fields.device) else { return .failed(.deviceNotAvailable(fields.device)) }
        guard !device.vibrators.isEmpty else { return .failed(.featureMismatch("Device has no Vibrate features")) }
        let start = batch.parts.count
        for output in device.vibrators { batch.append(output, Steps.held(fields.speed, of: output.steps), fields) }
        return batch.body(from: start)
    }

    /// VibrateCmd: an index counts the vibrators.
    static func vibrate(_ fields: MessageFields, _ devices: DeviceTable, _ batch: inout RequestBatch) -> Request.Body {
        guard let device = devices.legacy(fields.device) else { return .failed(.deviceNotAvailable(fields.device)) }
        let parts = UInt32(batch.subcommands.count)
        guard !device.vibrators.isEmpty else { return .failed(.featureCountMismatch(index: 0, parts: parts)) }
        let start = batch.parts.count
        for i in batch.subcommands.indices {
            let part = batch.subcommands[i]
            guard part.index < device.vibrators.count else {
                return batch.refuse(from: start, .featureCountMismatch(index: part.index, parts: parts))
            }
            let output = device.vibrators[Int(part.index)]
            batch.append(output, Steps.held(part.amount, of: output.steps), fields)
        }
        return batch.body(from: start)
    }

    /// RotateCmd: an index counts the rotations that have a direction.
    static func rotate(_ fields: MessageFields, _ devices: DeviceTable, _ batch: inout RequestBatch) -> Request.Body {
        guard let device = devices.legacy(fields.device) else { return .failed(.deviceNotAvailable(fields.device)) }
        guard !device.rotators.isEmpty else { return .failed(.messageNotSupported("RotateCmd")) }
        let start = batch.parts.count
        for i in batch.subcommands.indices {
            let part = batch.subcommands[i]
            guard part.index < device.rotators.count else {
                return batch.refuse(from: start, .featureIndex(count: UInt32(device.rotators.count), index: part.index))
            }
            let output = device.rotators[Int(part.index)]
            let steps = Steps.held(part.amount, of: output.steps)
            batch.append(output, part.isClockwise ? steps : -steps, fields)
        }
        return batch.body(from: start)
    }

    /// LinearCmd: an index counts the moves with a duration. An empty list moves nothing.
    static func linear(_ fields: MessageFields, _ devices: DeviceTable, _ batch: inout RequestBatch) -> Request.Body {
        guard let device = devices.legacy(fields.device) else { return .failed(.deviceNotAvailable(fields.device)) }
        guard !device.linears.isEmpty else { return .failed(.featureMismatch("Device has no PositionWithDuration features")) }
        let start = batch.parts.count
        for i in batch.subcommands.indices {
            let part = batch.subcommands[i]
            guard part.index < device.linears.count else {
                return batch.refuse(from: start, .featureIndex(count: UInt32(device.linears.count), index: part.index))
            }
            let output = device.linears[Int(part.index)]
            batch.append(output, Steps.move(part.amount, of: output.steps), fields, duration: part.duration)
        }
        return batch.body(from: start)
    }

    /// ScalarCmd: an index counts all outputs that are not moves with a duration. A device without any does nothing, and
    /// answers `Ok`.
    static func scalar(_ fields: MessageFields, _ devices: DeviceTable, _ batch: inout RequestBatch) -> Request.Body {
        guard let device = devices.legacy(fields.device) else { return .failed(.deviceNotAvailable(fields.device)) }
        let start = batch.parts.count
        if device.scalars.isEmpty { return batch.body(from: start) }
        for i in batch.subcommands.indices {
            let part = batch.subcommands[i]
            guard part.index < device.scalars.count else {
                return batch.refuse(from: start, .featureIndex(count: UInt32(device.scalars.count), index: part.index))
            }
            let index = device.scalars[Int(part.index)].index
            // The index finds the feature, the type the output: a feature may have several.
            guard part.amount >= 0, part.amount <= 1,
                let output = device.scalars.first(where: { $0.index == index && $0.type == part.type })
            else { return batch.refuse(from: start, .messageNotSupported("ScalarCmdV3")) }
            let isMove = output.type.isMove
            let steps = isMove ? Steps.position(part.amount, of: output.steps) : Steps.held(part.amount, of: output.steps)
            batch.append(output, steps, fields)
        }
        return batch.body(from: start)
    }
}

extension RequestBatch {
    /// Adds a command for one output.
    fileprivate mutating func append(_ output: LegacyOutput, _ value: Int32, _ fields: MessageFields, duration: UInt32 = 0) {
        parts.append(
            OutputCommand(
                id: fields.id, device: fields.device, feature: output.feature, type: output.type, value: value, duration: duration))
    }

    /// The commands added since `start` as one request.
    fileprivate mutating func body(from start: Int) -> Request.Body {
        if parts.count == start + 1 { return .output(parts.removeLast()) }
        sortParts(from: start)
        return .outputs(start..<parts.count)
    }

    /// Takes back what was added since `start`: a message with one bad part does nothing.
    fileprivate mutating func refuse(from start: Int, _ failure: Failure) -> Request.Body {
        while parts.count > start { parts.removeLast() }
        return .failed(failure)
    }

    /// By feature index; those of one feature stay in the order given.
    private mutating func sortParts(from start: Int) {
        for i in parts.indices.dropFirst(start + 1) {
            let part = parts[i]
            var index = i
            while index > start, parts[index - 1].feature > part.feature {
                parts[index] = parts[index - 1]
                index -= 1
            }
            parts[index] = part
        }
    }
}
