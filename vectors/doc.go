// Package vectors holds the golden vectors of the Teleport wire standard: small cases of bytes on a wire, each with the
// verdict that a conforming implementation must reach. The cases are JSON files, one an area, so that they serve any
// language; this package embeds them for Go.
//
//	cases, err := vectors.All()
//	for _, c := range cases {
//		wire, err := c.WireBytes() // recipes are expanded
//		...                        // decode wire, compare with c.Packet, or with c.Error, c.Stage and c.Offset
//	}
//
// README.md beside the files explains every field, with a runner in pseudo-code. The package imports nothing but the
// standard library, and none of its functions changes what it returned before: all are safe for concurrent use, and
// what they return must be taken as read-only.
package vectors
