// Whose certificates a dial believes: made from files once, and kept.
// Must not know who dials.

import Host
import TLS

extension UVHost {
    /// The settings of dials that trust so. The files are read when they are first needed.
    func clientContext(_ trust: ServerTrust) throws(TLSProblem) -> TLSContext {
        if let context = secure.clients[trust] { return context }
        let context = try TLSContext.client(authorities: trust.authorities, isVerified: trust.isVerified)
        secure.clients[trust] = context
        return context
    }

    /// Reads the files of dials to come, so that the loop need not wait for them. What is wrong with them each dial says.
    public func prepareDials(_ trust: ServerTrust) { _ = try? clientContext(trust) }

    /// What encrypted connections share, and the settings of those that this side opens.
    struct Secure {
        /// nil until there is an encrypted connection.
        private(set) var existing: SecureRoom?
        var room: SecureRoom {
            mutating get {
                let room = existing ?? SecureRoom()
                existing = room
                return room
            }
        }
        var clients: [ServerTrust: TLSContext] = [:]
    }
}
