// One step of the dispatch path that can be repeated: its name, and how often it does its work in one round.
// Must not measure anything: the program that runs it counts its instructions from outside.

/// A step, prepared only when it is run.
struct Step: Sendable {
    let name: String
    /// The number of messages (or writes, replies, deliveries) in one round.
    let perRound: Int
    /// Prepares everything and returns a function that does a number of rounds, beginning with the given one.
    let prepare: @Sendable () -> (Range<Int>) -> Void

    init(_ name: String, perRound: Int = 1, prepare: @escaping @Sendable () -> (Range<Int>) -> Void) {
        self.name = name
        self.perRound = perRound
        self.prepare = prepare
    }

    static let all =
        ReadingSteps.all + ReplySteps.all + ArbitrationSteps.all + DeviceSteps.all + RouterSteps.all + ScalingSteps.all
        + HardwareSteps.all
}
