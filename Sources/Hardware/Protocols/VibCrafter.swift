// VibCrafter: enciphered commands in ASCII, after a question and its answer.
// Must not know models.

import Buttplug
import Host

struct VibCrafter: DeviceProtocol {
    private var isReady = false
    private var questions = 0

    private static let cipher = AES(key: Array("jdk#Cra%f5Vib28r".utf8))
    private static let questionsMax = 4
    private static let patience = Interval.seconds(2)

    init(_ setup: DeviceSetup) {}

    mutating func adopt(_ model: Model, into out: inout DeviceOutput) -> Opening {
        out.subscribe(.rx)
        // Any six letters and digits: the device is the one that asks.
        out.write(Self.cipher.encrypted(Array("Auth:Plugbd;".utf8)))
        return .wait(Self.patience)
    }

    mutating func received(_ bytes: RawSpan, from endpoint: DeviceEndpoint, into out: inout DeviceOutput) -> Opening? {
        guard endpoint == .rx, !isReady else { return nil }
        let said = Self.cipher.decrypted(ASCII.bytes(bytes, upTo: 256)) ?? []
        if said == Array("OK;".utf8) {
            isReady = true
            return .ready
        }
        // "abcd:WHAT;" wants the first two bytes of a digest of WHAT.
        guard said.count > 6, said[4] == UInt8(ascii: ":"), said.last == UInt8(ascii: ";"), questions < Self.questionsMax else {
            return .refused("the device has refused the greeting")
        }
        questions += 1
        let digest = SHA256.digest(Array(said[5..<said.count - 1])).prefix(2)
        let digits = digest.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        out.write(Self.cipher.encrypted(Array("Auth:\(digits);".utf8)))
        return .wait(Self.patience)
    }

    mutating func encode(_ state: borrowing OutputState, into out: inout DeviceOutput) {
        func two(_ value: Int32) -> String { (value < 10 ? "0" : "") + String(value) }
        out.write(Self.cipher.encrypted(Array("MtInt:\(two(state.values[0]))\(two(state.values[1]));".utf8)))
    }
}
