//go:build !race

package bounds_test

// lostPools is what each filter of a pipe may cost for pools that lose what they are given: they keep it here.
const lostPools = 0
