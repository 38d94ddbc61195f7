// The models that are known, for `plugboard devices --supported`.
// Must not know the catalogue's text.

import Hardware
import JSON

enum SupportedDevices {
    static var rows: [SupportedModel] { SupportedModels.rows }

    /// `[{"protocol":…,"model":…,"features":…,"verified":true},…]`.
    static func json(_ rows: [SupportedModel]) -> String {
        var text = JSONText()
        text.array { list in
            for row in rows {
                list.object {
                    $0.member("protocol", row.protocolName)
                    $0.member("model", row.model)
                    $0.member("features", row.features)
                    $0.member("verified", row.isVerified)
                }
            }
        }
        return text.string + "\n"
    }
}
