package cli

import (
	"fmt"
	"strings"

	"github.com/henrylee2cn/teleport/reference/xfer"
)

// filterNames name the filters that need no keys; a filter registered beside them is known by its id.
var filterNames = map[byte]string{xfer.GzipId: "gzip", xfer.ZstdId: "zstd", xfer.Crc32cId: "crc32c"}

// filterList lists the filters that are registered: "c (crc32c), g (gzip), z (zstd)".
func filterList() string {
	var list []string
	for id := 1; id <= 255; id++ {
		if _, err := xfer.Get(byte(id)); err != nil {
			continue
		}
		name := filterNames[byte(id)]
		if name == "" {
			name = fmt.Sprintf("id %d", id)
		}
		list = append(list, fmt.Sprintf("%c (%s)", rune(id), name))
	}
	return strings.Join(list, ", ")
}

// checkPipe refuses a pipe with a filter that is not registered.
func checkPipe(pipe string) error {
	for _, id := range []byte(pipe) {
		if _, err := xfer.Get(id); err != nil {
			return usagef("--pipe %q: no filter %q is registered: expected some of %s", pipe, id, filterList())
		}
	}
	return nil
}
