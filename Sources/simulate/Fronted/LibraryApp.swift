// One application in front: it comes, uses the client library as its persona does, goes, and comes again. What it does is in +Acts.
// Must not check the router; the monitors do. It checks its own calls alone.

import Buttplug
import ButtplugClient
import Host
import SimHost

/// An application on the world's loop. Its random numbers are its own.
final class LibraryApp: @unchecked Sendable {
    unowned let simulation: FrontedSimulation
    let host: SimHost
    let world: SimWorld
    let number: Int
    var random: SimRandom
    var persona = Persona.all[0]
    private(set) var counts = CallCounts()
    /// How each call ended, and when. A sum: in which order several end at one instant depends on how the compiler cuts them into steps.
    private(set) var outcomes: UInt64 = 0
    private var open: [OpenCall] = []
    /// What runs at the same time as the main task of this visit.
    var tasks: [Task<Void, Never>] = []
    /// Cancelled tasks are expected.
    private(set) var isLeaving = false
    private var isDone = false
    private weak var client: ButtplugClient?
    private var options = ClientOptions()

    init(_ simulation: FrontedSimulation, number: Int, seed: UInt64) {
        self.simulation = simulation
        self.number = number
        host = simulation.host
        world = simulation.world
        random = SimRandom(seed: seed)
    }

    func begin() {
        world.run { [self] in
            while !simulation.isClosing {
                await pause(random.around(simulation.plan.awayFromFront))
                if !simulation.isClosing { await visit() }
            }
            isDone = true
        }
    }

    /// Lets time pass; not long when the run ends.
    func pause(_ span: Interval) async {
        var left = span
        while left > .zero, !simulation.isClosing {
            let step = min(left, .seconds(20))
            left = left - step
            await withCheckedContinuation { continuation in host.at(host.now + step) { continuation.resume() } }
        }
    }

    // MARK: A visit

    private func visit() async {
        counts.visits += 1
        isLeaving = false
        repeat { persona = random.pick(Persona.all) } while persona.isMute
        await stay()
        check(open.isEmpty, "left with \(open.count) calls open: \(open.map(\.name))")
        // The link is closed in a later turn.
        await pause(.milliseconds(1))
        check(client == nil, "has let go of its client, which lives on")
    }

    /// Sometimes gives up before it is there, sometimes looks elsewhere first.
    private func connect() async -> ButtplugClient? {
        options.timeout = .milliseconds(random.within(500...12_000))
        options.connectTimeout = .milliseconds(random.within(2_000...10_000))
        options.reconnection = random.happens(1, of: 2) ? Reconnection() : nil
        let (name, options) = ("\(persona.name)-\(number)", options)
        let limit = Interval(options.connectTimeout)
        let front = Route.webSocket("\(FrontedSimulation.front)")
        let route = random.happens(1, of: 5) ? Route.firstAvailable([.webSocket("ws://elsewhere"), front]) : front
        let patience = random.happens(1, of: 8) ? random.within(.zero ... .milliseconds(120)) : nil
        // Version 4, and when the link breaks in the handshake, version 3.
        let task = world.run { [self] in
            await call("connect", within: limit * 3, deadline: limit, mayBeCancelled: patience != nil) { () async throws(ClientError) in
                try await ButtplugClient.connect(via: route, name: name, on: .sim(world), options: options)
            }
        }
        guard let patience else { return await task.value }
        await pause(patience)
        task.cancel()
        return await call("end of a cancelled connect", within: .zero, deadline: nil) { () async throws(ClientError) in await task.value }
            ?? nil
    }

    /// Everything that holds the client is in here.
    private func stay() async {
        guard let made = await connect() else { return }
        client = made
        defer { withExtendedLifetime(made) {} }
        tasks = [world.run { [self] in await follow(made.makeEventStream()) }]
        let end = host.now + random.within(persona.stay)
        while host.now < end, !simulation.isClosing, await made.isConnected || options.reconnection != nil {
            for _ in 0..<random.within(persona.burst) where host.now < end && !simulation.isClosing {
                await act(random.pick(persona.acts), made)
                await pause(random.within(persona.pace))
            }
            await pause(random.within(persona.pause))
        }
        await leave(made)
    }

    private func leave(_ client: ButtplugClient) async {
        isLeaving = true
        let leaving = random.pick(persona.leaving)
        if leaving == .stopAndFinish { await call("stop") { () async throws(ClientError) in try await client.stopAll() } }
        let takesLeave = leaving != .drop && leaving != .vanish
        if takesLeave {
            let farewell = Interval(options.farewell)
            await call("disconnect", within: farewell, deadline: nil) { () async throws(ClientError) in await client.disconnect() }
            let late = await call("call after disconnecting", within: .zero, deadline: nil) { () async throws(ClientError) in
                try await client.refreshDevices()
            }
            check(late == nil, "was answered after disconnecting")
        }
        // A client that disconnected has ended them all. Otherwise one after the other, so that their ends have one order.
        await call("end its tasks", within: .zero, deadline: nil) { () async throws(ClientError) in
            for task in tasks {
                if !takesLeave { task.cancel() }
                await task.value
            }
        }
        tasks = []
    }

    // MARK: Calls

    /// A call that waits for its answer as long as the client's options say.
    @discardableResult
    func call<Value: Sendable>(
        _ name: String, isMistake: Bool = false, mayBeCancelled: Bool = false, _ body: () async throws(ClientError) -> Value
    ) async -> Value? {
        let deadline = Interval(options.timeout)
        return await call(name, within: deadline, deadline: deadline, isMistake: isMistake, mayBeCancelled: mayBeCancelled, body)
    }

    @discardableResult
    func call<Value: Sendable>(
        _ name: String, within limit: Interval, deadline: Interval?, isMistake: Bool = false, mayBeCancelled: Bool = false,
        _ body: () async throws(ClientError) -> Value
    ) async -> Value? {
        counts.calls += 1
        let call = OpenCall(
            number: counts.calls, name: name, from: host.now, due: host.now + limit + Self.tick, deadline: deadline, isMistake: isMistake,
            mayBeCancelled: mayBeCancelled)
        open.append(call)
        note("calls \(call.number) \(name)")
        do throws(ClientError) {
            let value = try await body()
            ended(call, nil)
            return value
        } catch {
            ended(call, error)
            return nil
        }
    }

    /// How late an alarm may go off.
    private static let tick = Interval.milliseconds(2)

    private func ended(_ call: OpenCall, _ error: ClientError?) {
        open.removeAll { $0.number == call.number }
        let index = CallCounts.index(of: error)
        counts.ends[index] += 1
        var hash = TraceHash()
        hash.add(call.number << 8 | UInt64(index))
        hash.add(host.now.nanoseconds)
        outcomes &+= hash.value
        note("call \(call.number) \(call.name): \(error.map { "\($0)" } ?? "done")")
        check(host.now <= call.due, "call \(call.name) took \((host.now - call.from).milliseconds) ms")
        let isFit =
            switch error {
            case nil: !call.isMistake
            case .outOfRange: call.isMistake
            case .timedOut: call.deadline.map { host.now >= call.from + $0 } ?? false
            case .cancelled: call.mayBeCancelled || isLeaving
            // Rules that deny say so by their name.
            case .message(let complaint): complaint.text.contains("router.")
            case .device, .connector: true
            case .handshake, .ping, .unknown, .unsupported: false
            }
        check(isFit, "call \(call.name) ended with \(error.map { "\($0)" } ?? "success")")
    }

    func check(_ holds: Bool, _ text: @autoclosure () -> String) {
        simulation.monitor.now = host.now
        simulation.monitor.check(.calls, holds, "app \(number) \(persona.name): \(text())")
    }

    func note(_ text: @autoclosure () -> String) {
        simulation.monitor.now = host.now
        simulation.monitor.note("app \(number) \(persona.name) \(text())")
    }

    func countReading() { counts.readings += 1 }
    func countEvent() { counts.events += 1 }

    // MARK: Looking at it

    /// A call that never ends would not be noticed otherwise.
    func audit() {
        if let late = open.first(where: { host.now > $0.due + .seconds(1) }) {
            check(false, "call \(late.name) is open since \(late.from.seconds) s")
        }
    }

    func checkEnd() {
        check(isDone && open.isEmpty, "has not left: \(open.map(\.name))")
        check(client == nil, "has left and its client lives on")
    }
}

extension Interval {
    /// Of a library's option, which is far from overflowing.
    init(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        self = .seconds(seconds) + Interval(nanoseconds: attoseconds / 1_000_000_000)
    }
}
