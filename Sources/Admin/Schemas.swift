// JSON schemas of what the admin interface reads and writes.
// Must match `Views` and `AdminCall`; a test holds answers against them.

enum Schemas {
    private static let outputType =
        #"{"enum":["Vibrate","Rotate","Oscillate","Constrict","Temperature","Led","Spray","Position","HwPositionWithDuration"]}"#

    static let all = general + tokens

    private static let general: [(String, String)] = [
        (
            "Health",
            #"{"type":"object","required":["status"],"properties":{"status":{"enum":["ok","ready","not ready"]},"reasons":{"type":"array","items":{"type":"string"}}}}"#
        ),
        ("Text", #"{"type":"string"}"#),
        ("Document", #"{"type":"object","required":["openapi","paths"]}"#),
        ("Nothing", #"{"description":"Is not read: a stop must not fail because of its form."}"#),
        ("Stop", #"{"type":"object","required":["emergency_stop"],"properties":{"emergency_stop":{"type":"boolean"}}}"#),
        ("Scan", #"{"type":"object","required":["scanning"],"properties":{"scanning":{"type":"boolean"}}}"#),
        (
            "ScanRequest",
            #"{"type":"object","properties":{"for":{"type":"string","pattern":"^(([1-9][0-9]?|[1-5][0-9][0-9]|600)s|([1-9]|10)m)$"}},"additionalProperties":false}"#
        ),
        ("SessionID", #"{"type":"object","required":["id"],"properties":{"id":{"type":"string"}}}"#),
        ("DeviceIndex", #"{"type":"object","required":["index"],"properties":{"index":{"type":"integer"}}}"#),
        (
            "Reload",
            #"{"type":"object","required":["needs_restart"],"properties":{"needs_restart":{"type":"array","items":{"type":"string"}}}}"#
        ),
        ("RuleList", #"{"type":"object","required":["rules"],"properties":{"rules":{"type":"array","items":{"type":"string"}}}}"#),
        (
            "Problem",
            #"{"type":"object","required":["type","title","status","detail"],"properties":{"type":{"type":"string"},"title":{"type":"string"},"status":{"type":"integer"},"detail":{"type":"string"}}}"#
        ),
        ("Status", status), ("Session", session), ("SessionList", list("sessions", "Session")), ("SessionPatch", patch),
        ("Device", device), ("DeviceList", list("devices", "Device")), ("Lane", lane), ("LaneList", list("lanes", "Lane")),
        ("Upstream", upstream), ("UpstreamList", list("upstreams", "Upstream")),
        ("Consent", consent), ("ConsentList", list("consents", "Consent")), ("ConsentAnswer", consentAnswer),
        ("ConsentAnswered", consentAnswered), ("RememberedConsentList", rememberedConsents),
    ]

    static func list(_ name: String, _ element: String) -> String {
        ##"{"type":"object","required":["\##(name)","next"],"properties":{"\##(name)":{"type":"array","items":{"$ref":"#/components/schemas/\##(element)"}},"next":{"type":["string","null"]}}}"##
    }

    private static let status = """
        {"type":"object","required":["name","version","commit","pid","uptime","emergency_stop","ending","scanning","listeners","sessions","consents","devices",\
        "lanes","messages","messages_per_second","writes"],"properties":{"name":{"type":"string"},"version":{"type":"string"},"commit":\
        {"type":"string"},"pid":{"type":"integer"},"uptime":{"type":"number"},"emergency_stop":{"type":"boolean"},"ending":{"type":"boolean"},"scanning":\
        {"type":"boolean"},"listeners":{"type":"array","items":{"type":"string"}},"sessions":{"type":"integer"},"consents":{"type":"integer"},"devices":{"type":"integer"},\
        "lanes":{"type":"integer"},"messages":{"type":"integer"},"messages_per_second":{"type":"number"},"writes":{"type":"integer"}}}
        """

    private static let session = """
        {"type":"object","required":["id","client","version","address","local","listener","origin","token","connected","role","priority","gain","cap","mute",\
        "stop_scope","rule","patched"],"properties":{"id":{"type":"string"},"client":{"type":["string","null"]},"version":{"type":\
        ["integer","null"]},"address":{"type":"string"},"local":{"type":"boolean"},"listener":{"type":"string"},"origin":{"type":["string","null"]},"token":{"type":["string","null"]},"connected":\
        {"type":"number"},"role":{"enum":["controller","observer"]},"priority":{"type":"integer","minimum":0,"maximum":200},"gain":\
        {"type":"number","minimum":0,"maximum":1},"cap":{"type":"number","minimum":0,"maximum":1},"mute":{"type":"boolean"},"stop_scope":\
        {"enum":["own","global","estop"]},"rule":{"type":["integer","null"]},"patched":{"type":"boolean"}}}
        """

    private static let patch = """
        {"type":"object","properties":{"priority":{"type":"integer","minimum":0,"maximum":200},"gain":{"type":"number","minimum":0,\
        "maximum":1},"cap":{"type":"number","minimum":0,"maximum":1},"role":{"enum":["controller","observer"]},"mute":{"type":"boolean"}},\
        "additionalProperties":false}
        """

    private static let device = """
        {"type":"object","required":["index","name","display_name","backend","gap_ms","features","writes","failures",\
        "latency_ms"],"properties":{"index":\
        {"type":"integer"},"name":{"type":"string"},"display_name":{"type":["string","null"]},"backend":{"type":"string"},"gap_ms":\
        {"type":"integer"},"features":{"type":"array","items":{"type":"object","required":["index","description","outputs","inputs"]}},\
        "writes":{"type":"integer"},"failures":{"type":"integer"},"latency_ms":{"description":"Of the answers to writes in the last minute.",\
        "anyOf":[{"type":"null"},{"type":"object","required":["p50","p99","max"],"properties":{"p50":{"type":"number"},"p99":\
        {"type":"number"},"max":{"type":"number"}}}]}}}
        """

    private static let lane = """
        {"type":"object","required":["device","feature","type","value","max","winner","written","contributions","lease","held_off"],\
        "properties":{"device":{"type":"integer"},"feature":{"type":"integer"},"type":{"anyOf":[{"type":"null"},\(outputType)]},"value":\
        {"type":"integer"},"max":{"type":"integer"},"winner":{"type":["string","null"]},"written":{"anyOf":[{"type":"null"},{"type":"object",\
        "required":["type","value"]}]},"contributions":{"type":"array","items":{"type":"object","required":["session","type","value","scaled",\
        "priority"]}},"lease":{"anyOf":[{"type":"null"},{"type":"object","required":["session","kind","until"]}]},"held_off":{"type":"number"}}}
        """

    private static let upstream = """
        {"type":"object","required":["url","state","devices","reconnects"],"properties":{"url":{"type":"string"},"state":{"enum":["connected",\
        "connecting","waiting"]},"devices":{"type":"integer"},"reconnects":{"type":"integer"}}}
        """
}
