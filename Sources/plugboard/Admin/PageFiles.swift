// The files of the page, as they are compiled into the program.
// Must not know what is in them.

import Admin

enum PageFiles {
    private static let html = "text/html; charset=utf-8"
    private static let js = "text/javascript; charset=utf-8"
    private static let css = "text/css; charset=utf-8"
    private static let svg = "image/svg+xml"

    /// Every file in `Page`; a test compares the two.
    static let all: [PageFile] = [
        PageFile(path: "/page/api.js", type: js, bytes: PackageResources.api_js),
        PageFile(path: "/page/app.js", type: js, bytes: PackageResources.app_js),
        PageFile(path: "/page/apps.js", type: js, bytes: PackageResources.apps_js),
        PageFile(path: "/page/board.js", type: js, bytes: PackageResources.board_js),
        PageFile(path: "/page/cells.js", type: js, bytes: PackageResources.cells_js),
        PageFile(path: "/page/chart.js", type: js, bytes: PackageResources.chart_js),
        PageFile(path: "/page/client.js", type: js, bytes: PackageResources.client_js),
        PageFile(path: "/page/consents.js", type: js, bytes: PackageResources.consents_js),
        PageFile(path: "/page/devices.js", type: js, bytes: PackageResources.devices_js),
        PageFile(path: "/page/dom.js", type: js, bytes: PackageResources.dom_js),
        PageFile(path: "/page/feed.js", type: js, bytes: PackageResources.feed_js),
        PageFile(path: "/page/guests.js", type: js, bytes: PackageResources.guests_js),
        PageFile(path: "/page/header.js", type: js, bytes: PackageResources.header_js),
        PageFile(path: "/page/icon.svg", type: svg, bytes: PackageResources.icon_svg),
        PageFile(path: "/", type: html, bytes: PackageResources.index_html),
        PageFile(path: "/page/lane.js", type: js, bytes: PackageResources.lane_js),
        PageFile(path: "/page/lazylist.js", type: js, bytes: PackageResources.lazylist_js),
        PageFile(path: "/page/model.js", type: js, bytes: PackageResources.model_js),
        PageFile(path: "/page/notes.js", type: js, bytes: PackageResources.notes_js),
        PageFile(path: "/page/panel.js", type: js, bytes: PackageResources.panel_js),
        PageFile(path: "/page/stop.js", type: js, bytes: PackageResources.stop_js),
        PageFile(path: "/page/style.css", type: css, bytes: PackageResources.style_css),
        PageFile(path: "/page/operator.js", type: js, bytes: PackageResources.operator_js),
        PageFile(path: "/page/words.js", type: js, bytes: PackageResources.words_js),
    ]
}
