// What a client asks for, in the vocabulary of spec v4 for every version.
// Must not know versions or JSON, apart from the form in which a reading goes back.

import Host

/// One value for one output (spec v4, OutputCmd).
public struct OutputCommand: Hashable, Sendable {
    /// The request it came in.
    public var id: UInt32
    public var device: UInt32
    public var feature: UInt32
    public var type: OutputType
    /// Steps of the advertised range; not checked against it.
    public var value: Int32
    /// Milliseconds; only for `hwPositionWithDuration`, else 0.
    public var duration: UInt32

    @inlinable public init(id: UInt32, device: UInt32, feature: UInt32, type: OutputType, value: Int32, duration: UInt32 = 0) {
        self.id = id
        self.device = device
        self.feature = feature
        self.type = type
        self.value = value
        self.duration = duration
    }
}

/// One request, to be answered with exactly one reply that carries its `id`.
public struct Request: Sendable {
    /// 1…4294967295, as the client chose it.
    public var id: UInt32
    public var body: Body

    @inlinable public init(id: UInt32, body: Body) {
        self.id = id
        self.body = body
    }

    /// What is asked.
    public enum Body: Sendable {
        case output(OutputCommand)
        /// Several commands with one reply: the range is into `RequestBatch.parts`. May be empty: that is `Ok`.
        case outputs(Range<Int>)
        /// A read is answered with a reading in `form`, a subscription with `Ok`; its readings then come in `form` with Id 0.
        case input(device: UInt32, feature: UInt32, type: InputType, command: InputCommand, form: ReadingForm)
        /// A feature without a device means nothing: everything stops (spec v4, StopCmd).
        case stop(device: UInt32?, feature: UInt32?, inputs: Bool, outputs: Bool)
        case startScanning
        case stopScanning
        case deviceList
        case ping
        case disconnect
        /// Answered with `Ok`; the server never sends logs.
        case requestLog
        /// To be echoed: the text is `RequestBatch.texts[text]`.
        case test(text: Int)
        /// The client introduced itself: the session is ready, `clientName` and `state` give its name and version.
        case handshake
        /// This one request is answered with an error; the rest of its text goes on.
        case failed(Failure)
    }
}

/// A text of which nothing runs, answered with one error.
public struct Malformed: Sendable {
    /// The offending message's Id when it can be read, else 0.
    public var id: UInt32
    public var failure: Failure
    /// Whether the session closes after the error (`CloseReason.versionRefused`).
    public var isFatal: Bool

    public init(id: UInt32, failure: Failure, isFatal: Bool = false) {
        self.id = id
        self.failure = failure
        self.isFatal = isFatal
    }
}

/// The requests of one text. Reused from text to text: emptying keeps the memory.
public struct RequestBatch: ~Copyable {
    public internal(set) var requests = Slab<Request>()
    /// The commands of requests that have several.
    public internal(set) var parts = Slab<OutputCommand>()
    /// Texts of `Test` messages.
    public internal(set) var texts: [String] = []
    /// What the legacy message being read lists.
    var subcommands = Slab<Subcommand>()

    public init() {}

    public mutating func removeAll() {
        requests.removeAll()
        parts.removeAll()
        if !texts.isEmpty { texts.removeAll() }
    }

    mutating func appendTest(_ id: UInt32, _ text: String) {
        if text == "Error" {
            requests.append(Request(id: id, body: .failed(.testAsked)))
        } else {
            requests.append(Request(id: id, body: .test(text: texts.count)))
            texts.append(text)
        }
    }
}
