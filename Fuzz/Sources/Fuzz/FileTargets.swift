// Files and what else comes from outside a connection: state, tokens, configuration, device lists, D-Bus.

import COracles
import DBus
import Host
import JSON

@testable import Devices
@testable import Guard
@testable import Router
@testable import WebSocket
@testable import plugboard

extension FuzzTarget {
    static let files: [FuzzTarget] = [
        FuzzTarget(name: "state-file") { bytes in
            guard let state = try? RouterState.decoded(bytes) else { return }
            must(bytes.starts(with: "plugboard-state 1\n".utf8), "read without its title")
            let text = String(decoding: bytes, as: UTF8.self)
            must(state.isStopped == text.split(separator: "\n").contains("emergency-stop raised"), "another emergency stop than the text's")
            let again = try? RouterState.decoded(state.encoded())
            must(again == state, "not read back as it was")
        },
        FuzzTarget(name: "token-file") { bytes in
            guard let tokens = try? TokenDocument.decoded(bytes) else { return }
            must(oracle_json(bytes, bytes.count) != 0, "read, and no JSON")
            must(Set(tokens.map(\.name)).count == tokens.count, "a name twice")
            let again = try? TokenDocument.decoded(TokenDocument.encoded(tokens))
            must(again == tokens, "not read back as it was")
            let table = TokenTable(made: tokens)
            must(
                table.token(of: "pb_unknown") == nil || tokens.contains { $0.digest == TokenDigest(of: "pb_unknown") }, "lets in a stranger"
            )
        },
        // What a request to make a token, or the command, says.
        FuzzTarget(name: "token-wish") { bytes in
            let wall = WallTime(milliseconds: 1_800_000_000_000)
            guard case .object(let members)? = JSONTree(bytes) else { return }
            guard let wish = try? TokenWish(members, at: wall) else { return }
            let token = wish.token(TokenDigest(of: "pb_x"), at: wall)
            must(!token.isOver(at: wall), "a token that is over when it is made")
            let read = try? TokenDocument.decoded(TokenDocument.encoded([token]))
            must(read?.first?.name == token.name && read?.first?.grant == token.grant, "a token that its file does not give back")
        },
        FuzzTarget(name: "configuration") { bytes in
            guard let text = String(validating: bytes, as: UTF8.self) else { return }
            var loaded = LoadedSettings()
            let problems = SettingsLoader(environment: [:]).apply(text: text, from: "x.toml", to: &loaded)
            for problem in problems { must(!problem.reason.isEmpty, "a problem without a reason") }
            for line in text.split(separator: "\n").prefix(8) {
                let word = String(line)
                if let host = HostName(word) { must(HostName(host.text) == host, "\(word) is read back as another host") }
                _ = try? AllowedHost(word)
                _ = try? AllowedOrigin(word)
                _ = try? AddressRange(word)
                _ = WallTime(word).map { must(WallTime($0.description)?.description == $0.description, "\(word): a time that changes") }
                _ = TokenWish.duration(word)
                _ = try? SimulatedDeviceSpec.list(word)
            }
        },
        // What a bus says, in two pieces.
        FuzzTarget(name: "dbus") { bytes in
            var events: [[AvahiConversation.Event]] = []
            for pieces in [[bytes], bytes.pieces] {
                var conversation = AvahiConversation(.init(name: "Plugboard", port: 12_345))
                var told: [AvahiConversation.Event] = []
                do throws(DBusMessage.Malformed) {
                    for piece in pieces {
                        try conversation.receive(piece.span.bytes)
                        _ = conversation.takeOutput()
                        told += conversation.takeEvents()
                    }
                } catch { told = [] }
                events.append(told)
            }
            must(events[0] == events[1], "pieces are read differently from the whole")
            guard let (message, count) = try? DBusMessage.read(bytes[...]) else { return }
            must(count <= bytes.count, "more used than there was")
            guard let again = try? DBusMessage.read(message.bytes[...]) else { return must(false, "written and not read back") }
            must(again.message == message, "read back as another message")
            guard let values = message.values else { return }
            var copy = message
            copy.set(message.signature, values)
            must(copy.values.map { "\($0)" } == "\(values)", "values read back as others")
        },
    ]
}
