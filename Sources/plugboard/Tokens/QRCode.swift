// A text as a QR code (ISO/IEC 18004), for an address that is typed into a phone badly: byte mode, versions 1 to 10.
// Must not know what the text is, nor how the code is shown.

/// A QR code: a square of dark and light modules, without the quiet zone of four light ones that it needs around it.
struct QRCode: Hashable, Sendable {
    /// Modules on each side.
    let size: Int
    private var dark: [Bool]
    /// Modules that are the same for every text.
    private var isFixed: [Bool]

    /// Error correction, the better one first: M restores 15 % of the code, L 7 %.
    private static let levels: [(format: Int, blockCodes: [Int], blocks: [Int])] = [
        (0, [10, 16, 26, 18, 24, 16, 18, 22, 22, 26], [1, 1, 1, 2, 2, 4, 4, 4, 5, 5]),
        (1, [7, 10, 15, 20, 26, 18, 20, 24, 30, 18], [1, 1, 1, 1, 1, 2, 2, 2, 2, 4]),
    ]

    /// The smallest code of a text; nil when it is longer than 271 bytes.
    init?(_ text: String) {
        let bytes = Array(text.utf8)
        for level in Self.levels {
            for version in 1...10 {
                let (codes, blocks) = (level.blockCodes[version - 1], level.blocks[version - 1])
                let all = Self.codewords(version)
                guard let data = Self.data(bytes, version, room: all - codes * blocks) else { continue }
                self.init(version, format: level.format, Self.interleaved(data, all: all, codes: codes, blocks: blocks))
                return
            }
        }
        return nil
    }

    func isDark(_ x: Int, _ y: Int) -> Bool { x >= 0 && y >= 0 && x < size && y < size && dark[y * size + x] }

    /// One text a row, of "1" for dark and "0" for light.
    var rows: [String] { (0..<size).map { y in String((0..<size).map { isDark($0, y) ? "1" : "0" }) } }

    /// For a terminal, with the quiet zone: two rows of modules in one line of text, dark on light in any terminal.
    var terminalText: String {
        stride(from: -4, to: size + 4, by: 2).map { y in
            let cells = (-4..<size + 4).map { x in
                switch (isDark(x, y), isDark(x, y + 1)) {
                case (false, false): " "
                case (true, false): "▀"
                case (false, true): "▄"
                case (true, true): "█"
                }
            }
            return "\u{1B}[30;107m\(cells.joined())\u{1B}[0m\n"
        }.joined()
    }

    // MARK: Codewords

    /// How many there are: the modules that are not fixed, eight to a codeword.
    private static func codewords(_ version: Int) -> Int {
        var modules = (16 * version + 128) * version + 64
        if version >= 2 {
            let patterns = version / 7 + 2
            modules -= (25 * patterns - 10) * patterns - 55
            if version >= 7 { modules -= 36 }
        }
        return modules / 8
    }

    /// Mode, length, text, end and padding; nil when there is no room.
    private static func data(_ text: [UInt8], _ version: Int, room: Int) -> [UInt8]? {
        var bits: [Bool] = []
        func put(_ value: Int, _ count: Int) {
            for bit in stride(from: count - 1, through: 0, by: -1) { bits.append(value >> bit & 1 == 1) }
        }
        put(4, 4)
        put(text.count, version < 10 ? 8 : 16)
        for byte in text { put(Int(byte), 8) }
        guard bits.count <= room * 8 else { return nil }
        put(0, min(4, room * 8 - bits.count))
        put(0, (8 - bits.count % 8) % 8)
        var data = stride(from: 0, to: bits.count, by: 8).map { start in bits[start..<start + 8].reduce(UInt8(0)) { $0 << 1 | ($1 ? 1 : 0) }
        }
        for index in 0..<room - data.count { data.append(index % 2 == 0 ? 0xEC : 0x11) }
        return data
    }

    /// The data in blocks, each with its error correction, and of all blocks the first codeword, the second…
    private static func interleaved(_ data: [UInt8], all: Int, codes: Int, blocks: Int) -> [UInt8] {
        let generator = generator(codes)
        // The last ones are one longer.
        let short = blocks - all % blocks
        var parts: [(data: [UInt8], codes: [UInt8])] = []
        var start = 0
        for block in 0..<blocks {
            let count = all / blocks - codes + (block < short ? 0 : 1)
            let part = Array(data[start..<start + count])
            parts.append((part, remainder(part, generator)))
            start += count
        }
        var result: [UInt8] = []
        for index in 0..<(parts.last?.data.count ?? 0) {
            for part in parts where index < part.data.count { result.append(part.data[index]) }
        }
        for index in 0..<codes { for part in parts { result.append(part.codes[index]) } }
        return result
    }

    /// In the field of 256 elements with x⁸ + x⁴ + x³ + x² + 1.
    private static func product(_ a: UInt8, _ b: UInt8) -> UInt8 {
        var product = 0
        for bit in stride(from: 7, through: 0, by: -1) {
            product = product << 1 ^ (product >> 7) * 0x11D
            product ^= Int(b >> bit & 1) * Int(a)
        }
        return UInt8(product)
    }

    /// The Reed-Solomon generator of this degree, without its leading 1.
    private static func generator(_ degree: Int) -> [UInt8] {
        var result = [UInt8](repeating: 0, count: degree - 1) + [1]
        var root: UInt8 = 1
        for _ in 0..<degree {
            for index in 0..<degree {
                result[index] = product(result[index], root)
                if index + 1 < degree { result[index] ^= result[index + 1] }
            }
            root = product(root, 2)
        }
        return result
    }

    private static func remainder(_ data: [UInt8], _ generator: [UInt8]) -> [UInt8] {
        var result = [UInt8](repeating: 0, count: generator.count)
        for byte in data {
            let factor = byte ^ result.removeFirst()
            result.append(0)
            for index in result.indices { result[index] ^= product(generator[index], factor) }
        }
        return result
    }
}

// MARK: - Drawing

extension QRCode {
    private init(_ version: Int, format: Int, _ codewords: [UInt8]) {
        size = version * 4 + 17
        dark = [Bool](repeating: false, count: size * size)
        isFixed = dark
        drawPatterns(version)
        drawFormat(format, mask: 0)
        drawVersion(version)
        draw(codewords)
        var best = (mask: 0, penalty: Int.max)
        for mask in 0..<8 {
            apply(mask, format)
            let penalty = penalty
            if penalty < best.penalty { best = (mask, penalty) }
            // Twice is not at all.
            apply(mask, format)
        }
        apply(best.mask, format)
    }

    private mutating func fix(_ x: Int, _ y: Int, _ isDark: Bool) {
        guard x >= 0, y >= 0, x < size, y < size else { return }
        dark[y * size + x] = isDark
        isFixed[y * size + x] = true
    }

    /// The three corners, the lines between them, and the small squares.
    private mutating func drawPatterns(_ version: Int) {
        for index in 0..<size {
            fix(6, index, index % 2 == 0)
            fix(index, 6, index % 2 == 0)
        }
        for (x, y) in [(3, 3), (size - 4, 3), (3, size - 4)] {
            for dy in -4...4 {
                for dx in -4...4 {
                    let ring = max(abs(dx), abs(dy))
                    fix(x + dx, y + dy, ring != 2 && ring != 4)
                }
            }
        }
        guard version >= 2 else { return }
        let places = version < 7 ? [6, size - 7] : [6, (size - 1) / 2, size - 7]
        for y in places {
            for x in places where !(x == 6 && y == 6 || x == 6 && y == size - 7 || x == size - 7 && y == 6) {
                for dy in -2...2 { for dx in -2...2 { fix(x + dx, y + dy, max(abs(dx), abs(dy)) != 1) } }
            }
        }
    }

    /// Level and mask, twice, with their own error correction.
    private mutating func drawFormat(_ format: Int, mask: Int) {
        let data = format << 3 | mask
        var rest = data
        for _ in 0..<10 { rest = rest << 1 ^ (rest >> 9) * 0x537 }
        let bits = (data << 10 | rest) ^ 0x5412
        func bit(_ index: Int) -> Bool { bits >> index & 1 == 1 }
        for index in 0...5 { fix(8, index, bit(index)) }
        fix(8, 7, bit(6))
        fix(8, 8, bit(7))
        fix(7, 8, bit(8))
        for index in 9..<15 { fix(14 - index, 8, bit(index)) }
        for index in 0..<8 { fix(size - 1 - index, 8, bit(index)) }
        for index in 8..<15 { fix(8, size - 15 + index, bit(index)) }
        fix(8, size - 8, true)
    }

    private mutating func drawVersion(_ version: Int) {
        guard version >= 7 else { return }
        var rest = version
        for _ in 0..<12 { rest = rest << 1 ^ (rest >> 11) * 0x1F25 }
        let bits = version << 12 | rest
        for index in 0..<18 {
            fix(size - 11 + index % 3, index / 3, bits >> index & 1 == 1)
            fix(index / 3, size - 11 + index % 3, bits >> index & 1 == 1)
        }
    }

    /// In columns of two, from the right, up and down, around what is fixed.
    private mutating func draw(_ codewords: [UInt8]) {
        var index = 0
        for right in stride(from: size - 1, to: 0, by: -2) {
            let right = right <= 6 ? right - 1 : right
            for step in 0..<size {
                let y = (right + 1) & 2 == 0 ? size - 1 - step : step
                for x in [right, right - 1] where !isFixed[y * size + x] && index < codewords.count * 8 {
                    dark[y * size + x] = codewords[index / 8] >> (7 - index % 8) & 1 == 1
                    index += 1
                }
            }
        }
    }

    private mutating func apply(_ mask: Int, _ format: Int) {
        drawFormat(format, mask: mask)
        for y in 0..<size {
            for x in 0..<size where !isFixed[y * size + x] && Self.inverts(mask, x, y) { dark[y * size + x].toggle() }
        }
    }

    private static func inverts(_ mask: Int, _ x: Int, _ y: Int) -> Bool {
        switch mask {
        case 0: (x + y) % 2 == 0
        case 1: y % 2 == 0
        case 2: x % 3 == 0
        case 3: (x + y) % 3 == 0
        case 4: (x / 3 + y / 2) % 2 == 0
        case 5: x * y % 2 + x * y % 3 == 0
        case 6: (x * y % 2 + x * y % 3) % 2 == 0
        default: ((x + y) % 2 + x * y % 3) % 2 == 0
        }
    }

    /// How hard it is to read: long lines, squares, more of one kind. The mask with the least is taken; a reader takes any.
    private var penalty: Int {
        var penalty = 0
        for line in 0..<size {
            for isRow in [true, false] {
                var run = 0
                for index in 0..<size {
                    let (x, y) = isRow ? (index, line) : (line, index)
                    let isSame = index > 0 && isDark(x, y) == (isRow ? isDark(x - 1, y) : isDark(x, y - 1))
                    run = isSame ? run + 1 : 1
                    if run == 5 { penalty += 3 } else if run > 5 { penalty += 1 }
                }
            }
        }
        for y in 0..<size - 1 {
            for x in 0..<size - 1
            where isDark(x, y) == isDark(x + 1, y) && isDark(x, y) == isDark(x, y + 1) && isDark(x, y) == isDark(x + 1, y + 1) {
                penalty += 3
            }
        }
        let share = dark.count { $0 } * 20 / dark.count
        return penalty + abs(share - 10) * 10
    }
}
