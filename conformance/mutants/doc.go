// Package mutants judges the judge: it holds implementations of the standard that are broken in one place
// each, and names for each the case of the suite that has to see it.
//
// A [Mutant] is one fault on a clean base. The base passes everything; the mutant is killed by the case that
// it declares, and a crash counts only where the fault is a crash. A mutant that survives shows a hole in the
// suite. [All] lists the mutants, [Bases] the clean bases, [Run] puts mutants to the suite and tells what
// became of each, and [Table] orders that by requirement. `teleport conform mutants` prints it, and the
// matrix of the standard names for each MUST a mutant or an invalid vector that falsifies it.
package mutants
