// The device configurations of other programs that the configuration names, read and checked.
// Must not be called on the loop's thread: a file may be on a drive that does not answer.

import Devices
import Hardware
import Logging
import Platform
import UV

enum ConfiguredDevices {
    /// Reads the files. Only what is no such file at all is refused.
    static func read(_ loaded: LoadedSettings) throws(ConfigurationRefused) -> LoadedSettings {
        var loaded = loaded
        loaded.settings.hardware.baseFile = try file(loaded.settings.deviceFile, "device_config", loaded)
        loaded.settings.hardware.rules.file = try file(loaded.settings.userDeviceFile, "user_device_config", loaded)
        let devices = loaded.settings.deviceSpecs.reduce(0) { $0 + $1.count }
        if devices > loaded.settings.router.limits.devices {
            throw refused(
                loaded, "user_device_config",
                "with those of this file there are \(devices) simulated devices, more than limits.devices, \(loaded.settings.router.limits.devices)"
            )
        }
        guard loaded.settings.hardware.rules.file != nil || loaded.settings.hardware.baseFile != nil else { return loaded }
        // They may name programs that dial in.
        if let trouble = HardwareKeys.troubles(withSockets: loaded.settings).first {
            throw ConfigurationRefused(problems: [
                .init(origin: loaded.origins["hardware.websocket_listen"] ?? .standard, reason: trouble)
            ])
        }
        return loaded
    }

    private static func file(_ path: String?, _ key: String, _ loaded: LoadedSettings) throws(ConfigurationRefused) -> DeviceFile? {
        guard let path, !path.isEmpty else { return nil }
        func unreadable(_ error: UVError) -> ConfigurationRefused {
            refused(loaded, key, "\(path) cannot be read: \(error.sentence)", error.isPermissionDenied ? .permission : .configuration)
        }
        let file: Descriptor
        do throws(UVError) { file = try Descriptor(opening: path, for: .reading) } catch { throw unreadable(error) }
        defer { file.close() }
        guard let size = file.fileBytes else { throw refused(loaded, key, "\(path) is not a regular file") }
        guard size <= DeviceFile.bytesMax else { throw refused(loaded, key, "\(path) has \(DeviceFileRefusal.tooLong)") }
        let bytes: [UInt8]
        do throws(UVError) { bytes = try file.read(limit: DeviceFile.bytesMax) } catch { throw unreadable(error) }
        do throws(DeviceFileRefusal) { return try DeviceFile(bytes) } catch {
            guard case .notJSON(let line, let column) = error else { throw refused(loaded, key, "\(path): \(error)") }
            throw ConfigurationRefused(problems: [
                .init(origin: .file(path, SourcePosition(line: line, column: column)), reason: "this is not JSON (\(key) names this file)")
            ])
        }
    }

    private static func refused(
        _ loaded: LoadedSettings, _ key: String, _ reason: String, _ exitCode: ExitStatus = .configuration
    ) -> ConfigurationRefused {
        ConfigurationRefused(
            problems: [.init(origin: loaded.origins["hardware.\(key)"] ?? .standard, reason: "\(quoted(key)): \(reason)")],
            exitCode: exitCode)
    }
}

extension Settings {
    /// What was left out of those files, one line each, with its place in the file.
    var deviceFileNotes: [String] {
        let files = [(deviceFile, hardware.baseFile), (userDeviceFile, hardware.rules.file)]
        return files.flatMap { path, file -> [String] in
            guard let path, let file else { return [] }
            let unknown = file.simulated.filter { Archetype.named($0.archetype) == nil }
                .map { "\(path): \($0.path): there is no simulated device \(quoted($0.archetype))" }
            return file.problems.map { "\(path): \($0)" } + unknown
        }
    }

    /// One line, however many there are.
    func tellDeviceFileNotes(to logger: Logger) {
        let notes = deviceFileNotes
        guard let first = notes.first else { return }
        logger.warning(
            "a device configuration has entries that are left out; `plugboard check` lists them",
            metadata: ["count": "\(notes.count)", "first": .string(first)])
    }

    /// The simulated devices of the user's file.
    var simulatedInFile: [SimulatedDeviceSpec] {
        (hardware.rules.file?.simulated ?? []).compactMap { entry in
            guard let archetype = Archetype.named(entry.archetype) else { return nil }
            var spec = SimulatedDeviceSpec(archetype)
            spec.displayName = entry.displayName
            return spec
        }
    }
}
