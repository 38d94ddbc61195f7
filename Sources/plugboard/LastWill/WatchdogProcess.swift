// `plugboard watchdog`: the process that brings devices to zero when their router is gone. The router starts it; no list shows it.
// Must not decide what is written or when (`WillKeeper` does), nor use a loop. Until the letters are out it allocates nothing.

import ArgumentParser
import Hardware
import Host
import Logging
import Platform
import UV

/// The watchdog as a process. `OwnProgram` has started it, with one end of a socket pair.
struct WatchdogProcess: ~Copyable {
    /// What the router writes on the command line, before "text" or "json" for lines in the log.
    static let word = "watchdog"

    private let socket = PacketSocket(number: OwnProgram.socketNumber)
    private let room = UnsafeMutableRawBufferPointer.allocate(byteCount: WillRules.letterBytes + 16, alignment: 16)
    private let isText: Bool
    private var keeper = WillKeeper()
    private var isConnected = true

    /// Runs it, and does not return, when the arguments ask for it.
    static func runIfMeant(_ arguments: some Collection<String>) {
        guard arguments.first == word else { return }
        guard PacketSocket(number: OwnProgram.socketNumber).isPacketSocket else {
            Plugboard.exit(withError: ExitStatus.usage.refusing("watchdog is not for people: a router with devices starts it by itself"))
        }
        LastDuty.begin(name: "plugboard-watch")
        var process = WatchdogProcess(isText: arguments.dropFirst().first != "json")
        // What the start needed is not needed any more.
        ProgramPages.letGo()
        process.run()
        LastDuty.end()
    }

    private init(isText: Bool) { self.isText = isText }

    private mutating func run() {
        while true {
            // Everything that has arrived is read before any deadline counts.
            while isConnected, receive() {}
            switch keeper.next(at: Self.now) {
            case .write(let range, let descriptor):
                switch LastDuty.write(UnsafeRawBufferPointer(rebasing: keeper.letters[range]), to: descriptor) {
                case .took(let count): keeper.wrote(count)
                case .full: keeper.blocked()
                case .refused: keeper.refused()
                }
            case .answer(let letters):
                WillMessage.posted(letters: letters).bytes.withUnsafeBytes { _ = socket.send($0) }
                say("the router does not answer, its devices were brought to zero")
            case .wait(let until): LastDuty.wait(for: isConnected ? socket : nil, untilNanoseconds: until.nanoseconds)
            case .exit(let orphaned):
                if orphaned { finish() }
                return
            }
        }
    }

    /// Takes one packet; false when there is none now.
    private mutating func receive() -> Bool {
        switch socket.receive(into: room) {
        case .packet(let count, let descriptor):
            if let descriptor { LastDuty.makeQuick(descriptor) }
            let surplus = keeper.received(UnsafeRawBufferPointer(rebasing: room[..<count]).bytes, descriptor, at: Self.now)
            // A line that does not take its last bytes would hold `close` for half a minute, and the other devices' zeros with it.
            if let surplus { SerialLine.finish(surplus) }
            return true
        case .nothing: return false
        case .end:
            isConnected = false
            keeper.ended(at: Self.now)
            return false
        }
    }

    /// The letters are out: says so, and lets serial lines send what they took.
    private func finish() {
        say("the router is gone without a word, its devices were brought to zero")
        LastDuty.limit(toSeconds: 1)
        for slot in 0..<WillRules.slots where keeper.descriptor(of: slot) >= 0 { LastDuty.drain(keeper.descriptor(of: slot)) }
    }

    private func say(_ event: String) {
        let facts = [("devices", "\(keeper.letterCount)"), ("took_it", "\(keeper.postedLetters)")]
        let text = WallClock.text
        LastDuty.say(isText ? LogLines.text(text, .error, event, facts) : LogLines.json(text, .error, event, facts))
    }

    private static var now: Instant { Instant(nanoseconds: MonotonicClock.nanoseconds) }
}
