// Finds the Id of a message that cannot be read otherwise, so that the error names it.
// Must not know what was wrong with the message.

enum MessageID {
    /// The Id of the message in the element that begins at `element`: 0 when the text is not JSON at all, when there is no such Id, or when
    /// it is not one whole number from 1 to 4294967295.
    @inline(never)
    static func find(inElementAt element: Int?, of text: RawSpan, depth: Int) -> UInt32 {
        guard let element, isJSON(text, depth: depth) else { return 0 }
        var reader = JSONReader(text)
        reader.at = element
        do {
            try reader.expect(.objectStart)
            _ = try reader.key()
            return try reader.idOnly(depth: depth)
        } catch {
            return 0
        }
    }

    /// Whether the text is JSON values back to back.
    static func isJSON(_ text: RawSpan, depth: Int) -> Bool {
        var reader = JSONReader(text)
        do {
            repeat { try reader.skipValue(depth: depth) } while !reader.isAtEnd()
            return true
        } catch {
            return false
        }
    }
}

extension JSONReader {
    /// The Id of a message's body whose other fields do not matter.
    @_lifetime(self: copy self)
    mutating func idOnly(depth: Int) throws(JSONProblem) -> UInt32 {
        var id: UInt32 = 0
        try expect(.objectStart)
        if try take(.objectEnd) { throw .missingField }
        repeat {
            if try key().is("Id") {
                guard id == 0 else { throw .duplicateField }
                id = try unsigned()
                guard id != 0 else { throw .zeroID }
            } else {
                try skipValue(depth: depth)
            }
        } while try more(until: .objectEnd)
        guard id != 0 else { throw .missingField }
        return id
    }
}
