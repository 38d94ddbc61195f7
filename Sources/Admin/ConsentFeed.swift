// The part of the event stream about those who wait to be let in.
// Must not know who watches.

import Host
import JSON
import Router

/// What was last told of those who wait.
struct ConsentFeed {
    private var told: [LinkID: ConsentSnapshot] = [:]

    /// Writes the events that lead from what was told to these.
    mutating func tell(_ consents: [ConsentSnapshot], at now: Instant, into text: inout JSONText) {
        if told.isEmpty, consents.isEmpty { return }
        var present: [LinkID: ConsentSnapshot] = [:]
        for consent in consents {
            present[consent.id] = consent
            if told[consent.id] != consent { text.event("consent") { $0.consent(consent, at: now) } }
        }
        let gone = told.keys.filter { present[$0] == nil }.sorted { ($0.slot, $0.generation) < ($1.slot, $1.generation) }
        for id in gone { text.event("consent_closed") { $0.object { $0.member("id") { $0.value(id.slot, dash: id.generation) } } } }
        told = present
    }
}
