// The real world for code that waits: a libuv loop as an executor, on a thread of its own or shared with a host that runs already.
// Must not know who uses it.

import Host
import UV

/// A `ClientWorld` on libuv.
public final class UVWorld: ClientWorld, Sendable {
    /// Touched only on its loop's thread, except for `loop`, which never changes.
    private nonisolated(unsafe) let uvHost: UVHost
    private let loop: Loop

    /// One loop on one background thread for the whole process, started when it is first asked for; it ends with the process.
    public static let shared: UVWorld = {
        do {
            let world = UVWorld(sharing: try UVHost())
            try BackgroundThread.start { world.uvHost.run() }
            return world
        } catch {
            fatalError("no event loop: \(error)")
        }
    }()

    /// A world on the loop of a host that somebody runs: `host.run()`.
    public init(sharing host: UVHost) {
        uvHost = host
        loop = host.loop
    }

    public var executor: any SerialExecutor { loop }

    public var host: any Dialer {
        loop.checkIsolated()
        return uvHost
    }

    public func post(_ call: @escaping @Sendable () -> Void) { loop.post(call) }
}

extension ClientWorld where Self == UVWorld {
    /// A background loop that everybody in the process shares.
    public static var uv: UVWorld { .shared }
    /// The loop of a host that the application runs itself.
    public static func uv(sharing host: UVHost) -> UVWorld { UVWorld(sharing: host) }
}

extension UVListener: ListeningPort {}

extension UVHost: Acceptor {
    public func accept(port: UInt16, for owner: any LinkOwner) throws(AcceptFailure) -> any ListeningPort {
        do throws(ListenError) {
            return try listen(on: .webSocket(host: "127.0.0.1", port: port), owner: owner)
        } catch {
            throw AcceptFailure(error.description)
        }
    }
}
