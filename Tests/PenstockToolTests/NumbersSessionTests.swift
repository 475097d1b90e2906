import NIOCore
import Penstock
import PenstockNIO
import Testing

@testable import PenstockTool

extension ToolTests {
    /// The line protocol of the numbers server, in memory.
    @Suite struct NumbersSessionTests {
        private let scheduler = ManualScheduler()
        private let server: Duplex<ByteBuffer>
        private let client: Duplex<ByteBuffer>
        private let session: NumbersSession
        private let answers: Collector<ByteBuffer>

        init() throws {
            let marks = Watermarks(low: 2000, high: 4000)
            (server, client) = Duplex.pair(marks: marks, weight: { $0.weight }, scheduler: scheduler)
            session = NumbersSession(transport: server, chunkSize: 600, scheduler: scheduler)
            answers = Collector(cap: 1 << 20, scheduler: scheduler)
            try client.attach(to: answers)
            session.start()
        }

        private var lines: [String] {
            var all = ByteBuffer()
            for chunk in answers.elements { all.writeImmutableBuffer(chunk) }
            return String(buffer: all).split(separator: "\r\n", omittingEmptySubsequences: false).map(String.init)
        }

        private let question = "How many random integers do you want?"
        private let complaint = "That is not a whole number from 0 to 1000000000000."

        private func send(_ text: String) {
            client.write(ByteBuffer(string: text))
        }

        @Test("asks, sends as many as were asked for, and finishes", arguments: ["3\r\n", "3\n", " 3 \n", "0003\n"])
        func answers(request: String) {
            send(request)
            scheduler.runUntilIdle(turns: 1000)
            #expect(lines.first == question)
            #expect(lines.count == 5 && lines.last == "")
            for line in lines[1...3] { #expect((0...9999).contains(Int(line) ?? -1)) }
            #expect(answers.end?.isOrderly == true)
        }

        @Test("an unterminated last line counts")
        func unterminated() {
            send("2")
            client.finishWriting()
            scheduler.runUntilIdle(turns: 1000)
            #expect(lines.count == 4)
            #expect(answers.end?.isOrderly == true)
        }

        @Test("lines that came meanwhile are answered one after another, and nothing after that")
        func pipelined() {
            send("1000\n2\n3\n4")
            scheduler.runUntilIdle(turns: 100_000)
            // The last one has no end, and none came before the answers ended.
            #expect(lines.count == 1 + 1005 + 1)
            #expect(answers.end?.isOrderly == true)
        }

        @Test("no number wanted: finishes at once")
        func none() {
            send("0\n")
            scheduler.runUntilIdle(turns: 1000)
            #expect(lines == [question, ""])
            #expect(answers.end?.isOrderly == true)
        }

        @Test(
            "what is no number gets a line that says so, and the question again",
            arguments: ["", "x", "-1", "1.5", "1000000000001", "99999999999999999999999", "1 2", "\u{663}"]
        )
        func invalid(text: String) {
            send(text + "\n")
            scheduler.runUntilIdle(turns: 1000)
            #expect(lines == [question, complaint, question, ""])
            #expect(answers.end == nil)
            send("1\n")
            scheduler.runUntilIdle(turns: 1000)
            #expect(lines.count == 5)
            #expect(answers.end?.isOrderly == true)
        }

        @Test("a line of 1 KiB is taken, a longer one gets an error line and the end", arguments: [1024, 1025])
        func longLine(length: Int) {
            send(String(repeating: "0", count: length) + "\n")
            scheduler.runUntilIdle(turns: 1000)
            #expect(lines == (length == 1024 ? [question, ""] : [question, "A line has at most 1024 bytes.", ""]))
            #expect(answers.end?.isOrderly == true)
        }

        @Test("the most that can be asked for is begun, and stops when the client is gone")
        func most() {
            send("1000000000000\n")
            answers.gate.hold(.owner)
            scheduler.runUntilIdle(turns: 1000)
            #expect(server.gate.flow.isPaused)
            #expect(server.gate.flow.peak <= 4000 + 600 + entryOverhead)
            client.abort(.aborted)
            scheduler.runUntilIdle(turns: 1000)
            #expect(scheduler.isIdle)
            #expect(session.gate.end != nil)
        }

        @Test("a client that sends and never reads is held up")
        func floodOfNonsense() {
            answers.gate.hold(.owner)
            for _ in 0..<10_000 where client.gate.flow.hasRoom {
                for _ in 0..<50 { send("x\n") }
                scheduler.runUntilIdle(turns: 1000)
            }
            #expect(!client.gate.flow.hasRoom)
            #expect(server.gate.flow.level < 8000)
        }

        @Test("shutdown sends an idle client away and completes what is under way")
        func shutdown() {
            scheduler.runUntilIdle(turns: 1000)
            answers.gate.hold(.owner)
            send("5000\n")
            scheduler.runUntilIdle(turns: 1000)
            session.shutdown()
            #expect(server.gate.flow.phase == .open)
            answers.gate.release(.owner)
            scheduler.runUntilIdle(turns: 10_000)
            #expect(lines.count == 5002)
            #expect(answers.end?.isOrderly == true)
        }

        @Test("shutdown while nothing is asked")
        func shutdownIdle() {
            scheduler.runUntilIdle(turns: 1000)
            session.shutdown()
            scheduler.runUntilIdle(turns: 1000)
            #expect(lines == [question, ""])
            #expect(answers.end?.isOrderly == true)
        }
    }
}
