package report_test

import (
	"fmt"

	"github.com/henrylee2cn/teleport/conformance/report"
)

func ExampleHexDump() {
	fmt.Print(report.HexDump([]byte{0, 0, 0, 6, 'f', 0}, []report.Field{{Name: "size", At: 0, Len: 4}, {Name: "proto", At: 4, Len: 1}}))
	// Output:
	//   000000  size   00 00 00 06
	//   000004  proto  66
	//   000005         00
}
