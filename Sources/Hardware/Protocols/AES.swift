// AES-128 (FIPS 197), block by block with the padding of PKCS 7: two makers hide their packets with it.
// The keys are the same for all devices: nothing here is secret, and none of it is for secrets.

struct AES {
    private let keys: [[UInt8]]

    /// A key of sixteen bytes.
    init(key: [UInt8]) {
        var words = stride(from: 0, to: 16, by: 4).map { Array(key[$0..<$0 + 4]) }
        var round: UInt8 = 1
        for place in 4..<44 {
            var word = words[place - 1]
            if place % 4 == 0 {
                word = [word[1], word[2], word[3], word[0]].map { Self.box[Int($0)] }
                word[0] ^= round
                round = Self.double(round)
            }
            words.append(zip(words[place - 4], word).map { $0 ^ $1 })
        }
        keys = (0..<11).map { words[4 * $0..<4 * $0 + 4].flatMap { $0 } }
    }

    func encrypted(_ message: [UInt8]) -> [UInt8] {
        let rest = 16 - message.count % 16
        let padded = message + Array(repeating: UInt8(rest), count: rest)
        return stride(from: 0, to: padded.count, by: 16).flatMap { encrypted(block: padded[$0..<$0 + 16]) }
    }

    /// Nil when these are no whole blocks, or their padding is wrong.
    func decrypted(_ message: [UInt8]) -> [UInt8]? {
        guard !message.isEmpty, message.count % 16 == 0 else { return nil }
        let plain = stride(from: 0, to: message.count, by: 16).flatMap { decrypted(block: message[$0..<$0 + 16]) }
        guard let rest = plain.last, 1...16 ~= rest, plain.suffix(Int(rest)).allSatisfy({ $0 == rest }) else { return nil }
        return Array(plain.dropLast(Int(rest)))
    }

    private func encrypted(block: ArraySlice<UInt8>) -> [UInt8] {
        var state = zip(block, keys[0]).map { $0 ^ $1 }
        for round in 1...10 {
            state = (0..<16).map { Self.box[Int(state[(5 * $0) % 16])] }
            if round < 10 { state = stride(from: 0, to: 16, by: 4).flatMap { Self.mixed(Array(state[$0..<$0 + 4]), [2, 3, 1, 1]) } }
            state = zip(state, keys[round]).map { $0 ^ $1 }
        }
        return state
    }

    private func decrypted(block: ArraySlice<UInt8>) -> [UInt8] {
        var state = zip(block, keys[10]).map { $0 ^ $1 }
        for round in (0..<10).reversed() {
            state = (0..<16).map { Self.inverse[Int(state[(13 * $0) % 16])] }
            state = zip(state, keys[round]).map { $0 ^ $1 }
            if round > 0 { state = stride(from: 0, to: 16, by: 4).flatMap { Self.mixed(Array(state[$0..<$0 + 4]), [14, 11, 13, 9]) } }
        }
        return state
    }

    /// A column times a circulant matrix of this first row.
    private static func mixed(_ column: [UInt8], _ row: [UInt8]) -> [UInt8] {
        (0..<4).map { place in
            var sum: UInt8 = 0
            for other in 0..<4 { sum ^= product(column[other], row[(other + 4 - place) % 4]) }
            return sum
        }
    }

    private static func double(_ byte: UInt8) -> UInt8 { byte << 1 ^ (byte & 0x80 != 0 ? 0x1B : 0) }

    private static func product(_ first: UInt8, _ second: UInt8) -> UInt8 {
        var (result, power, rest) = (UInt8(0), first, second)
        while rest != 0 {
            if rest & 1 != 0 { result ^= power }
            power = double(power)
            rest >>= 1
        }
        return result
    }

    /// The substitution: the inverse in the field, turned and mixed with 63.
    private static let box: [UInt8] = (0...255).map(substitute)

    private static func substitute(_ byte: UInt8) -> UInt8 {
        var inverse: UInt8 = 0
        if byte != 0 { while product(byte, inverse) != 1 { inverse &+= 1 } }
        var result: UInt8 = 0x63
        for turn: UInt8 in 0..<5 {
            let turned = inverse << turn | inverse >> (8 - turn)
            result ^= turned
        }
        return result
    }

    private static let inverse: [UInt8] = {
        var inverse = [UInt8](repeating: 0, count: 256)
        for (place, byte) in box.enumerated() { inverse[Int(byte)] = UInt8(place) }
        return inverse
    }()
}
