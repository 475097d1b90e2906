/// A producer that is registered in place of another, and hears when the consumer has let go of it.
///
/// Whether the object is still there does not say so: inside one of its signals the stack holds it as well.
package protocol ProducerStandIn: Producer {
    /// The registration is over; nothing may be done in here but to remember it.
    func letGo()
}
