extension SimulationScript {
    /// A random world with random steps.
    init(seed: UInt64, steps count: Int, hasSubject: Bool) {
        var random = SeededRandom(seed: seed)
        let world = SimulationWorld(&random, hasSubject: hasSubject)
        var steps: [SimulationStep] = []
        steps.reserveCapacity(count)
        for (index, node) in world.nodes.enumerated() where node.target != nil && random.chance(85) {
            steps.append(SimulationStep(.attach, index, random.chance(85) ? 0 : 1))
        }
        for meter in world.meters.indices {
            for node in world.nodes.indices where random.chance(60) && world.allows(meter, at: node) {
                steps.append(SimulationStep(.add, node, meter))
            }
        }
        // Ends come seldom, or most histories would be short.
        let ends = random.below(4)
        while steps.count < count { steps.append(SimulationStep(&random, world, ends: ends)) }
        self.init(world: world, steps: steps)
    }
}

extension SimulationWorld {
    fileprivate init(_ random: inout SeededRandom, hasSubject: Bool) {
        let count = 1 + random.below(4)
        while nodes.count < count {
            let index = nodes.count
            let low = random.below(4)
            var node = Node(kind: .buffer, low: low, high: low + random.below(4))
            switch random.below(index == 0 ? 11 : 22) {
            case 0...4: node.kind = .buffer
            case 5...7: node.kind = .reader
            case 8: node.kind = .null
            case 9:
                node.kind = .collector
                node.high = node.low + random.below(40)
            case 10: node.kind = .transport
            case 11...14: node.kind = .map
            case 15...16: node.kind = .adapter
            case 17...18: node.kind = .framer
            default: node.kind = .duplex
            }
            if hasSubject, index == 0 || random.chance(20) && !node.kind.isSource { node.kind = .subject }
            if node.kind.isSource { node.target = random.chance(70) ? index - 1 : random.below(index) }
            if random.chance(15), node.kind != .subject { node.limit = node.high + random.below(8) }
            nodes.append(node)
            if node.kind == .duplex, random.chance(50) {
                nodes.append(Node(kind: .back, low: node.low, high: node.high, limit: nil, target: random.below(index)))
            }
        }
        if random.chance(40) {
            let low = random.below(5)
            meters.append(Meter(kind: .account, low: low, high: low + random.below(6)))
        }
        if random.chance(25) {
            meters.append(Meter(kind: .bucket, low: 1 + random.below(200), high: 1 + random.below(8)))
        }
        if random.chance(30) { meters.append(Meter(kind: .spy)) }
        if random.chance(20) { share = 1 + random.below(12) }
    }
}

extension SimulationWorld {
    /// A credit that is smaller than a line would stop the producer that brings the rest of the line.
    fileprivate func allows(_ meter: Int, at node: Int) -> Bool {
        meters.indices.contains(meter) && (meters[meter].kind != .account || nodes[node].kind != .framer)
    }
}

extension SimulationStep {
    fileprivate init(_ random: inout SeededRandom, _ world: SimulationWorld, ends: Int) {
        let node = random.below(world.nodes.count)
        let isInside = random.chance(25)
        switch random.below(isInside ? 92 : 100) {
        case 0...21:
            self.init(
                .write,
                node,
                random.chance(5) ? 0 : 1 + random.below(world.nodes[node].kind == .framer ? 7 : 4),
                random.below(4)
            )
        case 22...25: self.init(.writeAll, node, random.below(5), random.below(4))
        case 26...47:
            let place = random.chance(60) ? 0 : node
            if world.nodes[place].kind == .transport {
                self.init(.kernel, place, 1 + random.below(5))
            } else {
                self.init(.take, place)
            }
        case 48...53: self.init(.hold, node, random.below(2))
        case 54...61: self.init(.release, node, random.below(2))
        case 62...68: self.init(.push, node, random.below(6), 1 + random.below(3))
        case 69...73: self.init(.pull, node, random.below(6), random.below(4))
        case 74...77: self.init(.unregister, node)
        case 78...80: self.init(.marks, node, random.below(4), random.below(4))
        case 81...82: self.init(.attach, node, random.below(2))
        case 83...86:
            let meter = world.meters.isEmpty ? 0 : random.below(world.meters.count)
            let verb: SimulationVerb = random.chance(50) ? .add : .remove
            if world.allows(meter, at: node) { self.init(verb, node, meter) } else { self.init(.take, node) }
        case 87...91:
            switch random.below(16) {
            case ..<ends: self.init(.finish, node)
            case 4..<4 + ends: self.init(.fail, node)
            case 8..<8 + ends: self.init(.abort, node)
            case 12..<12 + ends: self.init(.breaks, node)
            default:
                if world.nodes[node].kind == .transport, random.chance(30) {
                    self.init(.lose, node)
                } else {
                    self.init(.write, node, 1, 1)
                }
            }
        case 92...94: self.init(.turn)
        case 95...97: self.init(.rest)
        default: self.init(.advance, random.below(80))
        }
        guard isInside else { return }
        let spy = world.meters.lastIndex { $0.kind == .spy }
        if let spy, random.chance(10) {
            // A meter expresses a wish as a hold, and nothing else.
            self.init(random.chance(50) ? .hold : .release, node, 2)
            signal = random.chance(50) ? .accepted : .drained
            place = spy
            return
        }
        place = random.below(world.nodes.count)
        switch random.below(20) {
        case 0...5: signal = .pause
        case 6...9: signal = .resume
        case 10...12: signal = .ask
        case 13...14: signal = .stop
        case 15: signal = .ended
        case 16: signal = .done
        default:
            switch world.nodes[place].kind {
            case .reader: signal = .readable
            case .map: signal = .transform
            case .null: signal = .element
            default: signal = .pause
            }
        }
    }
}
