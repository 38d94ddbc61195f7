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
    /// 32 random bytes.
    func makeSecret() -> TokenSecret
    /// Its sessions end in this turn, before the answer comes.
    func revoke(_ name: String, _ answer: @escaping (Result<TokenView, TokenRefusal>) -> Void)
}

/// A token that was made, with what its holder shows.
public struct NewToken: Sendable {
    public var view: TokenView
    public var secret: TokenSecret
    /// What its holder pastes into an app.
    public var addresses: [String]
    /// For each address that other machines reach its QR code, row by row: "1" is dark, "0" is light.
    public var codes: [[String]]
    /// What the operator has to know before passing it on.
    public var warning: String?

    public init(view: TokenView, secret: TokenSecret, addresses: [String], codes: [[String]], warning: String?) {
        self.view = view
        self.secret = secret
        self.addresses = addresses
        self.codes = codes
        self.warning = warning
    }

    /// `{"token":{…},"secret":"pb_…",…}`: the only text with a secret.
    public func write(into text: inout JSONText) {
        text.object {
            $0.member("token") { view.write(into: &$0) }
            $0.member("secret", secret.text)
            $0.member("addresses") { $0.strings(addresses) }
            $0.member("codes") { $0.array { for code in codes { $0.strings(code) } } }
            $0.member("warning", warning)
        }
    }
}

extension JSONText {
    mutating func strings(_ all: [String]) { array { for one in all { $0.value(one) } } }
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

    func addOperatorKey() throws(Problem) -> AdminAnswer {
        let secret = try keeper.makeSecret()
        service.addKey(secret)
        return .response(
            .json(201) {
                $0.object {
                    $0.member("key", secret.text)
                    $0.member("seconds", OperatorKeys.lifetime.nanoseconds / 1_000_000_000)
                    $0.member("pages") { $0.strings(service.pages) }
                }
            })
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
