// Package machines runs state machines: sequences of commands that gopter invents, done to a live
// system and to a small pure model of it, which must agree after every command. What it finds it
// shrinks, and it prints the line that replays it.
//
//	func TestCounter_AsItsModel(t *testing.T) {
//		machines.Check(t, 30, commandsOfTheCounter) // sequences of up to 30 commands
//	}
//
// Its own tests hold the reference peer against models: a session that is called, cut, redialed,
// closed and shut down, in memory and on virtual time; the router against a map; the pending table
// (in the reference's own room). They run 500 sequences each, 2,000 with TELEPORT_LONG=1 and 10,000
// with TELEPORT_NIGHTLY=1. Each sequence has a seed of its own: TELEPORT_SEED runs that one alone.
package machines
