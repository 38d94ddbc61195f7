// The usual case in one line: `import ButtplugClient` gives all that an application needs, and `connect` has a default for everything but the name.
// Must not know how a connection is made; `ButtplugClient` does.

@_exported import Buttplug
@_exported import Host
@_exported import UVHost

extension ButtplugClient {
    /// Where servers of this field listen: Plugboard, Intiface Central, Intiface Engine.
    public static let usualAddress = "ws://127.0.0.1:12345"

    /// Connects to a server, makes the handshake and gets the devices. The client lives on a background loop that the process shares.
    ///
    ///     let client = try await ButtplugClient.connect("My app")
    ///
    /// - Parameters:
    ///   - name: What the server's log calls this client.
    ///   - address: The server's address; by default where apps look for one on this computer.
    ///   - options: Timeouts, reconnection, logs.
    /// - Throws: `.connector` when there is no way to a server, `.handshake` when the server is too old or refuses the client, `.cancelled`.
    public static func connect(
        _ name: String, to address: String = usualAddress, options: ClientOptions = ClientOptions()
    ) async throws(ClientError) -> ButtplugClient {
        try await connect(via: .webSocket(address), name: name, on: .uv, options: options)
    }

    /// Connects, runs `body`, and disconnects however that ends: the server then stops what the client has started.
    /// - Parameters:
    ///   - name: What the server's log calls this client.
    ///   - address: The server's address; by default where apps look for one on this computer.
    ///   - options: Timeouts, reconnection, logs.
    ///   - body: What to do with the connected client.
    /// - Returns: What `body` returns.
    /// - Throws: What `connect` throws, or `body`.
    public static func withServer<Value: Sendable>(
        _ name: String, at address: String = usualAddress, options: ClientOptions = ClientOptions(),
        _ body: @Sendable (ButtplugClient) async throws -> Value
    ) async throws -> Value {
        let client = try await connect(name, to: address, options: options)
        do {
            let value = try await body(client)
            await client.disconnect()
            return value
        } catch {
            await client.disconnect()
            throw error
        }
    }

    /// Lets the server look for devices for a while, and returns those there are then.
    /// - Parameter duration: How long; real devices take some seconds to be found.
    /// - Throws: `.cancelled`, or what `startScanning` and `stopScanning` throw.
    @discardableResult
    public func scan(for duration: Duration = .seconds(5)) async throws(ClientError) -> [Device] {
        try await startScanning()
        // Nobody answers this number: the wait ends with its time.
        if case .failure(.cancelled) = await wait(for: [runner.takePauseNumber()], duration) {
            // The request leaves although nobody waits for its answer any more: a scan must not outlive its call.
            _ = try? await stopScanning()
            throw .cancelled
        }
        try await stopScanning()
        return devices
    }
}
