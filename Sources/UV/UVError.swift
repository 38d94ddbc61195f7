// What libuv or the kernel refused, as a typed error with a name, a text and the call that met it.
// Must not know what the caller wanted to achieve; the layers above say what it means to a user.

import CUV
import LibC

/// An error of libuv or of a system call, with libuv's number (negated `errno`).
public struct UVError: Error, Hashable, Sendable, CustomStringConvertible {
    /// libuv's number, negative.
    public let code: Int32
    /// The call that failed ("bind", "uv_loop_init").
    public let call: String

    public init(_ code: Int32, in call: String) {
        self.code = code
        self.call = call
    }

    /// libuv's name of the error ("EADDRINUSE").
    public var name: String { String(cString: uv_err_name(code)) }
    /// libuv's sentence for it ("address already in use").
    public var message: String { String(cString: uv_strerror(code)) }
    /// The C library's sentence for it ("Address already in use").
    public var sentence: String { String(cString: strerror(-code)) }
    public var description: String { "\(call): \(message) (\(name))" }

    /// Somebody else listens there.
    public var isAddressInUse: Bool { code == UV_EADDRINUSE.rawValue }
    /// Nobody listens there: no such port, or no such Unix socket.
    public var isRefused: Bool { code == UV_ECONNREFUSED.rawValue || code == UV_ENOENT.rawValue }
    /// The kernel gave up waiting for an answer.
    public var isTimeout: Bool { code == UV_ETIMEDOUT.rawValue }
    /// The address is not one of this machine.
    public var isAddressNotAvailable: Bool { code == UV_EADDRNOTAVAIL.rawValue }
    /// The machine has no such kind of address: IPv6 is switched off, say.
    public var isFamilyMissing: Bool { code == UV_EAFNOSUPPORT.rawValue || code == UV_EPROTONOSUPPORT.rawValue }
    /// The kernel forbids it (a port below 1024, a folder that cannot be written).
    public var isPermissionDenied: Bool { code == UV_EACCES.rawValue || code == UV_EPERM.rawValue }

    /// It would have to wait.
    public var isAgain: Bool { code == UV_EAGAIN.rawValue }

    /// What came is not what was agreed on.
    public static var broken: UVError { UVError(UV_EPROTO.rawValue, in: "read") }

    /// There is no such file.
    public var isNotFound: Bool { code == UV_ENOENT.rawValue }

    /// Throws when `status` is an error of `call`.
    static func check(_ status: Int32, _ call: String) throws(UVError) {
        if status < 0 { throw UVError(status, in: call) }
    }
}
