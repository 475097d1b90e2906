import Glibc

/// Why a measurement could not be made.
package struct MeasurementError: Error, CustomStringConvertible {
    /// The reason, in words.
    package let description: String

    /// Creates an error with a reason.
    package init(_ description: String) {
        self.description = description
    }

    /// The error a system call left behind, with the name of the call.
    package static func system(_ call: String) -> MeasurementError {
        MeasurementError("\(call): \(String(cString: strerror(errno)))")
    }
}
