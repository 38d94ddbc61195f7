// Whole sessions: what clients send, through the router, to devices and back.

import COracles
import Host
import SimHost

@testable import Buttplug
@testable import Router
@testable import WebSocket

extension FuzzTarget {
    static let sessions: [FuzzTarget] = [
        // Lines: "0" to "3" and a text of that client; "h" and a digit: its handshake; "x": it goes; "t": time passes; "!" and "~": the
        // emergency stop.
        FuzzTarget(name: "session") { bytes in
            let scene = Scene()
            for line in lines(bytes) {
                let rest = Array(line.dropFirst())
                let number = Int(rest.first ?? 0) & 3
                switch line[0] {
                case UInt8(ascii: "0")...UInt8(ascii: "3"): scene.say(rest, Int(line[0] - 0x30))
                case UInt8(ascii: "h"):
                    scene.say(Array(handshake(SpecVersion(rawValue: (rest.dropFirst().first ?? 0) % 5) ?? .v4).utf8), number)
                case UInt8(ascii: "x"): scene.leave(number)
                case UInt8(ascii: "t"): scene.settle(.milliseconds(Int64(1 << min(14, rest.count))))
                case UInt8(ascii: "!"): scene.stop(true)
                case UInt8(ascii: "~"): scene.stop(false)
                default: scene.say(line, 0)
                }
            }
            scene.end()
        },
        // One connection as bytes: the head, the frames, the messages, and the bytes of the answers.
        FuzzTarget(name: "connection") { bytes in
            let pieces = bytes.pieces
            let answer = talk(bytes, [bytes])
            must(answer == talk(bytes, pieces), "pieces are answered differently from the whole")
        },
    ]

    /// All bytes that a server answers, messages without the time between them.
    private static func talk(_ bytes: [UInt8], _ pieces: [[UInt8]]) -> [UInt8] {
        let scene = Scene()
        var parser = UpgradeRequestParser()
        var decoder = FrameDecoder(.server, limits: .init(ignoresBinary: false))
        var isOpen = false
        var out: [UInt8] = []
        func take(_ piece: [UInt8], _ decoder: inout FrameDecoder) -> Bool {
            for event in feed(piece, to: &decoder) {
                switch event {
                case .text(let text):
                    let client = scene.client(0)
                    client.link?.transmit(text)
                    scene.host.run(for: .milliseconds(5))
                    for text in client.takeTexts() {
                        must(oracle_json(text, text.count) == 1, "not JSON: \(String(decoding: text, as: UTF8.self))")
                        out += frame(0x81, text, key: nil)
                    }
                case .ping(let payload): out += frame(0x8A, payload, key: nil)
                case .close, .violation: return false
                default: break
                }
            }
            return true
        }
        loop: for piece in pieces {
            if isOpen {
                guard take(piece, &decoder) else { break }
                continue
            }
            switch piece.exactly({ parser.read(UnsafeRawBufferPointer($0)) }) {
            case .needMore: continue
            case .upgrade(let request, let used):
                out += HTTPAnswer.accept(request)
                isOpen = true
                guard take(Array(piece[used...]), &decoder) else { break loop }
            case .page(let page, _):
                out += HTTPAnswer.page(page)
                break loop
            case .refused(let refusal):
                out += HTTPAnswer.refusal(refusal)
                break loop
            }
        }
        scene.end()
        return out
    }
}
