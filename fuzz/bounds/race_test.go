//go:build race

package bounds_test

// lostPools: under the race detector a sync.Pool throws away at random what it is given back, so that a pipe may
// make each of its decompressors anew.
const lostPools = 64 << 10
