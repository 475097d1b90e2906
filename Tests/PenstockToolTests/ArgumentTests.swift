import ArgumentParser
import Foundation
import NIOCore
import Penstock
import PenstockNIO
import Testing

@testable import PenstockTool

extension ToolTests {
    @Suite struct ArgumentTests {
        @Test(
            "sizes",
            arguments: [
                ("0", 0), ("4096", 4096), ("10k", 10240), ("1M", 1 << 20), ("2G", 2 << 30), ("7K", 7168),
            ]
        )
        func size(text: String, bytes: Int) {
            #expect(ByteSize(argument: text)?.bytes == bytes)
        }

        @Test(
            "what is no size",
            arguments: ["", "k", "-1", "1.5M", "1T", "99999999999999999999", "9999999999G", "1 k"]
        )
        func noSize(text: String) {
            #expect(ByteSize(argument: text) == nil)
        }

        @Test("marks: the low one is half the high one unless it is given")
        func marks() throws {
            #expect(try FlowOptions.parse(["--high", "10k"]).marks.low == 5120)
            #expect(try FlowOptions.parse(["--high", "10k", "--low", "1"]).marks.low == 1)
            #expect(throws: (any Error).self) { try FlowOptions.parse(["--high", "1", "--low", "2"]) }
            #expect(throws: (any Error).self) { try FlowOptions.parse(["--chunk", "0"]) }
        }

        @Test("every command has an example in its help")
        func help() {
            let commands: [any ParsableCommand.Type] = [
                PenstockCommand.self, DemoCommand.self, ServeCommand.self, ServeNumbersCommand.self,
                ServeFileCommand.self,
                RelayCommand.self, FetchCommand.self,
            ]
            for command in commands {
                let help = PenstockCommand.helpMessage(for: command)
                #expect(help.contains("Example") || help.contains("  penstock demo"), "\(help)")
            }
        }

        @Test("the help shows each default as people write it")
        func defaults() {
            func help(_ command: any ParsableCommand.Type) -> String {
                PenstockCommand.helpMessage(for: command, columns: 200)
            }
            #expect(help(ServeNumbersCommand.self).contains("(default: 127.0.0.1:1234)"))
            #expect(help(ServeFileCommand.self).contains("(default: 127.0.0.1:1235)"))
            #expect(help(FetchCommand.self).contains("(default: 64k)"))
        }

        @Test("an error of the system is told in the system's words")
        func words() {
            let error = IOError(errnoCode: ECONNRESET, reason: "read(descriptor:pointer:size:)")
            let reason = EndReason(.lost, error: error, detail: "it ended")
            #expect(reason.words == "lost: it ended (Connection reset by peer)")
            #expect(EndReason.finished.words == "finished")
        }

        @Test("figures")
        func figures() {
            #expect(Figures.bytes(1023) == "1023 B")
            #expect(Figures.bytes(1536) == "1.5 KiB")
            #expect(Figures.bytes(64 << 20) == "64.0 MiB")
            #expect(Figures.bytes(131_136) == "128 KiB")
            #expect(Figures.grouped(1_234_567) == "1,234,567")
            #expect(Figures.grouped(-1000) == "-1,000")
            #expect(Figures.count(1, "byte") == "1 byte")
            #expect(Figures.count(1234, "byte") == "1,234 bytes")
            #expect(Figures.fixed(0.049, 1) == "0.0")
            #expect(Figures.fixed(12.25, 2) == "12.25")
            #expect(Figures.seconds(.milliseconds(950)) == "0.9 s" || Figures.seconds(.milliseconds(950)) == "1.0 s")
        }

        @Test("the checksum does not depend on how the bytes are cut, but on every one of them")
        func digest() {
            let bytes = (0..<1000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
            var whole = Digest()
            whole.update(ByteBuffer(bytes: bytes))
            for cut in [1, 3, 7, 8, 9, 64, 333] {
                var digest = Digest()
                for start in stride(from: 0, to: bytes.count, by: cut) {
                    digest.update(ByteBuffer(bytes: bytes[start..<min(start + cut, bytes.count)]))
                }
                #expect(digest == whole)
                #expect(digest.description == whole.description)
            }
            var altered = bytes
            altered.swapAt(500, 501)
            var other = Digest()
            other.update(ByteBuffer(bytes: altered))
            #expect(other.description != whole.description)
        }
    }
}
