// Packets, readings and losses of devices that are ready; and everything at once, from seeds.
import Buttplug
import Host
import SimHost
import Testing

@testable import Hardware

@Suite struct BluetoothWriteTests {
    private let one = BluetoothRig.address(1)

    private func ready(_ change: (inout SimPeripheral) -> Void = { _ in }) -> BluetoothRig {
        var rig = BluetoothRig.found(1, change: change)
        rig.connect(1)
        rig.run(for: .seconds(1))
        #expect(rig.took() == ["1 is lovense", "ready 1"])
        _ = rig.bluez.takeJournal()
        return rig
    }

    @Test("Without AcquireWrite a packet is a WriteValue, one at a time, and who was refused is told when there is room.")
    func calls() {
        var rig = ready { $0.faults.hasNoAcquire = true }
        #expect(rig.write("Vibrate:1;", to: 1) == .pending)
        #expect(rig.write("Vibrate:2;", to: 1) == .blocked)
        rig.run(for: .milliseconds(50))
        #expect(rig.took() == ["wrote 1", "drained 1"])
        #expect(rig.write("Vibrate:3;", to: 1, .confirmed) == .pending)
        rig.run(for: .milliseconds(50))
        #expect(
            rig.bluez.takeJournal() == ["write \(one) Vibrate:1; by command", "write \(one) Vibrate:3; by request"])
    }

    @Test("A confirmed packet to a characteristic with a descriptor gives that back and is a WriteValue.")
    func confirmed() {
        var rig = ready()
        #expect(rig.write("Vibrate:1;", to: 1, .confirmed) == .pending)
        rig.run(for: .milliseconds(200))
        #expect(rig.took() == ["wrote 1"])
        #expect(rig.bluez.openDescriptors == [])
        #expect(rig.write("Vibrate:2;", to: 1) == .pending)
        rig.run(for: .milliseconds(200))
        #expect(
            rig.bluez.takeJournal() == ["write \(one) Vibrate:1; by request", "write \(one) Vibrate:2; by command"])
    }

    @Test("Before a descriptor is given back for calls BlueZ has a tenth of a second to read what was written to it.")
    func readBeforeCalls() {
        var rig = ready()
        rig.bluez.readTime = .milliseconds(10)
        for text in ["Vibrate:9;", "Vibrate:0;"] { #expect(rig.write(text, to: 1) == .done) }
        #expect(rig.write("Battery;", to: 1, .confirmed) == .pending)
        #expect(rig.write("Vibrate:3;", to: 1) == .blocked)
        rig.run(for: .milliseconds(90))
        #expect(rig.bluez.openDescriptors.count == 1)
        rig.run(for: .milliseconds(110))
        #expect(rig.took().prefix(2) == ["wrote 1", "drained 1"])
        #expect(rig.bluez.openDescriptors == [])
        #expect(
            rig.bluez.takeJournal() == [
                "write \(one) Vibrate:9; by descriptor", "write \(one) Vibrate:0; by descriptor", "write \(one) Battery; by request",
            ])
        #expect(rig.failures == [])
    }

    @Test("Every length of a packet arrives as it was, by descriptor up to 512 bytes and by call.")
    func lengths() {
        for isCall in [false, true] {
            var rig = ready { $0.faults.hasNoAcquire = isCall }
            for count in [1, 2, 3, 4, 5, 7, 8, 9, 20, 64, 512] {
                let text = String(repeating: "x", count: count)
                #expect(rig.write(text, to: 1) == (isCall ? .pending : .done))
                rig.run(for: .milliseconds(50))
                #expect(rig.bluez.peripherals[0].written.values.first == Array(text.utf8))
            }
        }
    }

    @Test("A descriptor that is full refuses; the device is told when it takes packets again.")
    func blocked() {
        var rig = ready()
        rig.isBlocked = true
        #expect(rig.write("Vibrate:1;", to: 1) == .done)
        #expect(rig.write("Vibrate:2;", to: 1) == .blocked)
        rig.unblock()
        #expect(rig.took() == ["drained 1"])
        #expect(rig.write("Vibrate:3;", to: 1) == .done)
        #expect(rig.bluez.takeJournal() == ["write \(one) Vibrate:3; by descriptor"])
    }

    @Test("A write without an answer has failed after five seconds; three in a row, and the device is left.")
    func mute() {
        var rig = ready {
            $0.faults.hasNoAcquire = true
            $0.faults.isMute = true
        }
        for number in 1...3 {
            #expect(rig.write("Vibrate:0;", to: 1) == .pending)
            rig.run(for: .milliseconds(4_900))
            #expect(rig.took() == [])
            rig.run(for: .milliseconds(200))
            #expect(rig.took() == (number < 3 ? ["did not write 1"] : ["did not write 1", "lost 1"]))
        }
        #expect(rig.bluez.takeJournal().contains("disconnect \(one)"))
    }

    @Test("Writes that fail are said to have failed, and the device stays.")
    func failing() {
        var rig = ready {
            $0.faults.hasNoAcquire = true
            $0.faults.writeError = "Failed"
        }
        for _ in 1...4 {
            #expect(rig.write("Vibrate:0;", to: 1) == .pending)
            rig.run(for: .milliseconds(50))
            #expect(rig.took() == ["did not write 1"])
        }
    }

    @Test("A device that goes is lost once, by the first that says so, and comes back without a scan.")
    func drops() {
        for isVanished in [false, true] {
            var rig = ready()
            rig.scan(false)
            rig.bluez.drop(one, isVanished: isVanished, at: rig.now)
            rig.run(for: .milliseconds(10))
            #expect(rig.took().filter { $0 == "lost 1" }.count == 1)
            #expect(rig.bluez.openDescriptors == [])
            rig.connect(1)
            rig.run(for: .seconds(2))
            #expect(rig.took() == [])
            rig.bluez.appear(one, at: rig.now)
            rig.run(for: .seconds(2))
            #expect(rig.took().suffix(2) == ["1 is lovense", "ready 1"])
            rig.run(for: .seconds(1))
            #expect(!rig.bluez.isScanning)
        }
    }

    @Test("A device that goes in the middle of writes is lost, and what was open fails with it.")
    func dropsInWrites() {
        var rig = ready {
            $0.faults.hasNoAcquire = true
            $0.faults.dropsAfterWrites = 2
        }
        #expect(rig.write("Vibrate:1;", to: 1) == .pending)
        rig.run(for: .milliseconds(20))
        #expect(rig.write("Vibrate:2;", to: 1) == .pending)
        rig.run(for: .milliseconds(20))
        #expect(rig.took() == ["wrote 1", "wrote 1", "lost 1"])
        #expect(rig.write("Vibrate:3;", to: 1) == .gone)
    }

    @Test("The battery's characteristic is an endpoint of every device that has one.")
    func battery() {
        var rig = BluetoothRig.found { one in
            one.services.append(
                .init("0000180f-0000-1000-8000-00805f9b34fb", [.init("00002a19-0000-1000-8000-00805f9b34fb", ["read"], value: [0x41])]))
        }
        rig.connect(1)
        rig.run(for: .seconds(1))
        #expect(rig.took().last == "ready 1")
        rig.read(.rxblebattery, of: 1)
        rig.run(for: .milliseconds(10))
        #expect(rig.took() == ["from 1 rxblebattery A"])
        rig.read(.rxtouch, of: 1)
        #expect(rig.took() == ["silent 1 rxtouch"])
    }

    @Test("Anything that a device notifies is passed on, of any length, and nothing before it is subscribed.")
    func notifications() {
        var rig = ready()
        rig.bluez.notify(one, [0x41], at: rig.now)
        rig.settle()
        #expect(rig.took() == [])
        rig.subscribe(1)
        for count in 0...64 { rig.bluez.notify(one, Array(repeating: 0x41, count: count), at: rig.now) }
        rig.settle()
        #expect(rig.took() == (0...64).map { "from 1 rx " + String(repeating: "A", count: $0) })
    }

    @Test("With every fault at once the core comes to rest, leaves no descriptor, and tells each device's end once.", arguments: 0..<60)
    func seeds(seed: UInt64) {
        var random = SplitMix(seed: seed)
        func flip(_ share: UInt64) -> Bool { random.next() % share == 0 }
        let outcomes: [SimPeripheral.Outcome] = [.ok, .aborted, .silent, .error("Failed", "x"), .error("InProgress", "")]
        let peripherals = (1...6).map { number in
            var one = SimPeripheral.asking(BluetoothRig.address(number), name: "LVS-Z\(number)")
            one.faults.connects = (0..<4).map { _ in outcomes[Int(random.next() % UInt64(outcomes.count))] }
            one.faults.hasNoAcquire = flip(3)
            one.faults.neverResolves = flip(8)
            one.faults.dropsAfterWrites = flip(3) ? Int(random.next() % 20) : 0
            return one
        }
        var rig = BluetoothRig(SimBluez(peripherals))
        var live = Set<Int>()
        rig.scan()
        for _ in 0..<300 {
            rig.run(for: .milliseconds(Int64(random.next() % 400)))
            for text in rig.took() where text.hasPrefix("lost") {
                let number = Int(text.dropFirst(5)) ?? 0
                #expect(live.remove(number) != nil, "lost twice, or after it was left")
            }
            let number = Int(random.next() % 6) + 1
            switch random.next() % 12 {
            case 0: rig.bluez.stop(at: rig.now)
            case 1, 2: rig.bluez.start(at: rig.now)
            case 3: rig.bluez.power(flip(4) ? false : true, at: rig.now)
            case 4: rig.bluez.drop(BluetoothRig.address(number), isVanished: flip(2), at: rig.now)
            case 5: rig.bluez.appear(BluetoothRig.address(number), at: rig.now)
            case 6: rig.scan(flip(2))
            case 7 where live.contains(number):
                rig.leave(number)
                live.remove(number)
            case 8, 9:
                if live.insert(number).inserted { rig.connect(number) }
            default: if live.contains(number) { _ = rig.write("Vibrate:3;", to: number, flip(5) ? .confirmed : .plain) }
            }
        }
        for text in rig.took() where text.hasPrefix("lost") { live.remove(Int(text.dropFirst(5)) ?? 0) }
        for number in live.sorted() { rig.leave(number) }
        rig.run(for: .seconds(1))
        #expect(rig.bluez.openDescriptors == [])
        #expect(rig.failures.filter { $0.contains("rest") } == [])
    }
}
