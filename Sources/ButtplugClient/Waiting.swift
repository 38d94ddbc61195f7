// One call that waits for the answers to one or several requests.
// Must not know what was asked.

import Host

/// What a request was answered with.
enum Answer: Sendable {
    case ok
    case values([Int32])
}

/// A waiting call. Confined to the loop. It is resumed once, when the last of its requests is settled; the first failure is its result.
final class Waiting {
    let deadline: Instant
    private var continuation: CheckedContinuation<Result<Answer, ClientError>, Never>?
    private var left: Int
    private var failure: ClientError?

    init(_ requests: Int, until deadline: Instant, _ continuation: CheckedContinuation<Result<Answer, ClientError>, Never>) {
        left = requests
        self.deadline = deadline
        self.continuation = continuation
    }

    func settle(_ result: Result<Answer, ClientError>) {
        left -= 1
        if case .failure(let error) = result, failure == nil { failure = error }
        guard left <= 0, let continuation else { return }
        self.continuation = nil
        continuation.resume(returning: failure.map { .failure($0) } ?? result)
    }

    /// Resumes at once, regardless of what is left.
    func giveUp(_ error: ClientError) {
        continuation?.resume(returning: .failure(failure ?? error))
        continuation = nil
    }
}
