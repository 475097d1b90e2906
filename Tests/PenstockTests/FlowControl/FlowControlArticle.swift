/// The tables of the article "The states of a consumer", read from the documentation catalog.
struct FlowControlArticle {
    struct Cell {
        var row: String
        var column: String
        var text: String
    }

    /// The columns in their order, of all tables together.
    private(set) var columns: [String] = []
    /// The rows of each table, by its heading.
    private(set) var rows: [(table: String, names: [String])] = []
    private(set) var cells: [Cell] = []
    /// Lines of a table with more or fewer cells than its header.
    private(set) var malformed: [String] = []

    init(_ text: String) {
        var heading = ""
        var header: [String]?
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("## ") { heading = String(line.dropFirst(3)) }
            guard line.hasPrefix("|") else {
                header = nil
                continue
            }
            let fields = line.split(separator: "|").map { field in
                String(field.drop(while: { $0 == " " }).reversed().drop(while: { $0 == " " }).reversed())
            }
            guard let known = header else {
                header = fields
                columns += fields.dropFirst()
                rows.append((heading, []))
                continue
            }
            if fields.allSatisfy({ $0 == "---" }) { continue }
            guard fields.count == known.count else {
                malformed.append(String(line))
                continue
            }
            rows[rows.count - 1].names.append(fields[0])
            for (column, cell) in zip(known, fields).dropFirst() {
                cells.append(Cell(row: fields[0], column: column, text: cell))
            }
        }
    }
}
