import Penstock

/// C9.3: elements that come from another isolation domain.
extension ProducerSuite {
    var crossing: [Check] {
        [
            Check("its consumer takes nothing: what is on the way is bounded") { trial in
                let held = try trial.heldAcross()
                let bound = try trial.alive().heldAtMost + producer.skid
                try trial.needs(bound + 1)
                try trial.start()
                for _ in 0..<20 { try await trial.pass(.milliseconds(100)) }
                try trial.expect(held() <= bound, "\(held()) elements are on the way, more than \(bound)")
                try trial.expect(held() > 0, "nothing is on the way, although everything is still to come")
            },
            Check("its consumer pauses, and that crosses: no more than the bound is produced") { trial in
                let held = try trial.heldAcross()
                let bound = try trial.alive().heldAtMost + producer.skid
                try trial.needs(bound + 3)
                try trial.start()
                trial.probe.want(2)
                for _ in 0..<20 { try await trial.pass(.milliseconds(100)) }
                let count = trial.probe.received.count
                let allowed = 2...(2 + producer.skid)
                let skid = producer.skid
                try trial.expect(allowed ~= count, "2 elements were wanted, \(count) came, and the skid is \(skid)")
                try trial.expect(held() <= bound, "\(held()) elements are on the way, more than \(bound)")
            },
            Check("its consumer resumes, and that crosses: everything comes, in order", times: options.randomOrders) {
                trial in
                _ = try trial.heldAcross()
                try trial.start()
                for _ in 0..<(4 * trial.expected.count) {
                    switch trial.dice.below(4) {
                    case 0: trial.probe.holdBack()
                    case 1: await trial.clock.runTurn()
                    case 2: try await trial.settle()
                    default: trial.probe.want(1 + trial.dice.below(3))
                    }
                }
                try await trial.takeAll()
                try trial.expectWhole()
                try trial.expect(trial.probe.isOver, "everything has come, and it is still registered")
            },
            Check("its consumer ends, and that crosses: nothing more is produced") { trial in
                _ = try trial.heldAcross()
                try trial.needs(4)
                try trial.start()
                trial.probe.want(1)
                try await trial.pass(.milliseconds(100))
                trial.probe.end(.cancelled)
                for _ in 0..<20 { try await trial.pass(.milliseconds(100)) }
                guard let isReleased = try trial.alive().isReleased else { return }
                try trial.expect(isReleased(), "its far side goes on, although the stream has ended")
            },
            Check("its far side fails, and that crosses, behind the elements, with the original error") { trial in
                _ = try trial.heldAcross()
                try await trial.exchangeForFailing()
                try trial.start()
                try await trial.takeAll()
                try trial.expectWhole()
                let isFailure = try trial.alive().isFailure
                let errors = trial.probe.failures
                try trial.expect(
                    errors.count == 1 && isFailure(errors[0]),
                    "its consumer was failed with \(errors.isEmpty ? "nothing" : "\(errors)")"
                )
            },
        ]
    }
}

extension ProducerTrial {
    /// What is on the way between the two domains.
    fileprivate func heldAcross() throws -> () -> Int {
        guard subject.skid > 0 else { throw NotApplicable("it is on the event loop of its consumer: its skid is 0") }
        guard let held = try alive().held else {
            throw TrialFailure("it crosses from another domain, and does not tell what is on the way")
        }
        return held
    }
}
