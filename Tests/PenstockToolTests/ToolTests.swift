import Testing

/// Everything about the tool, one test at a time: most of them start processes, and the machine may be small.
@Suite(.serialized, .timeLimit(.minutes(2)))
struct ToolTests {}
