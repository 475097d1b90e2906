import ArgumentParser
import PenstockNIO

extension StreamAddress {
    /// Reads an argument; what is wrong with it goes into the error.
    static func argument(_ text: String) throws -> StreamAddress {
        do throws(StreamAddressError) { return try StreamAddress(text) } catch {
            throw ValidationError(error.description)
        }
    }
}
