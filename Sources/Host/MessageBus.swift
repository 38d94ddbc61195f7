// The seam between a member of a cell and the bus that carries its messages to the others.
// Must not know which bus it is, nor what a message means. Nothing is believed of a bus but that messages of one connection to one subject
// reach a subscriber in that order, or not at all.

/// A connection to a bus of named subjects. A subject is words with points between them; in a subscription `*` stands for one word.
/// All calls come on the host's thread.
public protocol MessageBus: AnyObject {
    /// Connects, and connects again whenever the connection is lost, until `leave`. Called once. Nothing is reported from inside the call.
    /// - Parameters:
    ///   - subscriptions: What is subscribed to.
    ///   - owner: Kept until `leave`.
    func open(_ subscriptions: [String], for owner: any BusOwner)
    /// Publishes; copies the bytes. Nothing is kept for later: without a connection the message is dropped.
    /// - Parameters:
    ///   - subject: Who has subscribed to it gets the message.
    ///   - reply: The subject at which the bus tells the publisher that nobody listens; nil: it tells nobody.
    ///   - payload: The message.
    func publish(_ subject: String, reply: String?, _ payload: UnsafeRawBufferPointer)
    /// What was published leaves, or begins to. To be called when a turn ends.
    func flush()
    /// Leaves, when what was published has left. The owner gets no more calls.
    func leave()
}

/// The owner of a connection to a bus. It may publish from inside these calls.
public protocol BusOwner: AnyObject {
    /// All that was subscribed to arrives from now on.
    func busOpened(at now: Instant)
    /// A message came; its bytes live only during the call.
    func received(_ payload: RawSpan, on subject: String, at now: Instant)
    /// Nobody listens to what was published with this reply subject.
    func missed(_ reply: String, at now: Instant)
    /// The connection is lost. What was published shortly before may be lost too.
    func busLost(at now: Instant)
}
