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
                            metadata: [
                                "reason": "the environment names no folder for it: set XDG_RUNTIME_DIR or HOME, or write unix://PATH"
                            ])
                    }
                    continue
                }
                add(listener)
                logger.notice("admin interface", metadata: ["address": .string(listener.address)])
            } catch {
                guard !areDefault else {
                    Self.warn(text, address, error, logger)
                    continue
                }
                throw (error.isPermissionDenied ? ExitStatus.permission : .unavailable).refusing("admin.listen: \(text): \(error.sentence)")
            }
        }
    }

    /// Says what is missing because a default address could not be opened: who looks for the page finds another router's.
    private static func warn(_ text: String, _ address: AdminAddress, _ error: UVError, _ logger: Logger) {
        var facts: Logger.Metadata = ["address": .string(text), "reason": .string(error.sentence)]
        var isPage = false
        if case .http(_, let port) = address {
            isPage = true
            facts["held_by"] = PortHolder.find(port).map { .string("\($0)") }
        }
        if error.isAddressInUse { facts["what_to_do"] = .string(StartHints.takenAdmin(isPage: isPage)) }
        logger.warning(isPage ? "this router has no page" : "this router has no admin socket", metadata: facts)
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
            let options = HTTPListener.Options(
                tls: loaded.tls, hosts: loaded.settings.allowedHosts, limits: loaded.settings.router.limits)
            return try HTTPListener(on: host, name: name, port: port, options: options, answerer: self)
        }
    }
}
