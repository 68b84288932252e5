// Package vectorgen builds the golden vectors and checks them.
//
// The builders, one file an area, put the bytes of each case together with the byte builders of
// [github.com/henrylee2cn/teleport/conformance/oracle] and state the expected packet, or the expected class, stage and
// offset, by hand: nothing is copied from what the oracle answers. [Check] then asks the oracle, and any other
// [Implementation] that it is given, and reports where they disagree. Building is deterministic: no clock, no random
// numbers, no compressor.
package vectorgen
