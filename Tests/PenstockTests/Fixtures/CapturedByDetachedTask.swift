#if PENSTOCK_FIXTURE

    import Penstock

    func fixture(_ buffer: Buffer<Int>) {
        Task.detached { buffer.write(1) }
        buffer.write(2)
    }

#endif
