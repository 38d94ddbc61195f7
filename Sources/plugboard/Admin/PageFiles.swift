// The files of the page, as they are compiled into the program.
// Must not know what is in them.

import Admin

enum PageFiles {
    static let all: [PageFile] = []
}
