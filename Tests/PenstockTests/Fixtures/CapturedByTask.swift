#if PENSTOCK_FIXTURE

    import Penstock

    func fixture(_ consumer: any Consumer<Int>) {
        Task { consumer.write(1) }
        consumer.write(2)
    }

#endif
