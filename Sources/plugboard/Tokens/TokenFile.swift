// Where the tokens made at run time survive a restart: one small file beside the state file, replaced as a whole.
// Must not know what a token is worth.

import Guard
import Platform
import UV

/// The file. A crash leaves the old one or the new one, never half of either.
struct TokenFile: Sendable {
    let path: String

    /// - Parameter statePath: The state file; a process that has claimed that one may write this one too.
    init(besideState statePath: String) { path = statePath + ".tokens" }

    /// What was found.
    enum Found {
        case tokens([Token])
        /// It is damaged, for this reason; it was moved there, or for that reason could not be.
        case damaged(String, movedTo: String?)
    }

    /// The tokens an earlier router left. A damaged file is moved aside: no token counts that cannot be read without a doubt.
    func read() throws(StateFile.Unreadable) -> Found {
        let bytes: [UInt8]
        do throws(UVError) {
            bytes = try Descriptor.contents(of: path, limit: Self.bytesMax)
        } catch {
            if error.isNotFound { return .tokens([]) }
            throw StateFile.Unreadable(
                reason: "token file \(path): \(error.sentence)", exitStatus: error.isPermissionDenied ? .permission : .inputOutput)
        }
        do throws(TokenDocument.Malformed) {
            guard bytes.count <= Self.bytesMax else { throw TokenDocument.Malformed(description: "it is too large") }
            return .tokens(try TokenDocument.decoded(bytes))
        } catch {
            let aside = path + ".damaged"
            do throws(UVError) { try FileTree.move(path, to: aside) } catch { return .damaged("\(error)", movedTo: nil) }
            return .damaged("\(error)", movedTo: aside)
        }
    }

    /// Replaces the file. Returns why it could not, or nil.
    func write(_ bytes: [UInt8]) -> String? {
        let folder = FileTree.folder(of: path)
        do throws(UVError) {
            if !folder.isEmpty { try FileTree.makeFolder(folder, mode: 0o700) }
            try FileTree.replace(path, with: bytes)
            return nil
        } catch { return "\(path) cannot be written: \(error.sentence)" }
    }

    /// Some thousand tokens with the longest notes and rules.
    private static let bytesMax = 64 << 20
}
