import Foundation
import Penstock
import Testing

@Suite("The states of a consumer: every state, every event")
struct FlowControlTableTests {
    let article: FlowControlArticle

    init() throws {
        var root = URL(filePath: #filePath)
        for _ in 0..<4 { root.deleteLastPathComponent() }
        let file = root.appending(path: "Sources/Penstock/Penstock.docc/StatesOfAConsumer.md")
        article = FlowControlArticle(try String(contentsOf: file, encoding: .utf8))
    }

    @Test("The article has every row in every table, every column once, and nothing else")
    func isComplete() {
        #expect(article.malformed == [])
        #expect(article.columns == FlowControlColumn.allCases.map(\.rawValue))
        let rows = FlowControlRow.allCases.map(\.rawValue)
        for table in article.rows { #expect(table.names == rows, "\(table.table)") }
        #expect(article.cells.count == rows.count * FlowControlColumn.allCases.count)
    }

    @Test("Every cell of the article is what the code does", arguments: FlowControlRow.allCases)
    func holds(row: FlowControlRow) throws {
        let specimens = row.specimens
        try #require(!specimens.isEmpty, "the state does not come about")
        for cell in article.cells where cell.row == row.rawValue {
            let column = try #require(FlowControlColumn(rawValue: cell.column))
            let actual: String
            if var specimen = specimens.first(where: { column.fits($0.variant, $0.specimen) })?.specimen {
                let action = column.happen(to: &specimen)
                actual = "\(specimen.name == row.rawValue ? "=" : specimen.name) · \(action)"
            } else {
                actual = "–"
            }
            #expect(cell.text == actual, "\(cell.row) | \(cell.column)")
        }
    }
}
