// What only monitoring asks of a router and the process around it: figures that nobody shows one by one.
// Must not measure anything.

import Host
import Router

/// Figures of a running router, since its start where they count.
public struct AdminFigures: Sendable {
    public var router: RouterFigures
    /// How long turns of the loop take, and how late it comes to deadlines; since somebody asked first.
    public var turns = Histogram()
    public var lags = Histogram()
    /// How often an output came to be driven by another app, or by none; since somebody asked first.
    public var winnerChanges: UInt64 = 0
    /// Bytes that wait for each session.
    public var queues: [Int] = []
    /// Connections that became a session, that were turned away, and that sent no request in time.
    public var connectionsOpened = 0
    public var connectionsRefused = 0
    public var connectionsWithoutHead = 0
    /// Of those that were turned away, the ones without a valid token, and the ones that came after too many such; and those that gave way
    /// to newer ones before they were let in.
    public var connectionsUnauthorized = 0
    public var connectionsPaused = 0
    public var connectionsDisplaced = 0
    /// Connections whose TLS handshake failed.
    public var connectionsWithoutTLS = 0
    /// When the certificate ends, in seconds since 1970; nil without one.
    public var certificateExpires: Int64?
    /// When the first of the authorities for clients' certificates ends; nil where clients are not asked for one.
    public var clientAuthoritiesExpire: Int64?
    /// Binary messages, which are ignored.
    public var binaryMessages = 0
    /// For each upstream how long its answers took.
    public var roundTrips: [Histogram] = []
    public var process = ProcessFigures()

    public init(_ router: RouterFigures) { self.router = router }

    /// What the process uses; 0 where the system does not say.
    public struct ProcessFigures: Sendable {
        public var residentBytes: UInt64 = 0
        public var descriptors = 0
        public var descriptorsMax = 0
        public var processorMicroseconds: UInt64 = 0

        public init() {}
    }
}
