import ArgumentParser

struct ServeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Serves random numbers or a file to whoever connects.",
        discussion: """
            Example:
              penstock serve numbers --listen 127.0.0.1:1234
            """,
        subcommands: [ServeNumbersCommand.self, ServeFileCommand.self]
    )
}
