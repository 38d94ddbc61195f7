// A WebSocket echo server on the same core as the router: for RFC 6455 conformance suites, and for measurements of the core alone.
// Must not be shipped.

import LibC
import Host
import Platform
import UV
import UVHost

@main
struct Echo {
    static func main() throws {
        Launch.makeSafe()
        var port = "9001"
        var address: String?
        var arguments = CommandLine.arguments.dropFirst()
        while let option = arguments.popFirst() {
            guard let value = arguments.popFirst() else { stop("\(option) needs a value") }
            switch option {
            case "--port": port = value
            case "--listen": address = value
            case "--descriptors": limitDescriptors(value)
            default: stop("unknown option \(option): there are --port, --listen and --descriptors")
            }
        }
        var limits = Limits()
        limits.messageBytes = 32 << 20
        limits.fragments = .max
        limits.queuedBytes = 64 << 20
        // A suite that reads slowly must not be cut off.
        limits.stallTimeout = .seconds(60)
        let host = try UVHost(limits: limits)
        let owner = EchoOwner()
        _ = host.attach(owner)
        do throws(ListenError) {
            let listener = try host.listen(on: address ?? "ws://127.0.0.1:\(port)", owner: owner)
            print("ready \(listener.address)")
            fflush(nil)
        } catch {
            stop("\(error)")
        }
        for number in [SIGTERM, SIGINT] { host.onSignal(number) { host.stop() } }
        host.run()
    }

    private static func stop(_ why: String) -> Never {
        let line = Array("Echo: \(why)\n".utf8)
        _ = write(STDERR_FILENO, line, line.count)
        exit(64)
    }

    /// Lowers the limit of descriptors of this process, to test what happens without free ones.
    private static func limitDescriptors(_ text: String) {
        guard let count = rlim_t(text) else { stop("--descriptors needs a number") }
        var limit = rlimit(rlim_cur: count, rlim_max: count)
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
}
