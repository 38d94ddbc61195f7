// Whose certificates a dial believes: made from files once, and kept.
// Must not know who dials.

import Host
import SecureStreams
import TLS

extension UVHost {
    /// The settings of dials that trust so. The files are read once, and so is what is wrong with them: preparing reads them again.
    func clientContext(_ trust: ServerTrust) throws(TLSProblem) -> TLSContext {
        if let known = secure.clients[trust] { return try known.get() }
        let read = Result { () throws(TLSProblem) in try TLSContext.client(authorities: trust.authorities, isVerified: trust.isVerified) }
        secure.clients[trust] = read
        return try read.get()
    }

    /// Reads the files of dials to come, so that the loop need not wait for them. What is wrong with them each dial says.
    public func prepareDials(_ trust: ServerTrust) {
        secure.clients[trust] = nil
        _ = try? clientContext(trust)
    }

    var secureRoom: SecureRoom {
        let room = secure.room ?? SecureRoom(loop)
        secure.room = room
        return room
    }

    /// What encrypted connections share, and the settings of those that this side opens.
    struct Secure {
        /// nil until there is an encrypted connection.
        fileprivate(set) var room: SecureRoom?
        var clients: [ServerTrust: Result<TLSContext, TLSProblem>] = [:]
    }
}
