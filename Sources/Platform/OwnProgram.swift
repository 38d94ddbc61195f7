// Starts this program again as a process of its own, which gets one socket and nothing else.
// Must not know what the other process is for.

import LibC
import UV

/// The program that is running.
public enum OwnProgram {
    /// The descriptor's number in the new process.
    public static let socketNumber: Int32 = 3

    /// Starts it. The new process is in a session of its own, so that no terminal and no signal to this one's group reaches it, and holds
    /// back every signal that can be held back. It has standard error, the socket, and no other descriptor of this process.
    /// - Parameters:
    ///   - arguments: Without the program's name.
    ///   - socket: A descriptor of this process; stays open here.
    /// - Returns: The number of the process. `isOver(_:)` is to be asked about it until it says yes.
    public static func start(_ arguments: [String], socket: Int32) throws(UVError) -> Int32 {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, socket, socketNumber)
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
        #if canImport(Glibc)
            _ = plugboard_spawn_closes_from(&actions, socketNumber + 1)
        #endif
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var all = sigset_t()
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &all)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK) | Int16(PLUGBOARD_POSIX_SPAWN_SETSID))

        // Where the program's libraries are, and nothing else: variables may hold secrets.
        let variables = getenv("LD_LIBRARY_PATH").map { ["LD_LIBRARY_PATH=" + String(cString: $0)] } ?? []
        var words: [UnsafeMutablePointer<CChar>?] = (["plugboard"] + arguments).map { strdup($0) } + [nil]
        var environment: [UnsafeMutablePointer<CChar>?] = variables.map { strdup($0) } + [nil]
        defer { for word in words + environment { free(word) } }
        var process: pid_t = 0
        // The kernel's name for it: right also when the file has been replaced.
        let status = posix_spawn(&process, "/proc/self/exe", &actions, &attributes, &words, &environment)
        if status != 0 { throw UVError(-status, in: "posix_spawn") }
        return process
    }

    /// Whether a process that was started here is over; from then on its number means nothing.
    public static func isOver(_ process: Int32) -> Bool {
        var status: Int32 = 0
        let answer = waitpid(process, &status, WNOHANG)
        return answer == process || (answer < 0 && errno == ECHILD)
    }
}
