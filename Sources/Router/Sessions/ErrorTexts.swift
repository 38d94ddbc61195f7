// What an `Error` says when a router refuses, or a device fails. What only a router can refuse starts with `router.`; a device's
// failure has the form of the reference server's own error values, so that its client gets typed errors (`protocol-notes.md` §4).
// Must not know JSON escaping; the encoder does that. Cold code: strings are built here and nowhere else.

import Buttplug
import Host

enum ErrorText {
    static let observer = "router.denied.observer: an observer drives nothing; it may look, subscribe and stop."
    static let leased = "router.denied.leased: another client has this output for now."
    static let rateLimited = "router.rate_limited: more commands than this client's rule allows."
    static let tooManyPending = "router.too_many_requests: too many of this client's requests wait for devices."
    static let notAdmitted = "router.denied.rule: a rule of this router does not let this client in; its operator can change the rule."
    static let consentDenied = "router.denied.consent: the router's operator has not let this client in; ask the operator."
    static let consentTimeout =
        "router.denied.consent: nobody has answered whether this client is let in; ask the router's operator, then connect again."
    static let tooManyConsents = "router.denied.consent: too many clients wait for the router's operator; connect again later."
    static let durationTooLong = "router.duration: longer than this output's max_duration, and a shorter time would be a faster move."

    /// Why a client is not let in.
    static func refusal(_ reason: CloseReason) -> String {
        switch reason {
        case .consentTimeout: consentTimeout
        case .tooManyConsents: tooManyConsents
        case .notAdmitted: notAdmitted
        default: consentDenied
        }
    }

    @inline(never)
    static func deniedDevice(_ index: UInt32) -> String { "router.denied.device: this client's rule does not give it device \(index)." }

    /// `reason` is plain text without quotation marks.
    @inline(never)
    static func failed(_ reason: String) -> String { device(#"{"DeviceCommunicationError":"\#(plain(reason))"}"#) }

    @inline(never)
    static func gone(_ index: UInt32) -> String { device(#"{"DeviceNotConnected":"Device \#(index) has disconnected."}"#) }

    /// Why the answer to a waiting command is not `Ok`.
    static func settled(_ outcome: SettledReply.Outcome) -> String {
        switch outcome {
        case .ok, .refused: failed("The device refused the command.")
        case .timedOut: failed("The device did not answer in time.")
        case .deviceGone: device(#"{"DeviceNotConnected":"The device has disconnected."}"#)
        }
    }

    private static func device(_ value: String) -> String { #"{"ButtplugDeviceError":\#(value)}"# }

    /// A text that may be put between quotation marks as it is.
    private static func plain(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.filter { $0 != "\"" && $0 != "\\" && $0.value >= 0x20 }))
    }
}
