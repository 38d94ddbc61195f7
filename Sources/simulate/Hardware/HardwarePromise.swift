// What the hardware simulation holds the router to.
// Must not know how it is checked.

/// What must hold for devices (`simulation.md`, "With hardware").
enum HardwarePromise: CaseIterable {
    case ends, stops, surprises, oneWrite, gap, index, bounds, zeroFirst, watchdog, answers, seam

    var sentence: String {
        switch self {
        case .ends: "each device ends at what a live app wants, or at zero"
        case .stops: "a stop stops, within the gap and the write under way"
        case .surprises: "nothing starts that no app wants, and nothing after a stop until it is cleared"
        case .oneWrite: "one write at most is under way to a device"
        case .gap: "what raises an output keeps the device's gap"
        case .index: "a device that returns has the index that it had"
        case .bounds: "no descriptor and no row is left over from devices that went and came"
        case .zeroFirst: "a device that was lost while it ran is told zero first"
        case .watchdog: "when the router is dead or hangs, its watchdog brings devices to zero"
        case .answers: "every request is answered, and no reading is outside of its range"
        case .seam: "runner, links and wires keep to their seams"
        }
    }
}

/// A fault that a run puts into the router's process by intent: the run must find it.
enum HardwareCanary: String, CaseIterable {
    /// The watchdog keeps descriptors that it does not need any more.
    case keepsDescriptors
    /// Each hundredth message of an app is not read.
    case losesRequests
    /// What is written by calls is written twice.
    case writesTwice
    /// A line is closed twice.
    case closesTwice

    var promise: HardwarePromise {
        switch self {
        case .keepsDescriptors: .bounds
        case .losesRequests: .answers
        case .writesTwice: .oneWrite
        case .closesTwice: .seam
        }
    }
}

/// A promise that was broken.
struct HardwareViolation: Error, Equatable {
    var promise: HardwarePromise
    var text: String
}
