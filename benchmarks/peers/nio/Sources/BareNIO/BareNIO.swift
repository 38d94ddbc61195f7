// The peer a Swift user would otherwise pick: a bare WebSocket server on SwiftNIO that finds the Id in each text and answers Ok.
// A greeting and a fixed list of eight devices make a Buttplug client content. Must not do more than `peers/c`: no session, no devices. One event loop. Prints `ready ws://127.0.0.1:PORT`.

import Glibc
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOWebSocket

@main
enum BareNIO {
    static func main() throws {
        let port = CommandLine.arguments.count > 1 ? Int(CommandLine.arguments[1]) ?? 0 : 0
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let upgrader = NIOWebSocketServerUpgrader(
            shouldUpgrade: { channel, _ in channel.eventLoop.makeSucceededFuture(HTTPHeaders()) },
            upgradePipelineHandler: { channel, _ in
                channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(Answers()) }
            })
        let channel = try ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 4096)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.pipeline.configureHTTPServerPipeline(
                    withServerUpgrade: (upgraders: [upgrader], completionHandler: { _ in }))
            }
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .bind(host: "127.0.0.1", port: port).wait()
        // Straight to the descriptor: `print` would keep it until the buffer is full.
        let ready = Array("ready ws://127.0.0.1:\(channel.localAddress?.port ?? port)\n".utf8)
        _ = write(STDOUT_FILENO, ready, ready.count)
        try channel.closeFuture.wait()
    }
}

/// Finds the Id and answers Ok; one flush per read.
private final class Answers: ChannelInboundHandler {
    typealias InboundIn = WebSocketFrame
    typealias OutboundOut = WebSocketFrame

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var frame = unwrapInboundIn(data)
        switch frame.opcode {
        case .text:
            if let key = frame.maskKey { frame.data.webSocketUnmask(key) }
            answer(frame.data, context)
        case .connectionClose:
            let close = WebSocketFrame(fin: true, opcode: .connectionClose, data: context.channel.allocator.buffer(capacity: 0))
            let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
            context.writeAndFlush(wrapOutboundOut(close)).whenComplete { _ in bound.value.close(promise: nil) }
        case .ping:
            context.write(wrapOutboundOut(WebSocketFrame(fin: true, opcode: .pong, data: frame.unmaskedData)), promise: nil)
        default: break
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) { context.flush() }

    private func answer(_ text: ByteBuffer, _ context: ChannelHandlerContext) {
        let id: Substring = text.withUnsafeReadableBytes { bytes in
            let mark = Array("\"Id\":".utf8)
            var index = 0
            while index + mark.count < bytes.count {
                if bytes[index] == mark[0], bytes[index + 1] == mark[1], bytes[index + 2] == mark[2], bytes[index + 3] == mark[3],
                    bytes[index + 4] == mark[4]
                {
                    let digits = bytes[(index + 5)...].prefix { $0 >= 48 && $0 <= 57 }
                    return String(decoding: digits, as: UTF8.self)[...]
                }
                index += 1
            }
            return "0"
        }
        var reply = context.channel.allocator.buffer(capacity: 40)
        if text.getInteger(at: text.readerIndex + 3, as: UInt8.self) == UInt8(ascii: "R"), let words = introduction(text, id) {
            reply.writeString(words)
        } else {
            reply.writeString("[{\"Ok\":{\"Id\":\(id)}}]")
        }
        context.write(wrapOutboundOut(WebSocketFrame(fin: true, opcode: .text, data: reply)), promise: nil)
    }

    /// ServerInfo or the list of devices; nil: the request is neither.
    private func introduction(_ text: ByteBuffer, _ id: Substring) -> String? {
        let request = String(buffer: text)
        if request.hasPrefix("[{\"RequestServerInfo") {
            return #"[{"ServerInfo":{"Id":\#(id),"ServerName":"Bare SwiftNIO","MaxPingTime":0,"#
                + #""ProtocolVersionMajor":4,"ProtocolVersionMinor":0}}]"#
        }
        guard request.hasPrefix("[{\"RequestDeviceList") else { return nil }
        let features = (0..<2).map {
            #""\#($0)":{"FeatureIndex":\#($0),"FeatureDescription":"","Output":{"Vibrate":{"Value":[0,100]}}}"#
        }.joined(separator: ",")
        let devices = (0..<8).map {
            #""\#($0)":{"DeviceName":"Fixed","DeviceIndex":\#($0),"DeviceMessageTimingGap":0,"DeviceFeatures":{\#(features)}}"#
        }.joined(separator: ",")
        return #"[{"DeviceList":{"Id":\#(id),"Devices":{\#(devices)}}}]"#
    }
}
