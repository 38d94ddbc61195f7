// The OpenAPI 3.1 document, made from the table of routes.
// Must not list a path that is not in the table.

import JSON

enum OpenAPI {
    static func document(_ routes: [Route]) -> JSONText {
        var text = JSONText(capacity: 32 * 1_024)
        text.object {
            $0.member("openapi", "3.1.0")
            $0.member("info") {
                $0.object {
                    $0.member("title", "Plugboard admin interface")
                    $0.member("version", "1")
                    $0.member("summary", "Who drives what, and how to stop it.")
                }
            }
            $0.member("paths") { $0.object { paths(routes, &$0) } }
            $0.member("components") {
                $0.object {
                    $0.member("schemas") { $0.object { for (name, schema) in Schemas.all { $0.member(named: name) { $0.raw(schema) } } } }
                }
            }
        }
        return text
    }

    private static func paths(_ routes: [Route], _ text: inout JSONText) {
        var names: [String] = []
        for route in routes where !names.contains(route.path) { names.append(route.path) }
        for name in names {
            text.member(named: name) {
                $0.object { for route in routes where route.path == name { operation(route, &$0) } }
            }
        }
    }

    private static func operation(_ route: Route, _ text: inout JSONText) {
        text.member(named: route.method.lowercased()) {
            $0.object {
                $0.member("summary", route.summary)
                $0.member("operationId", route.method.lowercased() + route.path.filter { $0.isLetter || $0.isNumber })
                if !route.parameters.isEmpty || !route.query.isEmpty { $0.member("parameters") { $0.array { parameters(route, &$0) } } }
                if let body = route.body {
                    $0.member("requestBody") {
                        $0.object {
                            $0.member("required", route.needsBody)
                            $0.member("content") { $0.object { content("application/json", body, &$0) } }
                        }
                    }
                }
                $0.member("responses") { $0.object { responses(route, &$0) } }
            }
        }
    }

    private static func parameters(_ route: Route, _ text: inout JSONText) {
        for name in route.parameters {
            text.object {
                $0.member("name", name)
                $0.member("in", "path")
                $0.member("required", true)
                $0.member("schema") { $0.raw(#"{"type":"string","minLength":1}"#) }
            }
        }
        for parameter in route.query {
            text.object {
                $0.member("name", parameter.name)
                $0.member("in", "query")
                $0.member("description", parameter.meaning)
                $0.member("schema") { $0.raw(parameter.schema) }
            }
        }
    }

    private static func responses(_ route: Route, _ text: inout JSONText) {
        text.member(named: "\(route.success.status)") {
            $0.object {
                $0.member("description", "Done.")
                $0.member("content") { $0.object { content(route.success.type, route.success.schema, &$0) } }
            }
        }
        let common = route.method == "GET" ? [400] : [400, 403, 409, 415]
        for status in Set(route.problems + common).sorted() {
            let isHealth = route.path == "/readyz" && status == 503
            text.member(named: "\(status)") {
                $0.object {
                    $0.member("description", "See detail.")
                    $0.member("content") {
                        $0.object {
                            content(isHealth ? "application/json" : "application/problem+json", isHealth ? "Health" : "Problem", &$0)
                        }
                    }
                }
            }
        }
    }

    private static func content(_ type: String, _ schema: String, _ text: inout JSONText) {
        text.member(named: type) {
            $0.object { $0.member("schema") { $0.object { $0.member("$ref", "#/components/schemas/\(schema)") } } }
        }
    }
}
