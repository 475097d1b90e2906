#if PENSTOCK_FIXTURE

    import Penstock

    actor Elsewhere {
        func use(_ gate: Gate) { gate.finish() }
    }

    func fixture(_ gate: Gate, _ elsewhere: Elsewhere) async {
        await elsewhere.use(gate)
        gate.finish()
    }

#endif
