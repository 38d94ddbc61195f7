// What counts as one address.

import Testing

@testable import Host

@Suite struct AddressGroupTests {
    @Test(
        "an IPv6 network of 64 bits counts as one address, an IPv4 address and a word as themselves, in every spelling",
        arguments: [
            ("1.2.3.4", "1.2.3.4", true), ("1.2.3.4", "1.2.3.5", false), ("10.0.0.1", "10.0.0.2", false),
            ("2001:db8::1", "2001:DB8:0:0:ffff::", true), ("2001:db8::1:2:3:4:5", "2001:db8:0:1::1", true),
            ("2001:db8:1:2::1", "2001:0db8:0001:2:ffff::9", true), ("2001:db8:1:2::1", "2001:db8:1:3::1", false),
            ("2001:db8::", "2001:db8:1::", false), ("::1", "::2", true), ("0:0:0:0:0:0:0:1", "::", true), ("0.0.0.0", "::", false),
            ("::ffff:1.2.3.4", "1.2.3.4", true), ("::ffff:102:304", "1.2.3.4", true), ("::ffff:1.2.3.4", "::ffff:1.2.3.5", false),
            ("64:ff9b::1.2.3.4", "64:ff9b::", true), ("fe80::1%eth0", "fe80::2%eth1", true), ("fe80::1", "::", false),
            ("unix", "forwarded", false), ("forwarded", "::", false), ("1:2", "1:2:3", false), ("::x", "::", false),
        ])
    func groups(a: String, b: String, areOne: Bool) { #expect((AddressGroup(a) == AddressGroup(b)) == areOne) }
}
