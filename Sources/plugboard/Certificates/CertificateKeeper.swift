// The router's certificate while it runs: shown by its listeners, renewed by a reload, watched as its end comes.
// Must not read files; the configuration's reader does.

import Guard
import Host
import Logging
import Platform
import TLS
import UVHost

/// The certificate of a router that runs.
final class CertificateKeeper {
    /// The certificate that new connections see; nil without TLS.
    private(set) var context: TLSContext?
    /// Told of a renewed certificate.
    var onRenewed: (TLSContext) -> Void = { _ in }
    var logger: Logger
    private let ticker: Ticker

    /// How long before its end a certificate is warned of.
    static let warningDays: Int64 = 14
    /// How often it is looked at, and so warned of.
    private static let pace = Interval.seconds(24 * 3_600)

    init(_ context: TLSContext?, on host: UVHost, _ logger: Logger) {
        self.context = context
        self.logger = logger
        ticker = Ticker(on: host, every: Self.pace)
        ticker.onTick = { [unowned self] in look() }
        ticker.isWanted = true
    }

    /// Takes what a reload has read. The connections there are keep what they have.
    func renew(_ fresh: TLSContext?) {
        guard let fresh else { return }
        context = fresh
        onRenewed(fresh)
        look()
    }

    /// Warns when an end is near, now and once a day.
    func look() {
        look(
            at: context?.expires, soon: "the certificate expires soon", over: "the certificate has expired: clients refuse it",
            toDo: "renew it (plugboard certificate new --force, or what made it), then plugboard reload")
        look(
            at: context?.clientAuthoritiesExpire, soon: "an authority in client_ca expires soon",
            over: "an authority in client_ca has expired: clients that show a certificate of it are refused",
            toDo: "put its successor into the file and take it out, then plugboard reload")
    }

    private func look(at expires: Int64?, soon: Logger.Message, over: Logger.Message, toDo: String) {
        guard let expires else { return }
        let left = expires - WallClock.milliseconds / 1_000
        guard left < Self.warningDays * 86_400 else { return }
        let facts: Logger.Metadata = ["expires": "\(WallTime(milliseconds: expires * 1_000))", "what_to_do": "\(toDo)"]
        if left <= 0 { logger.error(over, metadata: facts) } else { logger.warning(soon, metadata: facts) }
    }

    func close() { ticker.close() }
}
