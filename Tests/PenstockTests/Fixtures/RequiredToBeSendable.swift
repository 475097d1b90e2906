#if PENSTOCK_FIXTURE

    import Penstock

    func needsSendable(_ value: some Sendable) {}

    func fixture(_ map: Map<Int, Int>) {
        needsSendable(map)
    }

#endif
