// The built-in catalogue: the facts of all protocols, in the order in which they are tried.
// Must not be read when no transport is on: it is parsed once, when it is first needed.

enum Builtin {
    static let catalogue = Catalogue(CatalogueText(text).protocols)

    static var text: String {
        [
            BuiltinCommon.text,
            BuiltinSatisfyer.text,
            BuiltinKnown.text,
            BuiltinJoyHub.text,
            BuiltinAtoF.text,
            BuiltinGalaku.text,
            BuiltinGtoL.text,
            BuiltinMtoR.text,
            BuiltinS.text,
            BuiltinTtoZ.text,
        ].joined(separator: "\n")
    }
}
