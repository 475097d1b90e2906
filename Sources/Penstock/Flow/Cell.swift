/// A value behind a pointer, for what a class of this package touches with every element.
///
/// The compiler checks every access to a stored property of a class for overlaps at run time, which costs more than the step
/// itself. Here that check is not needed: each access is one call of a method of a value that never calls out
/// (``FlowControl`` is built that way, and so is a deque) and in which no element is destroyed, so no two can overlap.
@usableFromInline
package struct Cell<Value: ~Copyable>: ~Copyable {
    @usableFromInline let pointer: UnsafeMutablePointer<Value>

    @inlinable
    package init(_ value: consuming Value) {
        pointer = .allocate(capacity: 1)
        pointer.initialize(to: value)
    }

    @inlinable
    deinit {
        pointer.deinitialize(count: 1)
        pointer.deallocate()
    }

    @inlinable package var value: Value {
        @inline(__always) _read { yield pointer.pointee }
        @inline(__always) nonmutating _modify { yield &pointer.pointee }
    }
}
