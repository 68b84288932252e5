// Command coverage says how much of the decoders the fuzz targets reach with their seeds and their corpus.
//
//	go run ./fuzz/coverage                  # what is committed
//	go run ./fuzz/coverage CACHE...         # and the inputs of these folders, such as $(go env GOCACHE)/fuzz/<module>/fuzz
//	go run ./fuzz/coverage -list            # and each statement that is not reached, with the reason
//
// For each room of decoders only the targets count that attack it. Functions that no bytes of a peer lead to are left out
// by name (see outside in unreached.go). What is not reached in the others must be explained (unexplained statements,
// and explanations of what is reached or not there, make the exit code 1).
package main
