// What a client asks of its server, and how a call waits for the answer.
// Must not know messages; each call names the session's function that writes one.

import Buttplug
import Host

extension ButtplugClient {
    // MARK: Scanning

    /// Lets the server look for devices. What it finds comes as events.
    public func startScanning(timeout: Duration? = nil) async throws(ClientError) {
        try await ask(timeout) { session, buffer in session.startScanning(into: &buffer) }
    }

    /// Lets the server stop looking.
    public func stopScanning(timeout: Duration? = nil) async throws(ClientError) {
        try await ask(timeout) { session, buffer in session.stopScanning(into: &buffer) }
    }

    /// Asks for the devices again. Not needed in general: the server says when they change.
    @discardableResult
    public func refreshDevices(timeout: Duration? = nil) async throws(ClientError) -> [Device] {
        try await ask(timeout) { session, buffer in session.requestDeviceList(into: &buffer) }
        return devices
    }

    // MARK: Control

    /// Drives several features at once: everything is checked, then everything is sent together. Throws the first refusal, after all have
    /// been answered.
    public func run(_ commands: [FeatureCommand], timeout: Duration? = nil) async throws(ClientError) {
        guard !commands.isEmpty else { return }
        var checked: [CheckedCommand] = []
        for command in commands { checked.append(try command.checked()) }
        var ids: [UInt32] = []
        for one in checked {
            ids.append(
                try runner.ask { session, buffer in
                    session.output(
                        device: one.device, feature: one.feature, type: one.type, value: one.value, duration: one.duration, into: &buffer)
                })
        }
        _ = try await wait(for: ids, timeout ?? options.timeout).get()
    }

    /// Stops every output of every device. With `subscriptions` every sensor too.
    public func stopAll(subscriptions: Bool = false, timeout: Duration? = nil) async throws(ClientError) {
        try await stop(device: nil, feature: nil, subscriptions: subscriptions, timeout: timeout)
    }

    func stop(device: UInt32?, feature: UInt32?, subscriptions: Bool, timeout: Duration?) async throws(ClientError) {
        try await ask(timeout) { session, buffer in
            session.stop(device: device, feature: feature, inputs: subscriptions, outputs: true, into: &buffer)
        }
    }

    // MARK: Sensing

    func read(_ key: SensorKey, timeout: Duration?) async throws(ClientError) -> [Int32] {
        let answer = try await ask(timeout) { session, buffer in
            session.read(device: key.device, feature: key.feature, type: key.type, into: &buffer)
        }
        if case .values(let values) = answer { return values }
        return []
    }

    func subscribe(_ key: SensorKey, timeout: Duration?) async throws(ClientError) -> Readings {
        // Made first, so that no reading is missed; when the server refuses, dropping it ends it.
        let readings = Readings(tap: EventTap(self, runner.openBuffer(key)))
        try await ask(timeout) { session, buffer in
            session.subscribe(device: key.device, feature: key.feature, type: key.type, into: &buffer)
        }
        return readings
    }

    // MARK: Waiting

    @discardableResult
    private func ask(
        _ timeout: Duration?, _ write: (inout ClientSession, inout MessageBuffer) -> UInt32?
    ) async throws(ClientError) -> Answer {
        let id = try runner.ask(write)
        return try await wait(for: [id], timeout ?? options.timeout).get()
    }

    /// Waits for the answers to requests that were written in this turn.
    func wait(for ids: [UInt32], _ patience: Duration) async -> Result<Answer, ClientError> {
        let epoch = runner.epoch
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                guard !Task.isCancelled else { return continuation.resume(returning: .failure(.cancelled)) }
                runner.wait(for: ids, Interval(patience), continuation)
            }
        } onCancel: {
            world.post { self.assumeIsolated { $0.runner.cancel(ids, epoch: epoch) } }
        }
    }
}
