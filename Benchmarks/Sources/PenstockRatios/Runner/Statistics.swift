/// The median of some values, the mean of the middle two if their number is even; nil if there is none.
func median(_ values: [Double]) -> Double? {
    guard !values.isEmpty else { return nil }
    let sorted = values.sorted()
    let middle = sorted.count / 2
    return sorted.count.isMultiple(of: 2) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
}

/// The smallest of the sorted values that at least `share` of them do not exceed; nil if there is none.
func quantile(_ share: Double, ofSorted values: [Double]) -> Double? {
    guard !values.isEmpty else { return nil }
    let rank = (share * Double(values.count)).rounded(.up)
    return values[min(max(Int(rank) - 1, 0), values.count - 1)]
}

/// A number with a fixed number of decimal places.
func decimal(_ value: Double, places: Int) -> String {
    guard value.isFinite, abs(value) < 1e15 else { return "\(value)" }
    var scale = 1
    for _ in 0..<places { scale *= 10 }
    let scaled = Int((abs(value) * Double(scale)).rounded())
    let sign = value < 0 && scaled > 0 ? "-" : ""
    guard places > 0 else { return "\(sign)\(scaled)" }
    let fraction = String(scaled % scale)
    return "\(sign)\(scaled / scale)." + String(repeating: "0", count: places - fraction.count) + fraction
}

/// A number with about three significant digits.
func significant(_ value: Double) -> String {
    switch abs(value) {
    case 100...: decimal(value, places: 0)
    case 10..<100: decimal(value, places: 1)
    case 1..<10: decimal(value, places: 2)
    case 0: "0"
    default: decimal(value, places: 4)
    }
}

/// Text padded with spaces to a width.
func padded(_ text: String, to width: Int, right: Bool = false) -> String {
    let spaces = String(repeating: " ", count: max(0, width - text.count))
    return right ? spaces + text : text + spaces
}
