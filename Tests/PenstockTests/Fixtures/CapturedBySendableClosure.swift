#if PENSTOCK_FIXTURE

    import Penstock

    func fixture(_ producer: any PushProducer) -> @Sendable () -> Void {
        { producer.pauseProducing() }
    }

#endif
