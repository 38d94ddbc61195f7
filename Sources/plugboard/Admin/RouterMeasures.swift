// The figures that monitoring asks for, gathered from the router, its host and the process.
// Must not show them. What costs a turn anything begins with the first look.

import Admin
import ButtplugServer
import Host
import Platform
import Router
import UV
import UVHost

/// Gathers figures.
final class RouterMeasures {
    private let host: UVHost
    private let server: ButtplugServer
    private var winners: WinnerCount?

    init(_ host: UVHost, _ server: ButtplugServer) {
        self.host = host
        self.server = server
    }

    var figures: AdminFigures {
        var figures = AdminFigures(server.figures)
        let turns = host.turns
        (figures.turns, figures.lags) = (turns.lengths, turns.lags)
        figures.winnerChanges = winnerCount.changes
        figures.queues = host.queuedBytes(of: server.owner)
        let counters = host.counters
        figures.connectionsOpened = counters.opened
        figures.connectionsRefused = counters.refused
        figures.connectionsWithoutHead = counters.headTimeouts
        figures.connectionsUnauthorized = counters.unauthorized
        figures.connectionsPaused = counters.paused
        figures.connectionsDisplaced = counters.displaced
        figures.connectionsWithoutTLS = counters.tlsFailed
        figures.binaryMessages = counters.binaryIgnored
        figures.roundTrips = server.upstreamBackends.map(\.roundTrips)
        figures.process.residentBytes = Processors.residentBytes
        figures.process.descriptors = DescriptorLimit.used
        figures.process.descriptorsMax = DescriptorLimit.current
        figures.process.processorMicroseconds = Processors.usedMicroseconds
        return figures
    }

    private var winnerCount: WinnerCount {
        if let winners { return winners }
        let fresh = WinnerCount()
        winners = fresh
        server.tell(fresh)
        return fresh
    }
}

/// Counts how often outputs change hands.
private final class WinnerCount: RouterObserver {
    private(set) var changes: UInt64 = 0

    func happened(_ event: RouterEvent, at now: Instant) { if case .winnerChanged = event { changes += 1 } }
}
