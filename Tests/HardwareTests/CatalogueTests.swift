// The catalogue: how devices are recognised, and that its text can be read.

import Buttplug
import Testing

@testable import Hardware

@Suite("Catalogue")
struct CatalogueTests {
    @Test("Every line of the built-in text can be read, and every model has something to do.")
    func text() {
        let read = CatalogueText(Builtin.text)
        #expect(read.problems == [])
        #expect(read.protocols.count > 100)
        for facts in read.protocols {
            #expect(!facts.services.isEmpty || facts.baud != nil, "\(facts.name)")
            for model in facts.models + [facts.defaults].compactMap({ $0 }) {
                #expect(model.outputs.allSatisfy { $0.range.upperBound > 0 && $0.range.upperBound <= 65_535 }, "\(model.name)")
            }
        }
    }

    @Test("A line that makes no sense is told with its number, and the others are read.")
    func problems() {
        let read = CatalogueText(
            """
            names "X"
            protocol p
            service zz
            defaults "P" vibrate
            model "a" "A" vibrate 20 too much
            model "b"|"c" "B" rotate ±20, 4:constrict 3 (Pump), oscillate 9+move 99, battery?
            nonsense
            """)
        #expect(read.problems.map(\.line) == [1, 3, 4, 5, 7])
        let model = read.protocols.first?.model("c")
        #expect(model?.outputs.map(\.feature) == [0, 4, 5, 5])
        #expect(model?.outputs.first?.range == -20...20)
        #expect(model?.inputs.map(\.feature) == [6])
        #expect(model?.descriptions == [4: "Pump"])
    }

    @Test("A device is recognised by its whole name, the beginning of one, its maker's data or a service; byte by byte.")
    func matching() {
        let read = CatalogueText(
            """
            protocol whole
            names "Ditto" "\\07HISMITH"
            protocol beginning
            names "LVS-*"
            protocol maker
            makers 005d 0000
            protocol service
            advertises 180f
            """)
        let catalogue = Catalogue(read.protocols)
        func found(_ candidate: Candidate) -> [String] { catalogue.matches(candidate).map(\.name) }
        #expect(found(Candidate(address: "", name: "Ditto")) == ["whole"])
        #expect(found(Candidate(address: "", name: "\u{7}HISMITH")) == ["whole"])
        #expect(found(Candidate(address: "", name: "ditto")) == [])
        #expect(found(Candidate(address: "", name: "LVS-")) == ["beginning"])
        #expect(found(Candidate(address: "", name: "LVS")) == [])
        #expect(found(Candidate(address: "", makers: [MakerData(company: 0x5D, data: [9, 0, 0, 9])])) == ["maker"])
        #expect(found(Candidate(address: "", makers: [MakerData(company: 0x5D, data: [0])])) == ["maker"])
        #expect(found(Candidate(address: "", makers: [MakerData(company: 0x5D, data: [1, 2])])) == [])
        #expect(found(Candidate(address: "", services: [UUID128(assigned: 0x180F)])) == ["service"])
        #expect(found(Candidate(address: "")) == [])
    }

    @Test("A value of a client becomes one within the limits that a user has set; zero is zero, but for a position.")
    func ranges() {
        func map(_ type: OutputType, _ range: ClosedRange<Int32>, _ limits: ClosedRange<Int32>?, reversed: Bool = false) -> RangeMap {
            RangeMap(ModelOutput(feature: 0, type: type, range: range), limits: limits, isReversed: reversed)
        }
        let plain = map(.vibrate, 0...20, nil)
        #expect(plain.steps == 20 && [0, 1, 20, 21, -1].map(plain.hardware) == [0, 1, 20, 20, 0])
        let limited = map(.vibrate, 0...20, 4...16)
        #expect(limited.steps == 12 && [0, 1, 12, 99].map(limited.hardware) == [0, 5, 16, 16])
        let signed = map(.rotate, -20...20, 4...16)
        #expect(signed.isSigned && [-1, -12, 1].map(signed.hardware) == [-5, -16, 5])
        let move = map(.hwPositionWithDuration, 0...99, 10...90)
        #expect(move.steps == 80 && [0, 80].map(move.hardware) == [10, 90])
        let back = map(.position, 0...100, 10...90, reversed: true)
        #expect([0, 80, -5, Int32.max].map(back.hardware) == [90, 10, 90, 10])
        let off = RangeMap(ModelOutput(feature: 0, type: .vibrate, range: 0...20), isDisabled: true)
        #expect(off.hardware(20) == 0)
    }

    @Test("The table of supported models says which protocols nobody has checked.")
    func supported() {
        let rows = SupportedModels.rows
        #expect(rows.contains { $0.model == "Lovense Edge" && $0.isVerified })
        #expect(rows.contains { $0.protocolName == "fox" && !$0.isVerified })
        #expect(Set(SupportedModels.verified).isSubset(of: Set(ProtocolTable.names)))
    }

    @Test("A protocol does not fit a device that only says what it is and has a battery: its own service has to be there.")
    func ownService() throws {
        let common = [UUID128(assigned: 0x180A), UUID128(assigned: 0x180F)]
        for facts in Builtin.catalogue.protocols where !facts.services.isEmpty {
            guard case .lacks = facts.fit({ service, _ in common.contains(service) }) else {
                Issue.record("\(facts.name) fits every device")
                continue
            }
            #expect(facts.fit { _, _ in true } == .fits(Self.all(of: facts)), "\(facts.name)")
        }
        let satisfyer = try #require(Builtin.catalogue["satisfyer"])
        let own = try #require(UUID128("51361500-c5e7-47c7-8a6e-47ebc99d80e8"))
        #expect(satisfyer.fit { service, _ in service == common[0] } == .lacks(own))
        guard case .fits(let found) = satisfyer.fit({ service, _ in service == own }) else {
            Issue.record("its own service is enough")
            return
        }
        #expect(Set(found.map(\.endpoint)) == [.command, .tx])
    }

    /// The endpoints of all services; of several with one name the first.
    private static func all(of facts: ProtocolFacts) -> [EndpointFacts] {
        var all: [EndpointFacts] = []
        for one in facts.services.flatMap(\.endpoints) where !all.contains(where: { $0.endpoint == one.endpoint }) { all.append(one) }
        return all
    }

    @Test("A protocol that fits by one of its services writes values and zeros to nothing that this service lacks.")
    func writtenEndpoints() {
        for facts in Builtin.catalogue.protocols {
            for one in facts.services {
                guard case .fits(let found) = facts.fit({ service, _ in service == one.service }) else { continue }
                var endpoints = EndpointSet()
                for one in found { endpoints.insert(one.endpoint) }
                for model in facts.models + [facts.defaults].compactMap({ $0 }) {
                    let setup = DeviceSetup(name: model.identifier ?? "", endpoints: endpoints)
                    guard var driver = ProtocolTable.make(facts.name, setup) else { continue }
                    var out = DeviceOutput()
                    _ = driver.adopt(model, into: &out)
                    out.removeAll()
                    var state = OutputState()
                    for value in [Int32(1), 0] {
                        for slot in model.outputs.indices {
                            state.values[slot] = value
                            state.dirty |= 1 << UInt32(slot)
                        }
                        state.isStop = value == 0
                        driver.encode(state, into: &out)
                    }
                    for step in out.steps {
                        guard case .write(let packet) = step else { continue }
                        #expect(endpoints.contains(packet.endpoint), "\(facts.name), \(model.name): \(packet.endpoint)")
                    }
                }
            }
        }
    }
}
