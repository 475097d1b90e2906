import PenstockTesting

/// Every transport in memory of the package that the suite runs on; a new one is one line more.
enum TransportSubjects: String, CaseIterable, Sendable {
    case reference, testTransport, testTransportWithOverhead, duplexLeft, duplexRight

    var suite: TransportSuite<[UInt8]> {
        switch self {
        case .reference: ReferenceTransport.suite()
        case .testTransport: TestTransportSubject.suite(overhead: 0)
        case .testTransportWithOverhead: TestTransportSubject.suite(overhead: 64)
        case .duplexLeft: DuplexSubject.left
        case .duplexRight: DuplexSubject.right
        }
    }
}
