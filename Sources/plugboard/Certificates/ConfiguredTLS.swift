// The certificate of the configuration, with its files read and checked.
// Must not be called on the loop's thread: a file may be on a drive that does not answer.

import Platform
import TLS

enum ConfiguredTLS {
    /// The certificate of these settings, if they name one. What is wrong with it is a problem of the key that names the file.
    static func read(_ loaded: LoadedSettings) throws(ConfigurationRefused) -> TLSContext? {
        guard let files = loaded.settings.tls.files else { return nil }
        do throws(TLSProblem) { return try TLSContext.server(files, now: WallClock.milliseconds / 1_000) } catch {
            let key = error.file == files.certificate ? "certificate" : error.file == files.key ? "key" : "client_ca"
            let problem = ConfigurationRefused.Problem(
                origin: loaded.origins["tls.\(key)"] ?? .standard, reason: "\(quoted(key)): \(error.description)")
            throw ConfigurationRefused(problems: [problem], exitCode: error.isForbidden ? .permission : .configuration)
        }
    }
}

extension LoadedSettings {
    /// Takes what the files hold that the settings name: tokens, certificates and devices.
    func withFiles() throws(ConfigurationRefused) -> LoadedSettings {
        var loaded = try ConfiguredDevices.read(withTokens())
        loaded.tls = try ConfiguredTLS.read(self)
        loaded.adminToken = try ConfiguredTokens.operatorToken(self)
        return loaded
    }
}
