// The connections that have not been let in yet, in the order in which they came.
// Must not know what they are, or why one is a stranger.

/// A queue of small indices from whose middle any can be taken, in constant time.
struct StrangerQueue {
    private struct Entry {
        var isIn = false
        var newer: Int32 = -1
        var older: Int32 = -1
    }

    private var entries: [Entry] = []
    private(set) var count = 0
    private var newest: Int32 = -1
    /// The one that has been in for longest; nil when there is none.
    var oldest: Int32? { first >= 0 ? first : nil }
    private var first: Int32 = -1

    /// Puts one at the end.
    mutating func add(_ index: Int32) {
        while entries.count <= Int(index) { entries.append(Entry()) }
        guard !entries[Int(index)].isIn else { return }
        entries[Int(index)] = Entry(isIn: true, newer: -1, older: newest)
        if newest >= 0 { entries[Int(newest)].newer = index } else { first = index }
        newest = index
        count += 1
    }

    /// Takes one out; nothing when it is not in.
    mutating func remove(_ index: Int32) {
        guard index >= 0, Int(index) < entries.count, entries[Int(index)].isIn else { return }
        let (newer, older) = (entries[Int(index)].newer, entries[Int(index)].older)
        if newer >= 0 { entries[Int(newer)].older = older } else { newest = older }
        if older >= 0 { entries[Int(older)].newer = newer } else { first = newer }
        entries[Int(index)] = Entry()
        count -= 1
    }
}
