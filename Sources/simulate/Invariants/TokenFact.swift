// What the simulation itself believes of one token, from the moment it was made.
// Must not ask the product's table.

import Guard

/// A token that somebody was given.
struct TokenFact {
    var name: String
    /// When it ends, by the calendar.
    var expires: WallTime?
    var sessionsMax: Int
    var isRevoked = false
    /// It was over when another one was made: the product may have forgotten it, and a calendar that is set back makes no difference then.
    var mayBeForgotten = false

    func isOver(at wall: WallTime) -> Bool { expires.map { wall >= $0 } ?? false }
}

extension EntranceModel {
    func tokenMade(_ secret: String, _ fact: TokenFact) {
        let wall = wall()
        for (secret, known) in tokens where known.isOver(at: wall) { tokens[secret]?.mayBeForgotten = true }
        tokens[secret] = fact
    }

    func tokenRevoked(_ name: String) {
        for (secret, known) in tokens where known.name == name { tokens[secret]?.isRevoked = true }
    }
}
