import Penstock
import PenstockNIO

/// Remembers objects without keeping them, to find out which of them outlive what they were for; lives on an event loop.
final class Remains {
    private struct Entry {
        var name: String
        weak var object: AnyObject?
    }

    private var entries: [Entry] = []

    /// What is still there.
    var alive: [String] { entries.compactMap { $0.object == nil ? nil : $0.name } }

    var count: Int { entries.count }

    func remember(_ name: String, _ object: AnyObject) {
        entries.append(Entry(name: name, object: object))
    }
}
