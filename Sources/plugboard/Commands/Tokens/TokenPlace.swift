// Which tokens a command means: those of a running router, by its admin interface, or else the file that the next one will read.
// Must not know any command.

import Admin
import ArgumentParser
import Guard
import JSON
import Platform
import UV

/// The router, or its files.
struct TokenPlace: ParsableArguments {
    @OptionGroup(title: "Router") var router: RouterOptions

    @Option(
        name: [.short, .long],
        help: ArgumentHelp("Do not ask a running router: the tokens are beside the state file of this configuration.", valueName: "file"))
    var config: String?

    @Option(name: .long, help: ArgumentHelp("Do not ask a running router: the tokens are beside this state file.", valueName: "file"))
    var stateFile: String?

    func validate() throws {
        guard router.socket != nil || router.url != nil, config != nil || stateFile != nil else { return }
        throw ValidationError("name a running router by --socket or --url, or its files by --config or --state-file, not both")
    }

    /// The answer of a running router, or what `offline` makes of the files when none runs.
    func ask(
        _ method: String, _ path: String, body: String? = nil, offline: (TokenFiles) throws(TokenRefusal) -> JSONTree
    ) throws -> JSONTree {
        if config == nil, stateFile == nil, let answer = try router.askIfThere(method, path, body: body) { return answer }
        let files = try TokenFiles(config: config, stateFile: stateFile)
        do throws(TokenRefusal) { return try offline(files) } catch {
            switch error {
            case .notKept: throw ExitStatus.inputOutput.refusing(error.description)
            default: throw ExitStatus.usage.refusing(error.description)
            }
        }
    }
}

extension RouterOptions {
    /// As `ask`; nil when no router was named and none answers.
    fileprivate func askIfThere(_ method: String, _ path: String, body: String? = nil) throws -> JSONTree? {
        guard socket == nil, url == nil else { return try ask(method, path, body: body) }
        let reply: AdminReply
        do throws(AdminTrouble) { reply = try ownClient.request(method, path, body: body) } catch {
            if case .notThere = error { return nil }
            throw ExitStatus.unavailable.refusing(error.words)
        }
        return try Self.tree(of: reply, to: path)
    }
}

extension SettingFlags {
    /// The settings of a file, or of the usual ones.
    static func loadFile(_ config: String?) throws -> LoadedSettings {
        do throws(ConfigurationRefused) { return try SettingsLoader(environment: Environment.variables).load(file: config) } catch {
            throw error.exitCode.refusing(error.problems.map(\.description))
        }
    }
}

/// The tokens while no router runs.
struct TokenFiles {
    private let file: TokenFile
    private let configured: [Token]
    private var made: [Token]
    private let limit: Int
    private let listen: [String]

    /// Claims the files until this process ends, and reads them.
    init(config: String?, stateFile: String?) throws {
        let loaded = try SettingFlags.loadFile(config)
        let state = stateFile ?? loaded.settings.stateFile ?? ConfigurationFiles.stateFile(Environment.variables)
        guard let state, !state.isEmpty else {
            throw ExitStatus.unavailable.refusing(
                "no router answers, and there is no file for tokens: name the state file with --state-file, or set HOME")
        }
        do throws(ConfigurationRefused) { configured = try ConfiguredTokens.read(loaded) } catch {
            throw error.exitCode.refusing(error.problems.map(\.description))
        }
        guard StateFile(path: state).claim() == nil else {
            throw ExitStatus.unavailable.refusing(
                "a router that uses \(state) is running, but not asked: leave --config and --state-file out, or name its admin socket with"
                    + " --socket")
        }
        FileTree.giveToFolderOwner(state + ".lock")
        file = TokenFile(besideState: state)
        limit = loaded.settings.router.limits.tokens
        listen = loaded.settings.clientListeners.filter { !$0.expectsProxyHeader }.compactMap(\.address)
        let found: TokenFile.Found
        do throws(StateFile.Unreadable) { found = try file.read() } catch { throw error.exitStatus.refusing(error.reason) }
        switch found {
        case .tokens(let tokens): made = tokens
        case .damaged(let reason, movedTo: nil):
            throw ExitStatus.badData.refusing("the token file \(file.path) is damaged, \(reason): move it away; its tokens are lost")
        case .damaged(let reason, let aside?):
            made = []
            Descriptor.error.write(
                "plugboard: the token file \(file.path) is damaged, \(reason). It was moved to \(aside); its tokens do not count.\n")
        }
    }

    private var table: TokenTable { TokenTable(configured: configured, made: made) }
    private var now: WallTime { WallTime(milliseconds: WallClock.milliseconds) }

    var path: String { file.path }

    func list() -> JSONTree {
        JSONTree { text in text.object { $0.member("tokens") { $0.array { for token in table.tokens { view(token).write(into: &$0) } } } } }
    }

    func show(_ name: String) throws(TokenRefusal) -> JSONTree {
        guard let token = table[name] else { throw .unknown(name) }
        return JSONTree { view(token).write(into: &$0) }
    }

    func add(_ body: JSONTree) throws(TokenRefusal) -> JSONTree {
        let now = now
        let wish = try TokenWish(body.members, at: now)
        if let refusal = table.refusal(ofName: wish.name, limit: limit, at: now) { throw refusal }
        var entropy = Entropy()
        let secret = TokenSecret(entropy.bytes(TokenSecret.byteCount))
        let token = wish.token(secret.digest, at: now)
        try keep(table.made(with: token, limit: limit, at: now), "token \(token.name) is not made")
        return JSONTree { NewToken(view(token), secret, at: listen).write(into: &$0) }
    }

    func revoke(_ name: String) throws(TokenRefusal) -> JSONTree {
        if table.isConfigured(name) { throw .isConfigured(name) }
        let shown = try show(name)
        try keep(made.filter { $0.name != name }, "token \(name) is not revoked")
        return shown
    }

    private func view(_ token: Token) -> TokenView { TokenView(token, isConfigured: table.isConfigured(token.name), sessions: 0, at: now) }

    private func keep(_ tokens: [Token], _ otherwise: String) throws(TokenRefusal) {
        if let reason = file.write(TokenDocument.encoded(tokens)) { throw .notKept("\(otherwise): \(reason)") }
        FileTree.giveToFolderOwner(file.path)
    }
}

extension JSONTree {
    /// The tree of a text that is written now.
    init(_ write: (inout JSONText) -> Void) {
        var text = JSONText()
        write(&text)
        self = JSONTree(text.bytes) ?? .null
    }
}
