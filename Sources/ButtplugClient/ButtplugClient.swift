// The library's interface: an actor on the loop of its world. Requests are in +Asking.
// Must not know how anything is said or sent; the runner inside does.

import Buttplug
import Host
import Logging
import UVHost

/// A Buttplug client.
///
///     let client = try await ButtplugClient.connect(via: .webSocket("ws://127.0.0.1:12345"), name: "My app")
///     for device in await client.devices { try await device.vibrate(0.5) }
///     await client.disconnect()
///
/// Everything inside happens on the loop's thread; calls may come from anywhere. A client that nobody holds any more closes its connection.
/// When a connection ends, however it does, the server stops what this client has started.
public actor ButtplugClient {
    nonisolated let world: any ClientWorld
    nonisolated let options: ClientOptions
    /// What the client calls itself.
    public nonisolated let name: String
    let runner: ClientRunner

    public nonisolated var unownedExecutor: UnownedSerialExecutor { world.executor.asUnownedSerialExecutor() }

    init(_ route: Route, name: String, options: ClientOptions, on world: any ClientWorld) {
        self.world = world
        self.options = options
        self.name = name
        runner = ClientRunner(route.connectors, name: name, options: options, in: world)
    }

    isolated deinit { runner.abandon() }

    /// Connects to a server, makes the handshake and gets the devices.
    /// - Parameters:
    ///   - route: The way, or ways, to the server.
    ///   - name: What the server's log calls this client.
    ///   - world: Whose loop the client lives on: `.uv`, a background loop that the process shares, `.uv(sharing:)`, `.sim(world)`.
    ///   - options: Timeouts, reconnection, logs.
    /// - Throws: `.connector` when there is no way to a server, `.handshake` when the server is too old or refuses the client, `.cancelled`.
    public static func connect(
        via route: Route, name: String, on world: some ClientWorld = UVWorld.shared, options: ClientOptions = ClientOptions()
    ) async throws(ClientError) -> ButtplugClient {
        let client = ButtplugClient(route, name: name, options: options, on: world)
        try await client.open().get()
        return client
    }

    private func open() async -> Result<Void, ClientError> {
        runner.client = self
        runner.attach()
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                guard !Task.isCancelled else { return continuation.resume(returning: .failure(.cancelled)) }
                runner.connect(continuation)
            }
        } onCancel: {
            world.post { self.assumeIsolated { $0.runner.cancelConnect() } }
        }
    }

    /// Sends `Disconnect` and closes the connection: waits at most `ClientOptions.farewell` for the server. Afterwards every output this
    /// client has started is stopped by the server, and every other call throws. Does nothing without a connection.
    public func disconnect() async {
        if case .ready = runner.state {
            let id = runner.session.disconnect(into: &runner.buffer)
            runner.state = .leaving
            if let id { _ = await wait(for: [id], options.farewell) }
        }
        runner.lose(.clientDisconnected, willReturn: false)
    }

    // MARK: Facts

    /// Whether calls can be answered now.
    public var isConnected: Bool { if case .ready = runner.state { true } else { false } }

    /// What the server calls itself.
    public var serverName: String { runner.session.serverName }

    /// The version of the message specification in use: 4, or 3 with an older server.
    public var version: Int { Int(runner.session.version?.rawValue ?? 0) }

    /// Within which time the server wants a ping; nil when it wants none. The client pings by itself, at half that time.
    public var maxPingTime: Duration? {
        runner.session.maxPingTime == 0 ? nil : .milliseconds(Int64(runner.session.maxPingTime))
    }

    /// The devices there are, in ascending order of index.
    public var devices: [Device] { runner.devices.map { Device($0, self) } }

    /// The device with this index, if it is there.
    public func device(_ index: UInt32) -> Device? { runner.devices.first { $0.index == index }.map { Device($0, self) } }

    /// How much of what the server said was passed over, because it is of a newer version.
    public var ignored: IgnoredParts { runner.session.ignored }

    // MARK: Events

    /// A stream of what happens from now on. Make it before what it is to report: before `startScanning`, for example.
    public func makeEventStream() -> ClientEvents { ClientEvents(tap: EventTap(self, runner.openBuffer(nil))) }

    func next(_ id: UInt64) async -> ClientEvent? {
        guard let buffer = runner.buffer(id) else { return nil }
        let token = runner.takeToken()
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                guard !Task.isCancelled else { return continuation.resume(returning: nil) }
                buffer.take(token, continuation)
            }
        } onCancel: {
            world.post { self.assumeIsolated { $0.runner.buffer(id)?.cancel(token) } }
        }
    }

    func nextReading(_ id: UInt64) async -> Reading? {
        while let event = await next(id) {
            if case .reading(let reading) = event { return reading }
        }
        return nil
    }

    func dropped(_ id: UInt64) -> Int { runner.buffer(id)?.dropped ?? 0 }

    func close(_ id: UInt64) { runner.closeBuffer(id) }
}
