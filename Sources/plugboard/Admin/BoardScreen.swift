// The board as rows of text: which output gets what, who drives it, who waits.
// Must not write to a terminal.

import Host
import JSON

/// What is drawn.
struct BoardScreen {
    /// How rows are ordered.
    enum Order: String, CaseIterable {
        case device, value, app
    }

    var state = BoardState()
    var order = Order.device
    /// Index of the selected row.
    var selected = 0
    /// What the last key did, or why it did nothing.
    var message = ""

    /// Lanes in the order in which they are shown.
    var rows: [BoardState.Lane] {
        let all = state.lanes.keys.sorted()
        switch order {
        case .device: return all
        case .value: return all.sorted { share($0) > share($1) }
        case .app: return all.sorted { driver($0) < driver($1) }
        }
    }

    private func share(_ lane: BoardState.Lane) -> Double {
        let (value, maximum) = state.written(lane)
        return abs(Double(value)) / Double(maximum)
    }

    /// The id of the session that drives the selected row.
    var selectedSession: String? {
        let rows = rows
        return rows.indices.contains(selected) ? state.lanes[rows[selected]].flatMap { LaneDriver($0)?.session } : nil
    }

    private func driver(_ lane: BoardState.Lane) -> String {
        let driver = state.lanes[lane].flatMap { LaneDriver($0) }
        return driver.map { name($0.session) } ?? "~"
    }

    /// "[guest] Game": one that has shown a token, or that comes from elsewhere, is marked.
    private func name(_ session: String) -> String {
        let data = state.sessions[session] ?? .null
        let mark = data["token"]?.string ?? (data["local"] == .bool(false) ? "remote" : nil)
        return printable((mark.map { "[\($0)] " } ?? "") + (data["client"]?.string ?? session))
    }

    /// The lines of a screen of this size, none longer than it is wide.
    func lines(columns: Int, height: Int) -> [String] {
        let isStopped = state.status["emergency_stop"] == .bool(true)
        let counts =
            "\(counted(state.sessions.count, "app")), \(counted(state.devices.count, "device")), "
            + "\(counted(state.status.rounded("messages_per_second"), "message")) a second"
        var lines = [fit("\(isStopped ? "EMERGENCY STOP  " : "")\(state.status.cell("name")): \(counts)", columns)]
        let barWidth = max(6, min(24, columns / 6))
        let titleWidth = max(22, min(44, columns / 5))
        let heads = padded("OUTPUT", to: titleWidth + 1) + padded("VALUE", to: barWidth + 11) + padded("DRIVEN BY", to: 22)
        lines.append(fit("  " + heads + "ALSO WANTED BY", columns))
        if let question { lines.append(fit(question, columns)) }
        let rows = rows
        let room = max(1, height - lines.count - 1)
        let first = max(0, min(selected - room / 2, rows.count - room))
        for index in first..<min(first + room, rows.count) {
            let mark = index == selected ? "> " : "  "
            lines.append(fit(mark + row(rows[index], titleWidth, barWidth), columns))
        }
        while lines.count < height - 1 { lines.append("") }
        let help = "q quit  s STOP  r resume  m mute driver  o order: \(order.rawValue)  ↑↓"
        lines.append(fit(message.isEmpty ? help : message, columns))
        return lines
    }

    /// The client that has waited longest to be let in.
    private var question: String? {
        guard let first = state.consents.first?.data else { return nil }
        let more = state.consents.count - 1
        let others = more > 0 ? " (\(more) more \(more == 1 ? "waits" : "wait"))" : ""
        return "? a LETS IN, d REFUSES\(others): \(ConsentWords.who(first)); \(printable(ConsentWords.grant(first)))"
    }

    private func row(_ lane: BoardState.Lane, _ titleWidth: Int, _ barWidth: Int) -> String {
        let data = state.lanes[lane] ?? .null
        let device = state.devices[lane.device] ?? .null
        let title = printable(
            "\(device["display_name"]?.string ?? device.cell("name")) \(data["type"]?.string ?? data["written"]?.cell("type") ?? "")")
        let (value, maximum) = state.written(lane)
        let filled = min(barWidth, Int((abs(Double(value)) / Double(maximum) * Double(barWidth)).rounded()))
        let bar = String(repeating: "█", count: filled) + String(repeating: "·", count: barWidth - filled)
        let driver = LaneDriver(data)
        let others = (data["contributions"]?.elements ?? []).filter { $0["session"]?.string != driver?.session }
            .map { "\(name($0.cell("session"))) \($0.cell("value"))" }
        return padded(fit(title, titleWidth), to: titleWidth + 1) + bar + " " + padded("\(value)/\(maximum)", to: 10)
            + padded(driverCell(driver, 21), to: 22) + others.joined(separator: ", ")
    }

    /// A lease is marked without the time left, which is known only for the moment when the lane was told.
    private func driverCell(_ driver: LaneDriver?, _ width: Int) -> String {
        guard let driver else { return "-" }
        let mark = driver.leaseSeconds == nil ? "" : " (lease)"
        return fit(name(driver.session), width - mark.count) + mark
    }

    private func fit(_ text: String, _ width: Int) -> String { text.count <= width ? text : String(text.prefix(max(0, width - 1))) + "…" }
}
