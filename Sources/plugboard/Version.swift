// What `plugboard --version` says.
// Must not know how the commit gets here: `scripts/write-commit` adds a file that says it, and without that file it is unknown.

import UVHost

/// Gives way to a constant of the same name in `Version` itself, if the build has made one.
protocol CommitUnknown {}

extension CommitUnknown {
    static var commit: String { "unknown" }
}

enum Version: CommitUnknown {
    static let number = "0.1.0"

    static var text: String {
        """
        plugboard \(number) (commit \(commit))
        Buttplug message specification v0, v1, v2, v3, v4
        libuv \(UVHost.libuvVersion)
        """
    }
}
