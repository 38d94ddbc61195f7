// What the admin interface asks about tokens, and its calls: list, show, make, revoke.
// Must not know how tokens are kept. A secret is in one answer only: that of the request which made the token.

import Guard
import HTTP
import JSON

/// The tokens of a running router. Answers come in a later turn.
public protocol AdminTokens: AnyObject {
    var views: [TokenView] { get }
    /// The calendar's time.
    var time: WallTime { get }
    func add(_ wish: TokenWish, _ answer: @escaping (Result<NewToken, TokenRefusal>) -> Void)
    /// Its sessions end in this turn, before the answer comes.
    func revoke(_ name: String, _ answer: @escaping (Result<TokenView, TokenRefusal>) -> Void)
}

/// A token that was made, with what its holder shows.
public struct NewToken: Sendable {
    public var view: TokenView
    public var secret: TokenSecret

    public init(view: TokenView, secret: TokenSecret) {
        self.view = view
        self.secret = secret
    }

    /// `{"token":{…},"secret":"pb_…"}`: the only text with a secret.
    public func write(into text: inout JSONText) {
        text.object {
            $0.member("token") { view.write(into: &$0) }
            $0.member("secret", secret.text)
        }
    }
}

extension AdminTarget {
    /// nil: this router has no tokens.
    public var tokens: (any AdminTokens)? { nil }
}

extension Problem {
    init(_ refusal: TokenRefusal) {
        let status =
            switch refusal {
            case .unknown: 404
            case .exists, .isConfigured, .tooMany: 409
            case .bad: 422
            case .notKept: 503
            }
        self.init(status, refusal.description)
    }
}

extension AdminCall {
    private var keeper: any AdminTokens {
        get throws(Problem) {
            guard let tokens = service.target.tokens else { throw Problem(404, "this router has no tokens") }
            return tokens
        }
    }

    func tokens() throws(Problem) -> AdminAnswer {
        try list("tokens", try keeper.views, { $0.token.name }) { $1.write(into: &$0) }
    }

    func token() throws(Problem) -> AdminAnswer {
        let name = parameters["name"] ?? ""
        guard let view = try keeper.views.first(where: { $0.token.name == name }) else { throw Problem(.unknown(name)) }
        return .response(.json { view.write(into: &$0) })
    }

    func addToken() throws(Problem) -> AdminAnswer {
        let keeper = try keeper
        let members = try body()
        let wish: TokenWish
        do throws(TokenRefusal) { wish = try TokenWish(members, at: keeper.time) } catch { throw Problem(error) }
        return service.later { answer in
            keeper.add(wish) { result in
                switch result {
                case .success(let new): answer(.json(201) { new.write(into: &$0) })
                case .failure(let refusal): answer(.problem(Problem(refusal).status, refusal.description))
                }
            }
        }
    }

    func revokeToken() throws(Problem) -> AdminAnswer {
        let keeper = try keeper
        let name = parameters["name"] ?? ""
        return service.later { answer in
            keeper.revoke(name) { result in
                switch result {
                case .success(let view): answer(.json { view.write(into: &$0) })
                case .failure(let refusal): answer(.problem(Problem(refusal).status, refusal.description))
                }
            }
        }
    }
}
