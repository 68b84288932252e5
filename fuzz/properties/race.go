//go:build race

package properties

// underRace tells that the race detector is on: it makes a test ten times as long, so there are fewer.
const underRace = true
