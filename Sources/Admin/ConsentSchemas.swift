// JSON schemas of those who wait to be let in, and of the answers.
// Must match `AdminCall+Consent`; a test holds answers against them.

extension Schemas {
    static let consentAnswer =
        #"{"type":"object","required":["answer"],"properties":{"answer":{"enum":["approve","deny"]},"always":{"type":"boolean"}},"additionalProperties":false}"#

    static let consentAnswered =
        #"{"type":"object","required":["id","answer","always"],"properties":{"id":{"type":"string"},"answer":{"enum":["approve","deny"]},"always":{"type":"boolean"}}}"#

    static let consent = """
        {"type":"object","required":["id","client","version","address","local","listener","origin","token","asked","left","rule","role","priority",\
        "gain","cap","mute","stop_scope","rate_limit","devices_allow","devices_deny"],"properties":{"id":{"type":"string"},"client":\
        {"type":"string"},"version":{"type":"integer"},"address":{"type":"string"},"local":{"type":"boolean"},"listener":{"type":"string"},"origin":\
        {"type":["string","null"]},"token":{"type":["string","null"]},"asked":{"type":"number"},"left":{"type":"number","minimum":0},"rule":\
        {"type":["integer","null"]},"role":{"enum":["controller","observer"]},"priority":{"type":"integer","minimum":0,"maximum":200},\
        "gain":{"type":"number","minimum":0,"maximum":1},"cap":{"type":"number","minimum":0,"maximum":1},"mute":{"type":"boolean"},\
        "stop_scope":{"enum":["own","global","estop"]},"rate_limit":{"type":["integer","null"]},"devices_allow":{"type":["array","null"],\
        "items":{"type":"string"}},"devices_deny":{"type":"array","items":{"type":"string"}}}}
        """

    static let rememberedConsents = """
        {"type":"object","required":["remembered"],"properties":{"remembered":{"type":"array","items":{"type":"object","required":["client",\
        "token","answer"],"properties":{"client":{"type":"string"},"token":{"type":["string","null"]},"answer":{"enum":["approve",\
        "deny"]}}}}}}
        """
}
