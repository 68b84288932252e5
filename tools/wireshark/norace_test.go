//go:build !race

package wireshark_test

// underRace is true under the race detector, where reading tshark's JSON takes ten times as long.
const underRace = false
