// One step of the dispatch path that can be repeated: what it is called, and how often it does its work in one round.
// Must not measure anything; whoever runs the program counts its instructions from outside.

/// A step, prepared only when it is asked for.
struct Step: Sendable {
    let name: String
    /// How many messages (or writes, replies, deliveries) one round stands for.
    let perRound: Int
    /// Prepares everything and returns what does a number of rounds, beginning with the given one.
    let prepare: @Sendable () -> (Range<Int>) -> Void

    init(_ name: String, perRound: Int = 1, prepare: @escaping @Sendable () -> (Range<Int>) -> Void) {
        self.name = name
        self.perRound = perRound
        self.prepare = prepare
    }

    static let all = ReadingSteps.all + ReplySteps.all + ArbitrationSteps.all + DeviceSteps.all + RouterSteps.all + ScalingSteps.all
}
