// Every limit of the program, each with its reason. Reaching one is a named `CloseReason` or an `Error` to the client.
// Must not know who enforces what.

/// The limits. All have safe defaults; the configuration's `[limits]` changes them.
public struct Limits: Hashable, Sendable {
    /// Sessions at once; one more is answered 503. A file descriptor and some 600 bytes each.
    public var sessions = 12_000
    /// Sessions at once from one address. Loopback and Unix sockets are not counted: all local apps share them.
    public var sessionsPerAddress = 256
    /// Bytes of one incoming message of a client. A real command has a hundred; the longest real one, a batch, some thousands.
    public var messageBytes = 1 << 20
    /// Fragments of one incoming message. Browsers send one.
    public var fragments = 1_024
    /// Requests in one incoming message; more is `Error` 3. Real clients send one, or one per device. The parts of an older version's
    /// command count too: each drives an output.
    public var requestsPerMessage = 1_024
    /// Parts of one command of versions 0 to 3; more is `Error` 3. No device has more outputs.
    public var partsPerCommand = 256
    /// Control frames a connection may send within a second; browsers send one in ten seconds.
    public var controlFramesPerSecond = 1_000
    /// Nesting of incoming JSON; the protocol needs 8.
    public var jsonDepth = 32
    /// Bytes of a client's name.
    public var clientNameBytes = 256
    /// Bytes of the HTTP head (all lines). Browsers send under 2 KiB.
    public var headBytes = 16 * 1024
    /// Header lines of the HTTP head.
    public var headLines = 100
    /// Connections at once that may still be strangers: from elsewhere than this computer, or to a listener that asks everybody for a
    /// token, and without a head that was let in. The oldest is closed for one more. A head takes some milliseconds.
    public var strangers = 256
    /// How long the whole HTTP head may take.
    public var headTimeout = Interval.seconds(5)
    /// How long a session may stay without its Buttplug handshake.
    public var handshakeTimeout = Interval.seconds(10)
    /// How long a session may wait for the operator's consent: long enough to reach for a telephone, shorter than apps wait for an answer.
    public var consentTimeout = Interval.seconds(60)
    /// Sessions that may wait for consent at once; one more is refused. More than a person reads are no question any more.
    public var consents = 64
    /// The same from one address (a /64 for IPv6): a flat full of guests, and not one stranger who fills the queue for all others.
    public var consentsPerAddress = 8
    /// Messages a session may send while it waits for consent; more ends it. An app that waits for its answer sends none.
    public var consentMessages = 64
    /// Answers kept for later sessions of the same name and token; the oldest is forgotten, and its client asks again.
    public var rememberedConsents = 1_024
    /// How long the peer may take to answer a close before the connection is cut.
    public var closeTimeout = Interval.seconds(1)
    /// Time without data after which the peer is pinged, and the time it then has to answer.
    public var pingInterval = Interval.seconds(10)
    /// Bytes that may wait for one peer in addition to what one turn sends it, a device list say; more cuts it off as a slow consumer.
    public var queuedBytes = 1 << 20
    /// How long bytes may wait for one peer without any of them leaving.
    public var stallTimeout = Interval.seconds(10)
    /// Messages taken from one connection before the others get their turn.
    public var messagesPerTurn = 256
    /// Reads and subscribe requests that may wait for devices, per session.
    public var pendingRequests = 1_024
    /// Devices at once. Indices are a table lookup, so the limit is memory.
    public var devices = 4_096
    /// Devices one upstream may have shown in all, by its index and name: each keeps an index permanently, and there are 65 536 for all.
    public var upstreamDevices = 4_096

    /// Tokens made at run time. Each waits in a list that people read; one for every guest of a year.
    public var tokens = 1_000

    public init() {}

    /// Bytes of one incoming message of a server, whose device list has to fit: as many devices as `upstreamDevices`, with as much room for
    /// each as one with some 60 features takes.
    public var serverMessageBytes: Int { max(messageBytes, min(1 << 30, upstreamDevices << 14)) }

    /// Those that the reading of one incoming message needs.
    @inlinable public var ofMessage: MessageLimits {
        MessageLimits(
            requests: requestsPerMessage, partsPerCommand: partsPerCommand, jsonDepth: jsonDepth, clientNameBytes: clientNameBytes)
    }
}

/// The limits within one incoming message of a client: few, since they are handed from reader to reader.
public struct MessageLimits: Hashable, Sendable {
    /// `Limits.requestsPerMessage`.
    public var requests: Int
    /// `Limits.partsPerCommand`.
    public var partsPerCommand: Int
    /// `Limits.jsonDepth`.
    public var jsonDepth: Int
    /// `Limits.clientNameBytes`.
    public var clientNameBytes: Int

    @usableFromInline init(requests: Int, partsPerCommand: Int, jsonDepth: Int, clientNameBytes: Int) {
        self.requests = requests
        self.partsPerCommand = partsPerCommand
        self.jsonDepth = jsonDepth
        self.clientNameBytes = clientNameBytes
    }
}
