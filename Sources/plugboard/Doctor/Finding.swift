// What `plugboard doctor` has found, and how it is told to people and to programs.
// Must not know what is looked at, nor look at anything.

import JSON

/// One thing that was looked at.
struct Finding: Hashable {
    enum State: String {
        case ok, warn, fail

        /// At the beginning of a line.
        func mark(isPlain: Bool) -> String {
            switch self {
            case .ok: isPlain ? "ok  " : "✓"
            case .warn: isPlain ? "warn" : "!"
            case .fail: isPlain ? "FAIL" : "✗"
            }
        }
    }

    /// What was looked at: "port".
    var name: String
    var state: State
    var text: String
    /// The one line that mends it; nil when nothing needs mending.
    var remedy: String?

    static func ok(_ name: String, _ text: String) -> Finding { Finding(name: name, state: .ok, text: text) }
    static func warn(_ name: String, _ text: String, _ remedy: String) -> Finding {
        Finding(name: name, state: .warn, text: text, remedy: remedy)
    }
    static func fail(_ name: String, _ text: String, _ remedy: String) -> Finding {
        Finding(name: name, state: .fail, text: text, remedy: remedy)
    }
}

/// All of it.
struct DoctorReport {
    var findings: [Finding]

    /// Nothing keeps apps from working.
    var isGood: Bool { !findings.contains { $0.state == .fail } }

    /// One line each.
    /// - Parameter isPlain: Only ASCII marks.
    func text(isPlain: Bool) -> String {
        let width = findings.map(\.name.count).max() ?? 0
        return findings.map { finding in
            let remedy = finding.remedy.map { (isPlain ? " -> " : " → ") + $0 } ?? ""
            return "\(finding.state.mark(isPlain: isPlain)) \(padded(finding.name, to: width))  \(printable(finding.text + remedy))\n"
        }.joined()
    }

    /// `{"ok":true,"findings":[{"name":…,"state":"ok","text":…,"remedy":null},…]}`.
    var json: String {
        var text = JSONText()
        text.object {
            $0.member("ok", isGood)
            $0.member("findings") {
                $0.array { list in
                    for finding in findings {
                        list.object {
                            $0.member("name", finding.name)
                            $0.member("state", finding.state.rawValue)
                            $0.member("text", finding.text)
                            $0.member("remedy") { if let remedy = finding.remedy { $0.value(remedy) } else { $0.null() } }
                        }
                    }
                }
            }
        }
        return text.string + "\n"
    }

    /// Whether marks must be ASCII: nobody looks at them, or the terminal has no other.
    static func isPlain(isTerminal: Bool, _ environment: [String: String]) -> Bool {
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].compactMap { environment[$0] }.first { !$0.isEmpty } ?? ""
        return !isTerminal || !(locale.lowercased().hasSuffix("utf-8") || locale.lowercased().hasSuffix("utf8"))
    }
}
