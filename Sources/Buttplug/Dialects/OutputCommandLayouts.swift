// The layouts in which the known v4 clients write an OutputCmd, each read without looking at the grammar of JSON.
// Must not know sessions. nil means "another layout, or something wrong": the general reader decides which.

/// Reads a text that is one OutputCmd of v4 in a well-known layout.
enum OutputCommandLayouts {
    /// Bytes; every layout has more.
    private static let shortest = 64

    /// The command, if the text is laid out as one of: the order of the specification, compact (JavaScript, C#) or with spaces (Python), or
    /// sorted keys (Rust).
    @inline(__always)
    static func read(_ text: RawSpan) -> OutputCommand? {
        // Lets the compiler drop the bounds checks of the first literals.
        guard text.byteCount >= shortest else { return nil }
        var reader = LayoutReader(text)
        if reader.take("[{\"OutputCmd\":{\"Id\":") { return readInSpecOrder(&reader, isSpaced: false) }
        return readOther(text)
    }

    /// Byte 14 of every layout is a space (Python) or `{`.
    @inline(never)
    private static func readOther(_ text: RawSpan) -> OutputCommand? {
        text.byte(14) == UInt8(ascii: " ") ? readSpaced(text) : readSorted(text)
    }

    @inline(never)
    private static func readSpaced(_ text: RawSpan) -> OutputCommand? {
        var reader = LayoutReader(text)
        return reader.take("[{\"OutputCmd\": {\"Id\": ") ? readInSpecOrder(&reader, isSpaced: true) : nil
    }

    @inline(__always)
    private static func readInSpecOrder(_ reader: inout LayoutReader, isSpaced: Bool) -> OutputCommand? {
        guard let id = reader.longNumber(), id != 0,
            reader.take(isSpaced ? ", \"DeviceIndex\": " : ",\"DeviceIndex\":"), let device = reader.shortNumber(),
            reader.take(isSpaced ? ", \"FeatureIndex\": " : ",\"FeatureIndex\":"), let feature = reader.shortNumber(),
            reader.take(isSpaced ? ", \"Command\": {\"" : ",\"Command\":{\""), let type = type(&reader)
        else { return nil }
        guard reader.take(isSpaced ? ": {\"Value\": " : ":{\"Value\":"), let value = reader.signedDigits() else { return nil }
        var duration: UInt32 = 0
        if type == .hwPositionWithDuration {
            guard reader.take(isSpaced ? ", \"Duration\": " : ",\"Duration\":"), let n = reader.longNumber() else { return nil }
            duration = n
        }
        guard reader.take("}}}}]"), reader.isAtEnd else { return nil }
        return OutputCommand(id: id, device: device, feature: feature, type: type, value: value, duration: duration)
    }

    @inline(never)
    private static func readSorted(_ text: RawSpan) -> OutputCommand? {
        var reader = LayoutReader(text)
        guard reader.take("[{\"OutputCmd\":{\"Command\":{\""), let type = type(&reader) else { return nil }
        var duration: UInt32 = 0
        if type == .hwPositionWithDuration {
            guard reader.take(":{\"Duration\":"), let n = reader.longNumber(), reader.take(",\"Value\":") else { return nil }
            duration = n
        } else {
            guard reader.take(":{\"Value\":") else { return nil }
        }
        guard let value = reader.signedDigits(),
            reader.take("}},\"DeviceIndex\":"), let device = reader.shortNumber(),
            reader.take(",\"FeatureIndex\":"), let feature = reader.shortNumber(),
            reader.take(",\"Id\":"), let id = reader.longNumber(), id != 0,
            reader.take("}}]"), reader.isAtEnd
        else { return nil }
        return OutputCommand(id: id, device: device, feature: feature, type: type, value: value, duration: duration)
    }

    @inline(__always)
    private static func type(_ reader: inout LayoutReader) -> OutputType? {
        if reader.take("Vibrate\"") { return .vibrate }
        if reader.take("Rotate\"") { return .rotate }
        if reader.take("Oscillate\"") { return .oscillate }
        if reader.take("Position\"") { return .position }
        if reader.take("HwPositionWithDuration\"") { return .hwPositionWithDuration }
        if reader.take("Constrict\"") { return .constrict }
        if reader.take("Temperature\"") { return .temperature }
        if reader.take("Led\"") { return .led }
        if reader.take("Spray\"") { return .spray }
        return nil
    }
}
