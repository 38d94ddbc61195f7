// The errors that tests of several versions expect, without their head.
// Must not use the code under test.

enum Expected {
    /// Error 3 for a message of an old version that is not carried out.
    static func conversion(_ name: String) -> String {
        #""ErrorCode":3,"ErrorMessage":"{\"ButtplugMessageError\":{\"MessageConversionError\":\""# + name
            + #" is not implemented. Please update the client software to use a newer command\"}}""#
    }

    /// Error 4 with a value.
    static func device(_ error: String) -> String {
        #""ErrorCode":4,"ErrorMessage":"{\"ButtplugDeviceError\":{"# + error + #"}}""#
    }

    /// Error 4 of a message the device does not support.
    static func notSupported(_ name: String) -> String { device(#"\"MessageNotSupported\":\""# + name + #"\""#) }
}
