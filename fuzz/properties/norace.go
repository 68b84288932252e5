//go:build !race

package properties

// underRace tells that the race detector is on.
const underRace = false
