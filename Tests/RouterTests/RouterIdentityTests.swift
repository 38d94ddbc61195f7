// How routers recognize each other by their names.

import Testing

@testable import Router

@Suite struct RouterIdentityTests {
    @Test("A router is recognized by its name as a client and as a server; its plain name is not changed.")
    func recognized() {
        let router = RouterIdentity(0xABC)
        #expect(router.clientName("My [box]", secret: 0x1F) == "My [box] router 00000abc-0000001f")
        #expect(RouterIdentity(clientName: router.clientName("My [box]", secret: 0x1F)) == router)
        #expect(router.serverName("My [box]") == "My [box] [router 00000abc]")
        let long = router.clientName(String(repeating: "ä", count: 200), secret: 1)
        #expect(RouterIdentity(clientName: long) == router)
        #expect(long.utf8.count < 256)
        let taken = RouterIdentity.take(fromServerName: router.serverName("My [box]"))
        #expect(taken.name == "My [box]")
        #expect(taken.identity == router)
        #expect(RouterIdentity(1) < RouterIdentity(0x10))
    }

    @Test(
        "No other name is taken for a router.",
        arguments: [
            "", "Plugboard", "Plugboard router", "Plugboard router 12", "Plugboard router 00000abc-0000zabc",
            "x router 00000abc-00000abc-1", "router 00000abc-00000abc", "[router ]", "]",
        ])
    func others(name: String) {
        #expect(RouterIdentity(clientName: name) == nil)
        let taken = RouterIdentity.take(fromServerName: name)
        #expect(taken.name == name)
        #expect(taken.identity == nil)
    }
}
