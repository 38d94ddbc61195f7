// What libFuzzer's program calls: FUZZ_TARGET in the environment names the target, "--list" in its place prints all names.
// Must not know what a target does.

import LibC

@_cdecl("LLVMFuzzerInitialize")
public func initialize(_ count: UnsafeMutablePointer<CInt>, _ list: UnsafeMutableRawPointer) -> CInt {
    let name = getenv("FUZZ_TARGET").map { String(cString: $0) } ?? "--list"
    if name == "--list" {
        for target in FuzzTarget.all { print(target.name) }
        exit(0)
    }
    guard let target = FuzzTarget.all.first(where: { $0.name == name }) else {
        print("no target \(name); FUZZ_TARGET=--list names them")
        exit(64)
    }
    FuzzTarget.chosen = target
    return 0
}

@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    FuzzTarget.chosen.run(Array(UnsafeBufferPointer(start: bytes, count: count)))
    return 0
}
