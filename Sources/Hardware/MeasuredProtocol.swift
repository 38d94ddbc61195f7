// One protocol alone, so that the cost of its packets can be counted. Not for applications.
// Must not know a transport.

/// A protocol with the outputs of one model, without a device.
public struct MeasuredProtocol: ~Copyable {
    private var driver: any DeviceProtocol
    private var out = DeviceOutput()
    private var state = OutputState()

    /// - Parameters:
    ///   - name: One of `HardwareConfiguration.protocolNames`.
    ///   - model: The model's identifier, or the axes of a T-code device.
    /// - Returns: nil when there is no such protocol or model.
    public init?(_ name: String, model identifier: String) {
        let setup = DeviceSetup(name: identifier, endpoints: [.tx, .rx], model: identifier)
        guard var driver = DeviceBook().driver(name, setup) else { return nil }
        let opening = driver.begin(into: &out)
        if case .described(let model) = opening {
            _ = driver.adopt(model, into: &out)
        } else {
            guard let model = Builtin.catalogue.model(of: name, identifier: identifier, advertised: "") else { return nil }
            _ = driver.adopt(model, into: &out)
        }
        self.driver = driver
    }

    /// Makes the packets for one changed output.
    /// - Parameters:
    ///   - slot: The output's place among the model's, below 32.
    ///   - value: In the device's own numbers.
    ///   - milliseconds: The time of a move.
    /// - Returns: How many bytes they have.
    public mutating func encode(_ slot: Int, _ value: Int32, in milliseconds: UInt32 = 0) -> Int {
        (state.values[slot], state.durations[slot]) = (value, milliseconds)
        state.dirty = 1 << UInt32(slot)
        out.removeAll()
        out.memory = driver.memory
        driver.encode(state, into: &out)
        return out.bytes.count
    }
}
