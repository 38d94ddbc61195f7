// The router's state as JSON: one function per kind of thing, which lists, events and answers share.
// Must not know who asks. No secret is written here.

import Buttplug
import Host
import JSON
import Router

/// Session numbers as people and paths write them: slot and generation, so that none is used twice.
enum SessionName {
    static func text(_ id: LinkID) -> String { "\(id.slot)-\(id.generation)" }

    /// nil when the text is no such number.
    static func parse(_ text: String) -> LinkID? {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, let slot = number(parts[0]), let generation = number(parts[1]) else { return nil }
        return LinkID(slot: slot, generation: generation)
    }

    private static func number(_ digits: Substring) -> UInt32? {
        digits.utf8.allSatisfy { (0x30...0x39).contains($0) } ? UInt32(digits) : nil
    }
}

extension JSONText {
    mutating func session(_ session: SessionSnapshot, at now: Instant) {
        object {
            $0.member("id") { $0.value(session.id.slot, dash: session.id.generation) }
            $0.member("client", session.client)
            $0.member("version") { if let version = session.version { $0.value(version.rawValue) } else { $0.null() } }
            $0.member("address", session.peer.address)
            $0.member("local", session.peer.isLocal)
            $0.member("listener", session.peer.listener)
            $0.member("origin", session.peer.origin)
            $0.member("token", session.peer.token)
            $0.member("connected", (now - session.openedAt).seconds)
            $0.member("role", session.rights.role.rawValue)
            $0.member("priority", session.rights.priority)
            $0.member("gain", session.rights.gain.value)
            $0.member("cap", session.rights.cap.value)
            $0.member("mute", session.rights.mute)
            $0.member("stop_scope", session.rights.stopScope.rawValue)
            $0.member("rule") { if let rule = session.rule { $0.value(rule) } else { $0.null() } }
            $0.member("patched", session.isPatched)
        }
    }

    mutating func device(_ device: DeviceSnapshot, backend: String) {
        object {
            $0.member("index", device.info.index)
            $0.member("name", device.info.description.name)
            $0.member("display_name", device.info.description.displayName)
            $0.member("backend", backend)
            $0.member("gap_ms", device.info.description.writeGapMilliseconds)
            $0.member("features") {
                $0.array { for feature in device.info.description.features { $0.feature(feature, of: device) } }
            }
            $0.member("writes", device.traffic.writes)
            $0.member("failures", device.traffic.failures)
            $0.member("latency_ms") {
                guard let latency = device.latency else { return $0.null() }
                $0.object {
                    $0.member("p50", latency.median.seconds * 1_000)
                    $0.member("p99", latency.percentile99.seconds * 1_000)
                    $0.member("max", latency.longest.seconds * 1_000)
                }
            }
        }
    }

    private mutating func feature(_ feature: Feature, of device: DeviceSnapshot) {
        object {
            $0.member("index", feature.index)
            $0.member("description", feature.description)
            $0.member("outputs") {
                $0.array {
                    for output in feature.outputs {
                        $0.object {
                            $0.member("type") { $0.value(output.type.name) }
                            $0.member("min", output.isSigned ? -output.steps : 0)
                            $0.member("max", output.steps)
                        }
                    }
                }
            }
            $0.member("inputs") {
                $0.array {
                    for input in feature.inputs {
                        let key = SensorKey(device: device.info.index, feature: feature.index, type: input.type)
                        $0.input(input, device.readings[key])
                    }
                }
            }
        }
    }

    private mutating func input(_ input: InputRange, _ values: [Int32]?) {
        object {
            $0.member("type") { $0.value(input.type.name) }
            $0.member("value") {
                if let values { $0.array { for value in values { $0.value(value) } } } else { $0.null() }
            }
        }
    }

    mutating func lane(_ lane: LaneSnapshot, at now: Instant) {
        object {
            $0.member("device", lane.device)
            $0.member("feature", lane.feature)
            $0.member("type") { if let type = lane.type { $0.value(type.name) } else { $0.null() } }
            $0.member("value", lane.value)
            $0.member("max", lane.maximum)
            $0.member("winner") { if let winner = lane.winner { $0.value(winner.slot, dash: winner.generation) } else { $0.null() } }
            $0.member("written") {
                guard let written = lane.written else { return $0.null() }
                $0.object {
                    $0.member("type") { $0.value(written.type.name) }
                    $0.member("value", written.value)
                }
            }
            $0.member("contributions") { $0.array { for one in lane.contributions { $0.contribution(one) } } }
            $0.member("lease") {
                guard let lease = lane.lease, lease.until > now else { return $0.null() }
                $0.object {
                    $0.member("session") { $0.value(lease.session.slot, dash: lease.session.generation) }
                    $0.member("kind", lease.kind.rawValue)
                    $0.member("until", (lease.until - now).seconds)
                }
            }
            $0.member("held_off", lane.heldOffUntil > now ? (lane.heldOffUntil - now).seconds : 0)
        }
    }

    /// There are more of them than of anything else.
    private mutating func contribution(_ one: LaneSnapshot.Contribution) {
        shortObject(most: 256) {
            $0.member("session", one.session.slot, dash: one.session.generation)
            $0.member("type", one.type.name)
            $0.member("value", one.value)
            $0.member("scaled", one.scaled)
            $0.member("priority", one.priority)
        }
    }

    /// A lane's level as a short row, because there are many of them.
    mutating func level(_ level: LaneLevel) {
        array {
            $0.value(level.device)
            $0.value(level.feature)
            if let type = level.type { $0.value(type.name) } else { $0.null() }
            $0.value(level.value)
            if let winner = level.winner { $0.value(winner.slot, dash: winner.generation) } else { $0.null() }
        }
    }

    mutating func upstream(_ upstream: UpstreamStatus) {
        object {
            $0.member("url", upstream.address)
            $0.member("state", upstream.state.rawValue)
            $0.member("devices", upstream.devices)
            $0.member("reconnects", upstream.reconnects)
        }
    }

    /// - Parameter rate: Messages a second, of the last second that was looked at.
    mutating func status(_ summary: RouterSummary, _ target: any AdminTarget, rate: Double) {
        let identity = target.identity
        object {
            $0.member("name", identity.name)
            $0.member("version", identity.version)
            $0.member("commit", identity.commit)
            $0.member("pid", identity.pid)
            $0.member("uptime", (target.now - identity.startedAt).seconds)
            $0.member("emergency_stop", summary.isStopped)
            $0.member("ending", summary.isEnding)
            $0.member("scanning", summary.isScanning)
            $0.member("listeners") { $0.array { for address in target.listeners { $0.value(address) } } }
            $0.member("sessions", summary.sessions)
            $0.member("consents", summary.consents)
            $0.member("devices", summary.devices)
            $0.member("lanes", summary.outputs)
            $0.member("messages", summary.totals.frames)
            $0.member("messages_per_second", rate)
            $0.member("writes", summary.totals.writes)
        }
    }
}

extension Interval {
    var seconds: Double { Double(nanoseconds) / 1e9 }
}

extension Fraction {
    /// 0…1.
    var value: Double { Double(tenThousandths) / 10_000 }
}
