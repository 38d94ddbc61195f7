// The bound on connections that have not been let in: they must cost nothing to those that have been.
// Must not know who is let in.

import Host

extension UVHost {
    /// What is known of those who are not, or not yet, let in.
    struct Entrance {
        var strangers = StrangerQueue()
        var failures = FailureTable()
    }

    /// A connection of a listener has begun.
    func limitStrangers(_ link: UVLink) {
        guard link.phase == .head, link.head?.isStranger == true else { return }
        entrance.strangers.add(link.index)
        guard entrance.strangers.count > limits.strangers, let oldest = entrance.strangers.oldest else { return }
        counters.displaced += 1
        links[Int(oldest)]?.giveWay()
    }
}
