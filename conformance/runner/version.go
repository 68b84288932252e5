package runner

// SuiteVersion is the version of the suite, part of every report. A case's id and meaning stay; cases that are
// added raise the second number, a case that is taken away or asks for more than it did raises the first.
const SuiteVersion = "1.1"
