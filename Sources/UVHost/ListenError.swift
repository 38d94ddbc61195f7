// Why a listener could not be opened, sorted by what a person can do about it.
// Must not know exit codes; the command line has them.

import Host
import UV

/// Why listening failed. Each description names the address and says what to do.
public enum ListenError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The text is not an address to listen on.
    case badAddress(BadAddress)
    /// Somebody else listens there.
    case addressInUse(Endpoint)
    /// Somebody else has one of the two addresses of `localhost`: the name, and that address.
    case halfInUse(Endpoint, Endpoint)
    /// The address is not one of this computer, or the name has none.
    case addressNotAvailable(Endpoint)
    /// The kernel forbids it.
    case permissionDenied(Endpoint)
    /// The file of a Unix socket cannot be given to the group it should have.
    case groupDenied(Endpoint)
    /// The address is `wss://`, and there is no certificate.
    case noCertificate(Endpoint)
    /// Anything else, in the kernel's words.
    case failed(Endpoint, String)

    init(_ error: UVError, at address: Endpoint) {
        if error.isAddressInUse {
            self = .addressInUse(address)
        } else if error.isAddressNotAvailable || error.call == "getaddrinfo" {
            self = .addressNotAvailable(address)
        } else if error.call == "chown" {
            self = .groupDenied(address)
        } else if error.isPermissionDenied {
            self = .permissionDenied(address)
        } else {
            self = .failed(address, error.description)
        }
    }

    public var description: String {
        switch self {
        case .badAddress(let bad): "\"\(bad.text)\" is not an address to listen on: \(bad.hint)"
        case .addressInUse(.unix(let path)): "\(path) is in use: another program listens there, or it is not a socket"
        case .addressInUse(let address): "\(address) is in use by another program: stop that one, or listen on another port"
        case .halfInUse(let name, let taken):
            "\(name) is two addresses, and another program listens on \(taken), so that apps would find one or the other: stop that program, "
                + "choose another port, or listen on \(name.without(taken)) alone"
        case .addressNotAvailable(let address): "\(address) is not an address of this computer"
        case .permissionDenied(let address): "not allowed to listen on \(address)"
        case .groupDenied(let address): "not allowed to give \(address) to that group: only root, or a user who is in it, may"
        case .noCertificate(let address): "\(address) needs a certificate and its key"
        case .failed(let address, let words): "cannot listen on \(address): \(words)"
        }
    }
}
