// The router's side of the watchdog: starts the process, sends it what the book says, and tells the operator what the book found.
// Must not decide when or what; that is `WillBook`. Nothing here waits.

import ButtplugServer
import Hardware
import Host
import Logging
import Platform
import UV
import UVHost

/// The watchdog of one router, for the transports of its devices.
final class Watchdog: Wills, TurnOwner {
    private let logger: Logger
    private let host: UVHost
    private let isText: Bool
    private var book = WillBook()
    private var alarm: (any Alarm)?
    private var socket: PacketSocket?
    /// Has a number of its own for the socket, which the end of the loop closes: the last word comes after that.
    private var watcher: PolledDescriptor?
    /// Processes whose end was not asked for yet.
    private var processes: [Int32] = []
    private var postedCalls: [(Instant) -> Void] = []
    private let room = UnsafeMutableRawBufferPointer.allocate(byteCount: 64, alignment: 16)

    /// Starts it.
    /// - Parameter isText: Whether its lines in the log are text.
    init(on host: UVHost, isText: Bool, _ logger: Logger) {
        self.host = host
        self.isText = isText
        self.logger = logger
        alarm = host.attach(self)
        act(at: host.now)
    }

    deinit { room.deallocate() }

    /// The watchdog of a server with hardware; nil without hardware, and where the operator wants none.
    static func ifWanted(_ settings: Settings, on host: UVHost, _ server: ButtplugServer, _ lines: LogLines) -> Watchdog? {
        guard !settings.server.hardware.isEmpty else { return nil }
        guard settings.hasWatchdog else {
            lines.logger.warning(
                "there is no watchdog: if this router is killed, devices go on", metadata: ["reason": "[hardware] watchdog = false"])
            return nil
        }
        let watchdog = Watchdog(on: host, isText: lines.isText, lines.logger)
        server.use(watchdog)
        return watchdog
    }

    // MARK: Wills

    func set(_ device: WillKey, _ packets: [[UInt8]], isPaced: Bool, _ descriptor: Int32) -> Bool {
        defer { act(at: host.now) }
        return book.set(device, packets, isPaced: isPaced, descriptor)
    }

    func clear(_ device: WillKey) {
        book.clear(device)
        act(at: host.now)
    }

    func anythingRuns(_ runs: Bool, in transport: UInt8) {
        guard book.runs(in: transport) != runs else { return }
        book.anythingRuns(runs, in: transport)
        act(at: host.now)
    }

    func onPosted(_ body: @escaping (Instant) -> Void) { postedCalls.append(body) }

    // MARK: Life

    func deadlinePassed(at now: Instant) { act(at: now) }

    /// The host has run. The devices are at zero, or the watchdog brings them there: it gets its last word only if nothing runs.
    func finish() {
        alarm = nil
        if let farewell = book.farewell { farewell.withUnsafeBytes { _ = socket?.send($0) } }
        disconnect()
    }

    private func act(at now: Instant) {
        guard let alarm else { return }
        while true {
            switch book.next(at: now) {
            case .start: start(at: now)
            case .send(let bytes, let descriptor):
                switch bytes.withUnsafeBytes({ socket?.send($0, descriptor: descriptor) }) {
                case .taken: book.sent(at: now)
                case .full: book.blocked(at: now)
                case .notOpen: book.refused()
                case .gone, nil: lost(at: now)
                }
            case .wait(let until):
                alarm.set(until)
                return tell()
            }
        }
    }

    private func start(at now: Instant) {
        processes.removeAll(where: OwnProgram.isOver)
        do throws(UVError) {
            let (own, other) = try PacketSocket.pair()
            defer { other.close() }
            socket = own
            watcher = try PolledDescriptor(on: host.loop, own.duplicate().number) { [unowned self] _ in receive() }
            processes.append(try OwnProgram.start([WatchdogProcess.word, isText ? "text" : "json"], socket: other.number))
            book.started(at: now)
        } catch {
            disconnect()
            startError = error
            book.notStarted(at: now)
        }
    }

    private var startError: UVError?

    private func receive() {
        let now = host.now
        while let socket {
            switch socket.receive(into: room) {
            case .packet(let count, let descriptor):
                if let descriptor { Descriptor(number: descriptor).close() }
                let message = WillMessage(UnsafeRawBufferPointer(rebasing: room[..<count]).bytes)
                if case .posted(let letters) = message { posted(letters, at: now) }
            case .nothing: return
            case .end:
                lost(at: now)
                return act(at: now)
            }
        }
    }

    private func posted(_ letters: Int, at now: Instant) {
        logger.critical(
            "the router had stopped, and its watchdog brought the devices to zero",
            metadata: ["devices": "\(letters)", "reason": "for \(WillRules.patience.milliseconds / 1_000) s it did not say that it lives"])
        for call in postedCalls { call(now) }
    }

    private func lost(at now: Instant) {
        disconnect()
        book.lost(at: now)
    }

    private func disconnect() {
        watcher?.close()
        watcher = nil
        socket?.close()
        socket = nil
    }

    // MARK: The operator

    private func tell() {
        for trouble in book.takeTroubles() {
            switch trouble {
            case .notStarted:
                logger.error(
                    "the watchdog cannot be started: if this router is killed, devices go on",
                    metadata: ["reason": .string(startError?.sentence ?? ""), "what_to_do": "it is tried again"])
            case .lost: logger.error("the watchdog has ended, another one is started")
            case .silent: logger.error("the watchdog takes no messages: if this router is killed, devices may go on")
            case .noRoom: tellUnknown("there are more than \(WillRules.slots) devices")
            case .noLetter: tellUnknown("the packets that bring it to zero are empty, or more than \(WillRules.letterBytes) bytes")
            case .notOpen: tellUnknown("its descriptor is closed")
            }
        }
    }

    private func tellUnknown(_ reason: String) {
        logger.error(
            "a device is not known to the watchdog: if this router is killed, it goes on", metadata: ["reason": .string(reason)])
    }
}
