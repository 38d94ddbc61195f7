// A server inside an application: the router on a loop the application has anyway, reached from any task.
// Must not know which kind of world it runs in, nor who connects.

import Buttplug
import Devices
import Host
import Logging
import Router

/// A `ButtplugServer` as part of an application.
///
///     var configuration = ServerConfiguration()
///     configuration.devices = try SimulatedDeviceSpec.list("rabbit")
///     let server = EmbeddedServer(configuration, on: .uv)
///     let client = try await ButtplugClient.connect(via: .embedded(server), name: "My app")
///
/// Clients in the same world reach it without sockets; `listen` lets others in. It runs until `shutDown`.
public final class EmbeddedServer: EmbeddedEndpoint, @unchecked Sendable {
    private let world: any ClientWorld
    // Everything below belongs to the loop.
    private var server: ButtplugServer?
    private var listeners: [any ListeningPort] = []
    private var hasEnded = false
    private var consentStream: AsyncStream<ConsentSnapshot>.Continuation?

    /// Makes a server; it begins to run in the world's next turn.
    /// - Parameters:
    ///   - configuration: Rules, limits, simulated devices and upstreams.
    ///   - world: Whose loop it lives on.
    ///   - drivers: Makes the application's own devices; called once, on the loop.
    ///   - logger: Gets transitions, as `ButtplugServer`'s.
    public init(
        _ configuration: ServerConfiguration = ServerConfiguration(), on world: some ClientWorld, logger: Logger? = nil,
        drivers: @escaping @Sendable () -> [any DeviceDriver] = { [] }
    ) {
        self.world = world
        world.post { [self] in
            let own = drivers()
            let backends: [any Backend] = own.isEmpty ? [] : [DriverBackend(own, in: world)]
            server = ButtplugServer(configuration, backends: backends, on: world.host, logger: logger)
        }
    }

    /// Lets apps in through a WebSocket on a port of the loopback address, where `world` can listen.
    /// - Parameter port: 12345 is where apps look; 0 lets the kernel choose.
    /// - Returns: The port.
    public func listen(port: UInt16 = 12_345) async throws(AcceptFailure) -> UInt16 {
        try await onLoop { [self] () -> Result<UInt16, AcceptFailure> in
            guard let server, !hasEnded else { return .failure(AcceptFailure("the server has ended")) }
            guard let acceptor = world.host as? any Acceptor else { return .failure(AcceptFailure("this world cannot listen")) }
            do throws(AcceptFailure) {
                let listener = try acceptor.accept(port: port, for: server.owner)
                listeners.append(listener)
                return .success(listener.port)
            } catch {
                return .failure(error)
            }
        }.get()
    }

    /// Does something to the server on its loop: emergency stops, new settings, a report.
    public func with<Result: Sendable>(_ body: @escaping @Sendable (ButtplugServer) -> Result) async -> Result? {
        await onLoop { [self] in server.map(body) }
    }

    /// Clients that wait to be let in (`Rule.admit`), those that wait already first. One reader at a time: a later call ends this stream, and
    /// so does the server's end. A client that nobody answers is refused after `Limits.consentTimeout`.
    public func consents() -> AsyncStream<ConsentSnapshot> {
        AsyncStream(bufferingPolicy: .bufferingNewest(1_024)) { continuation in
            world.post { [self] in
                consentStream?.finish()
                guard let server, !hasEnded else { return continuation.finish() }
                consentStream = continuation
                for waiting in server.consents { continuation.yield(waiting) }
                server.onConsentAsked = { continuation.yield($0) }
            }
        }
    }

    /// Answers a client that waits. False when it does not wait any more.
    public func answer(_ id: LinkID, _ answer: ConsentAnswer) async -> Bool { await with { $0.answer(id, answer) } ?? false }

    /// Zeroes every output, waits for the devices' answers (two seconds at most) and closes every session. With Bluetooth devices it waits
    /// another second, until BlueZ has read the last zeros. A second call does nothing.
    public func shutDown() async {
        await withCheckedContinuation { continuation in
            world.post { [self] in
                guard let server, !hasEnded else { return continuation.resume() }
                hasEnded = true
                consentStream?.finish()
                for listener in listeners { listener.close() }
                listeners.removeAll()
                server.shutDown(left: { [self] in
                    // Not from inside the turn that is ending.
                    world.post { [self] in self.server = nil }
                    continuation.resume()
                })
            }
        }
    }

    /// Who gets a connection from a client in the same world.
    public func owner(in world: any ClientWorld) -> (any LinkOwner)? {
        guard let server, !hasEnded, world.host === self.world.host else { return nil }
        return server.owner
    }

    private func onLoop<Result: Sendable>(_ body: @escaping @Sendable () -> Result) async -> Result {
        await withCheckedContinuation { continuation in world.post { continuation.resume(returning: body()) } }
    }
}
