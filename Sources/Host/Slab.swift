// Dense storage for the cores: one bounds check per access, no uniqueness check, no reference counting of the storage.
// Must not know what it holds.

/// A growing table of elements, addressed by small integers.
public struct Slab<Element: ~Copyable>: ~Copyable {
    @usableFromInline var base: UnsafeMutablePointer<Element>
    @usableFromInline var capacity: Int
    /// How many elements there are.
    public private(set) var count: Int = 0

    public init(capacity: Int = 8) {
        self.capacity = Swift.max(1, capacity)
        base = .allocate(capacity: self.capacity)
    }

    deinit {
        base.deinitialize(count: count)
        base.deallocate()
    }

    @inlinable public var isEmpty: Bool { count == 0 }
    @inlinable public var indices: Range<Int> { 0..<count }

    /// The element at `index`; out of bounds is a programmer's error and traps.
    @inlinable public subscript(index: Int) -> Element {
        @inline(__always) unsafeAddress {
            precondition(UInt(bitPattern: index) < UInt(bitPattern: count))
            return UnsafePointer(base + index)
        }
        @inline(__always) unsafeMutableAddress {
            precondition(UInt(bitPattern: index) < UInt(bitPattern: count))
            return base + index
        }
    }

    /// Appends an element and returns its index.
    @inlinable @discardableResult
    public mutating func append(_ element: consuming Element) -> Int {
        if count == capacity { grow() }
        (base + count).initialize(to: element)
        return bump()
    }

    @usableFromInline mutating func bump() -> Int {
        count &+= 1
        return count &- 1
    }

    @usableFromInline @inline(never) mutating func grow() {
        let fresh = UnsafeMutablePointer<Element>.allocate(capacity: capacity * 2)
        fresh.moveInitialize(from: base, count: count)
        base.deallocate()
        base = fresh
        capacity *= 2
    }

    /// Removes the last element and returns it.
    @discardableResult
    public mutating func removeLast() -> Element {
        precondition(count > 0)
        count -= 1
        return (base + count).move()
    }

    /// Moves the last element to `index` and returns what was there.
    @discardableResult
    public mutating func swapRemove(_ index: Int) -> Element {
        precondition(UInt(bitPattern: index) < UInt(bitPattern: count))
        count -= 1
        let removed = (base + index).move()
        if index != count { (base + index).moveInitialize(from: base + count, count: 1) }
        return removed
    }

    /// Lends the elements to a call that takes a buffer. The slab must not be changed meanwhile.
    @inlinable public func withUnsafeBufferPointer<Result>(_ body: (UnsafeBufferPointer<Element>) -> Result) -> Result {
        body(UnsafeBufferPointer(start: base, count: count))
    }

    /// Removes everything; the memory stays.
    public mutating func removeAll() {
        base.deinitialize(count: count)
        count = 0
    }
}
