// Opens the admin listeners that the configuration names; a default that cannot be opened is left out and logged.
// Must not know what is answered there.

import Admin
import ArgumentParser
import HTTP
import Host
import Logging
import Platform
import UV
import UVHost
import WebSocket

/// An address of `[admin] listen`.
enum AdminAddress: Hashable, Sendable {
    /// The usual Unix socket.
    case usualSocket
    case unix(path: String)
    case http(host: String, port: UInt16)
    /// The same over TLS, where other computers may reach it.
    case https(host: String, port: UInt16)

    /// The addresses when the configuration names none.
    static let standard = ["unix", "http://127.0.0.1:12380"]

    /// nil when the text is no such address.
    init?(_ text: String) {
        if text == "unix" {
            self = .usualSocket
        } else if text.hasPrefix("unix://"), text.utf8.count > 7 {
            self = .unix(path: String(text.dropFirst(7)))
        } else if text.hasPrefix("http://"), let address = try? Endpoint("ws://" + text.dropFirst(7), for: .listening),
            case .webSocket(let host, let port, _, _) = address
        {
            self = .http(host: host, port: port)
        } else if text.hasPrefix("https://"), let address = try? Endpoint("wss://" + text.dropFirst(8), for: .listening),
            case .webSocket(let host, let port, _, _) = address
        {
            self = .https(host: host, port: port)
        } else {
            return nil
        }
    }

    /// Whether it needs a certificate.
    var isSecure: Bool { if case .https = self { true } else { false } }

    /// Whether only this computer reaches it.
    var isLocal: Bool {
        switch self {
        case .usualSocket, .unix: true
        case .http(let host, _), .https(let host, _): HostName(host)?.isLoopback ?? false
        }
    }

    /// Where the usual Unix socket is; nil where the environment names no folder for it.
    static func usualPath(_ environment: [String: String]) -> String? {
        for name in ["RUNTIME_DIRECTORY", "XDG_RUNTIME_DIR"] {
            guard let folder = environment[name]?.split(separator: ":").first, folder.hasPrefix("/") else { continue }
            return name == "RUNTIME_DIRECTORY" ? "\(folder)/admin.sock" : "\(folder)/plugboard/admin.sock"
        }
        return nil
    }
}

extension AdminHub {
    /// Opens the listeners.
    /// - Parameters:
    ///   - loaded: The configuration; of addresses that it does not name, one that is taken is left out.
    /// - Throws: The message when one that was asked for cannot be opened.
    func listen(_ loaded: LoadedSettings, on host: UVHost, _ environment: [String: String], _ logger: Logger) throws {
        let addresses = loaded.settings.adminListen
        let areDefault = addresses == AdminAddress.standard
        for text in addresses {
            guard let address = AdminAddress(text) else { continue }
            do throws(UVError) {
                guard let listener = try open(address, loaded, on: host, environment) else {
                    if !areDefault {
                        logger.warning(
                            "no admin socket",
                            metadata: ["reason": "the environment names no folder for it: set XDG_RUNTIME_DIR or write unix://PATH"])
                    }
                    continue
                }
                add(listener)
                logger.notice("admin interface", metadata: ["address": .string(listener.address)])
            } catch {
                guard !areDefault else {
                    logger.notice("no admin interface here", metadata: ["address": .string(text), "reason": .string(error.sentence)])
                    continue
                }
                throw (error.isPermissionDenied ? ExitStatus.permission : .unavailable).refusing("admin.listen: \(text): \(error.sentence)")
            }
        }
    }

    /// Opens listeners on sockets that were passed to this process.
    func listen(_ passed: [PassedSocket], on host: UVHost, _ logger: Logger) throws {
        for socket in passed {
            guard Endpoint(socket).isLocal else {
                throw ExitStatus.configuration.refusing("admin: a passed socket must be one of this computer alone, like 127.0.0.1:12380")
            }
            do throws(UVError) {
                let listener = try HTTPListener(on: host, passed: socket, answerer: self)
                add(listener)
                logger.notice("admin interface", metadata: ["address": .string(listener.address)])
            } catch { throw ExitStatus.unavailable.refusing("admin: a passed socket: \(error.sentence)") }
        }
    }

    private func open(
        _ address: AdminAddress, _ loaded: LoadedSettings, on host: UVHost, _ environment: [String: String]
    ) throws(UVError) -> HTTPListener? {
        switch address {
        case .usualSocket:
            guard let path = AdminAddress.usualPath(environment) else { return nil }
            try FileTree.makeFolder(FileTree.folder(of: path), mode: 0o700)
            return try HTTPListener(on: host, path: path, answerer: self)
        case .unix(let path): return try HTTPListener(on: host, path: path, answerer: self)
        case .http(let name, let port): return try HTTPListener(on: host, name: name, port: port, answerer: self)
        case .https(let name, let port):
            let options = HTTPListener.Options(tls: loaded.tls, hosts: loaded.settings.allowedHosts)
            return try HTTPListener(on: host, name: name, port: port, options: options, answerer: self)
        }
    }
}
