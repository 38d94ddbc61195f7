// The signals that a program reacts to, by the names of what they ask for.
// Must not know what the program does about them.

import LibC

/// The numbers of the signals that a program reacts to.
public enum SignalNumber {
    public static let hangUp = SIGHUP
    public static let interrupt = SIGINT
    public static let terminate = SIGTERM
    /// Ctrl-Z in a terminal.
    public static let suspend = SIGTSTP
    public static let user1 = SIGUSR1
    public static let user2 = SIGUSR2
}
