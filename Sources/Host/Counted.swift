// A number with its noun, as people read it.
// Must not know nouns with a plural of their own.

/// "1 app", "2 apps", "0 apps".
package func counted(_ number: some BinaryInteger, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }
