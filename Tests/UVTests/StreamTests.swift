// Streams: reading, writing, waiting bytes, and every way in which a connection ends.
// Must not know frames.

import LibC
import Testing
import UV

@Suite struct StreamTests {
    @Test("Bytes arrive in order and go back in order; the accepted socket has no Nagle delay.")
    func readsAndWrites() throws {
        try withLoop { loop in
            try withConnection(loop) { client, recorder in
                client.send(Array("one".utf8))
                try run(loop, until: { recorder.bytes.count == 3 })
                client.send(Array("two".utf8))
                try run(loop, until: { recorder.bytes.count == 6 })
                #expect(recorder.bytes == Array("onetwo".utf8))
                recorder.write(Array("back".utf8))
                #expect(client.read() == Array("back".utf8))
                #expect(recorder.stream?.queuedBytes == 0)
            }
        }
    }

    @Test("Every accepted TCP socket has TCP_NODELAY.")
    func hasNoDelay() throws {
        try withLoop { loop in
            try withConnection(loop) { client, _ in
                // The server's end is the socket whose peer is the client's own address.
                var own = sockaddr_in()
                var length = socklen_t(MemoryLayout<sockaddr_in>.size)
                withUnsafeMutablePointer(to: &own) {
                    _ = $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(client.descriptor, $0, &length) }
                }
                var found: Int32?
                for descriptor in Int32(3)..<1_024 where found == nil {
                    var peer = sockaddr_in()
                    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
                    let status = withUnsafeMutablePointer(to: &peer) {
                        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getpeername(descriptor, $0, &length) }
                    }
                    if status == 0, peer.sin_family == sa_family_t(AF_INET), peer.sin_port == own.sin_port { found = descriptor }
                }
                var isSet: Int32 = 0
                var size = socklen_t(4)
                let socket = try #require(found)
                #expect(getsockopt(socket, Int32(IPPROTO_TCP), TCP_NODELAY, &isSet, &size) == 0)
                #expect(isSet != 0)
            }
        }
    }

    @Test("Any number of pieces are written together as one sequence of bytes.")
    func gathers() throws {
        try withLoop { loop in
            try withConnection(loop) { client, recorder in
                let stream = try #require(recorder.stream)
                let bytes = (0..<3_000).map { UInt8(truncatingIfNeeded: $0) }
                bytes.withUnsafeBytes { all in
                    stream.write { pieces in
                        for index in all.indices { pieces.append(UnsafeRawBufferPointer(rebasing: all[index...index])) }
                    }
                }
                try run(loop, until: { stream.queuedBytes == 0 })
                var got: [UInt8] = []
                while got.count < bytes.count, let more = client.read(), !more.isEmpty { got += more }
                #expect(got == bytes)
            }
        }
    }

    @Test("Bytes that the kernel does not take wait, are counted, leave in order, and their end is reported once.")
    func queuesWhatTheKernelDoesNotTake() throws {
        try withLoop { loop in
            try withConnection(loop, readBuffer: 4_096) { client, recorder in
                let stream = try #require(recorder.stream)
                let block = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
                var sent = 0
                while stream.queuedBytes < 500_000 {
                    recorder.write(block)
                    sent += block.count
                }
                #expect(recorder.drains == 0)
                let before = stream.backlogBytesSent
                var got: [UInt8] = []
                while recorder.drains == 0, let more = client.read(), !more.isEmpty {
                    got += more
                    loop.runOnce()
                }
                #expect(stream.queuedBytes == 0)
                #expect(before < 500_000)
                while got.count < sent, let more = client.read(), !more.isEmpty { got += more }
                #expect(got.count == sent)
                #expect(got.indices.allSatisfy { got[$0] == block[$0 % block.count] })
                loop.runOnce()
                #expect(recorder.drains == 1)
            }
        }
    }

    @Test("Shutting down lets everything that was written before arrive first, then the end.")
    func shutsDownAfterTheBacklog() throws {
        try withLoop { loop in
            try withConnection(loop, readBuffer: 4_096) { client, recorder in
                let stream = try #require(recorder.stream)
                let block = [UInt8](repeating: 5, count: 100_000)
                var sent = 0
                while stream.queuedBytes < 200_000 {
                    recorder.write(block)
                    sent += block.count
                }
                stream.shutDown()
                recorder.write(block)
                var got = 0
                while let more = client.read(), !more.isEmpty {
                    got += more.count
                    loop.runOnce()
                }
                #expect(got == sent)
                client.send([1])
                try run(loop, until: { recorder.bytes == [1] })
            }
        }
    }

    @Test("The peer's half-close is an end without an error, after the last bytes; writing still works.")
    func reportsHalfClose() throws {
        try withLoop { loop in
            try withConnection(loop) { client, recorder in
                client.send([1, 2])
                client.shutDown()
                try run(loop, until: { !recorder.ends.isEmpty })
                #expect(recorder.bytes == [1, 2])
                #expect(recorder.ends == [nil])
                recorder.write([3])
                #expect(client.read() == [3])
            }
        }
    }

    @Test("A reset is an end with an error, once.")
    func reportsReset() throws {
        try withLoop { loop in
            try withConnection(loop) { client, recorder in
                client.reset()
                try run(loop, until: { !recorder.ends.isEmpty })
                #expect(recorder.ends.map { $0?.name } == ["ECONNRESET"])
                recorder.write([1])
                recorder.write([1])
                #expect(recorder.stream?.writeError != nil)
                loop.runOnce()
                #expect(recorder.ends.count == 1)
            }
        }
    }

    @Test("An owner that does not use all bytes gets the rest again on `resume`, and nothing more before.")
    func pausesAndResumes() throws {
        try withLoop { loop in
            try withConnection(loop) { client, recorder in
                let stream = try #require(recorder.stream)
                recorder.appetite = 2
                client.send([1, 2, 3, 4, 5])
                try run(loop, until: { stream.isPaused })
                client.send([6])
                loop.runOnce()
                #expect(recorder.bytes == [1, 2])
                stream.resume()
                #expect(recorder.bytes == [1, 2, 3, 4])
                #expect(stream.isPaused)
                stream.resume()
                #expect(!stream.isPaused)
                try run(loop, until: { recorder.bytes.count == 6 })
                #expect(recorder.bytes == [1, 2, 3, 4, 5, 6])
            }
        }
    }

    /// The recorder's stream, with one byte held back and with queued bytes that the client does not read.
    private func stuck(_ recorder: Recorder, _ client: Client, _ loop: Loop) throws -> ByteStream {
        let stream = try #require(recorder.stream)
        recorder.appetite = 0
        client.send([1])
        try run(loop, until: { stream.isPaused })
        while stream.queuedBytes == 0 { recorder.write([UInt8](repeating: 0, count: 100_000)) }
        return stream
    }

    @Test(
        "A stream that breaks while its owner takes nothing reports this once, hands over the bytes held back, and stops reading."
    )
    func resumesAfterTheEnd() throws {
        try withLoop { loop in
            try withConnection(loop, readBuffer: 4_096) { client, recorder in
                let stream = try stuck(recorder, client, loop)
                client.reset()
                try run(loop, until: { recorder.ends.count == 1 })
                recorder.appetite = 1
                stream.resume()
                #expect(recorder.bytes == [1])
                var isOver = false
                var turns = 0
                let timer = try Timer(on: loop) { isOver = true }
                timer.start(afterMilliseconds: 20)
                while !isOver {
                    loop.runOnce(waiting: true)
                    turns += 1
                }
                timer.close()
                #expect(turns < 10)
                #expect(recorder.ends.count == 1)
            }
        }
    }

    @Test("A stream that is closed with queued bytes and bytes held back frees everything and has no more events.")
    func closesInTheMiddle() throws {
        try withLoop { loop in
            try withConnection(loop, readBuffer: 4_096) { client, recorder in
                let stream = try stuck(recorder, client, loop)
                stream.reset()
                stream.close()
                stream.resume()
                recorder.write([1])
                loop.runOnce()
                #expect(recorder.ends.isEmpty)
                #expect(recorder.drains == 0)
            }
        }
    }
}
