#if PENSTOCK_FIXTURE

    import Penstock

    // The counterpart of the others: this must compile, or their failures prove nothing.
    func fixture(_ buffer: Buffer<Int>, _ producer: any PushProducer) throws {
        try buffer.registerProducer(producer)
        buffer.onReadable = { _ = buffer.take() }
        buffer.write(1)
    }

#endif
