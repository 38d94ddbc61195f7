// `plugboard completions`: what a shell needs to complete the commands and flags.
// Must not know them; the parser makes the script from the commands there are.

import ArgumentParser
import Platform
import UV

struct CompletionsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "completions", abstract: "Prints the completions for a shell.",
        discussion: """
            Where they belong; a new shell knows them:
              plugboard completions bash > \\
                ~/.local/share/bash-completion/completions/plugboard
              plugboard completions zsh > ~/.zfunc/_plugboard
              plugboard completions fish > ~/.config/fish/completions/plugboard.fish

            For zsh, ~/.zshrc needs fpath=(~/.zfunc $fpath) before compinit. Packages bring them along.
            """)

    enum Shell: String, CaseIterable, ExpressibleByArgument { case bash, zsh, fish }

    @Argument(help: "bash, zsh or fish.")
    var shell: Shell

    func run() {
        let kind: CompletionShell =
            switch shell {
            case .bash: .bash
            case .zsh: .zsh
            case .fish: .fish
            }
        Descriptor.output.write(Plugboard.completionScript(for: kind) + "\n")
    }
}
