// Takes over the sockets that a service manager has passed, and says in one line what is wrong with one.
// Must not know what is done with them.

import ArgumentParser
import Platform
import UV

/// The sockets, checked. Where there are some, they replace what the configuration names for their purpose.
struct PassedSockets {
    var client: [PassedSocket] = []
    var admin: [PassedSocket] = []

    static let isOpen =
        "the passed socket can be reached from other machines, and with require_token = \"never\" anyone who reaches it can drive your devices;"
        + " listen on 127.0.0.1, ask for tokens, or set allow_insecure = true in [server]"

    /// To be called before there are other threads: the variables are gone afterwards.
    static func take() throws -> PassedSockets {
        let variables = Environment.variables
        Environment.remove(SocketActivation.variables)
        let plan: SocketActivation
        do throws(SocketActivation.Malformed) { plan = try SocketActivation(variables, process: Launch.processNumber) } catch {
            throw ExitStatus.unavailable.refusing(error.reason)
        }
        return PassedSockets(client: try plan.client.map(adopt), admin: try plan.admin.map(adopt))
    }

    private static func adopt(_ number: Int32) throws -> PassedSocket {
        do throws(UVError) { return try PassedSocket(descriptor: number) } catch {
            let reason =
                error.call == "getsockopt" && error.sentence == "Invalid argument" ? "it does not listen for streams" : error.sentence
            throw ExitStatus.unavailable.refusing("descriptor \(number), which was passed as a socket: \(reason)")
        }
    }
}
