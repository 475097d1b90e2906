import Penstock

/// The push producer of a simulated world: strict, with a supply that it writes while it is running; or, in front of a
/// stage, only strict.
final class SimulatedPush: PushProducer, ProducerStandIn {
    private unowned let node: SimulatedNode
    private let census: SimulationCensus
    private let stage: (any PushProducer)?
    /// The node whose source this stands before.
    private let source: SimulatedNode?
    private var supply: Int
    private let weight: Int
    private(set) var isRunning = true

    init(node: SimulatedNode, supply: Int, weight: Int) {
        self.node = node
        self.supply = supply
        self.weight = weight
        stage = nil
        source = nil
        census = node.run.census
        census.producers += 1
    }

    init(node: SimulatedNode, stage: any PushProducer, source: SimulatedNode) {
        self.node = node
        self.stage = stage
        self.source = source
        supply = 0
        weight = 1
        census = node.run.census
        census.producers += 1
    }

    deinit { census.producers -= 1 }

    var isStage: Bool { stage != nil }

    func stands(before other: SimulatedNode) -> Bool { source === other }

    func letGo() { (stage as? any ProducerStandIn)?.letGo() }

    func pauseProducing() {
        node.pausing(self)
        isRunning = false
        if let source {
            source.isOpen = false
            source.wasPausedInTransform = source.isTransforming
            stage?.pauseProducing()
        }
        node.run.react(.pause, at: node.index)
        node.signalled()
    }

    func resumeProducing() {
        node.resuming(self)
        isRunning = true
        if let source {
            source.isOpen = true
            stage?.resumeProducing()
        }
        produce()
        node.run.react(.resume, at: node.index)
        node.signalled()
    }

    func stopProducing(_ reason: EndReason) {
        let wasRegistered = node.stopping(self)
        isRunning = false
        if let source {
            source.cutShort()
            stage?.stopProducing(reason)
            source.wasCutShort()
        }
        node.run.react(.stop, at: node.index)
        if wasRegistered { node.stopped() }
    }

    /// Writes as long as it may.
    func produce() {
        while isRunning, supply > 0, node.push === self, !node.run.isBroken {
            supply -= 1
            node.run.write(to: node, weight: weight, ending: 1)
        }
    }
}

/// The pull producer of a simulated world: strict, with a supply of prompt answers.
final class SimulatedPull: PullProducer {
    private unowned let node: SimulatedNode
    private let census: SimulationCensus
    private var supply: Int
    private let weight: Int

    init(node: SimulatedNode, supply: Int, weight: Int) {
        self.node = node
        self.supply = supply
        self.weight = weight
        census = node.run.census
        census.producers += 1
    }

    deinit { census.producers -= 1 }

    func resumeProducing() {
        node.asking(self)
        if supply > 0, !node.run.isBroken {
            supply -= 1
            node.run.write(to: node, weight: weight, ending: 1)
        }
        node.run.react(.ask, at: node.index)
        node.asked()
    }

    func stopProducing(_ reason: EndReason) {
        let wasRegistered = node.stopping(self)
        node.run.react(.stop, at: node.index)
        if wasRegistered { node.stopped() }
    }
}

/// How many producers there are, wherever they are held.
final class SimulationCensus {
    var producers = 0
}
