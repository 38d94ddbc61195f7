// What a server is asked to be, as one plain value.
// Must not know files, flags or TOML: an app that embeds the router fills it in itself.

import Devices
import Hardware
import Host
import Router

/// The configuration of a `ButtplugServer`. As it comes it makes a working server without devices.
public struct ServerConfiguration: Hashable, Sendable {
    /// Names, rules, arbitration and limits. May be replaced while the server runs.
    public var router = RouterSettings()
    /// The simulated devices. Fixed when the server is made, as are their options.
    public var devices: [SimulatedDeviceSpec] = []
    /// How the simulated devices come to be.
    public var deviceOptions = SimulatedSetOptions()

    /// Other Buttplug servers whose devices are shown here too. Fixed when the server is made.
    public var upstreams: [Endpoint] = []
    /// Where further ones are expected: Buttplug servers that dial out to us, one at a time at each endpoint. The application has to
    /// listen for them: `ButtplugServer.deviceHostOwners`. Fixed when the server is made.
    public var deviceHosts: [Endpoint] = []
    /// The least time between two writes to a device of one of them; none where there is no entry. What the server itself says of its
    /// devices is only passed on. Fixed when the server is made.
    public var upstreamGaps: [Endpoint: Interval] = [:]
    /// Which certificates dials to those with a `wss://` address believe; those that the system believes where there is no entry. Fixed when the server is made.
    public var upstreamTrust: [Endpoint: ServerTrust] = [:]

    /// Ways to hardware. Fixed when the server is made.
    public var hardware = HardwareConfiguration()

    public init() {}
}
