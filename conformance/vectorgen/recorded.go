package vectorgen

import (
	"encoding/json"
	"fmt"
	"io/fs"

	"github.com/henrylee2cn/teleport/vectors"
)

// The tables recorded from the original, as far as the builders use them.

type recordedMeta struct {
	Encode []struct {
		Name       string
		Ops        []vectors.Op
		Pairs      []vectors.Pair
		Query      string
		RoundTrips bool `json:"round_trips"`
	}
	Decode []struct {
		Query     vectors.Bytes
		Pairs     []vectors.Pair
		ReEncoded string         `json:"re_encoded"`
		PeekA     *vectors.Bytes `json:"peek_a"`
		HasA      bool           `json:"has_a"`
	}
}

type recordedErrors struct {
	Encode []struct {
		Code      int32
		Message   vectors.Bytes
		Detail    vectors.Bytes
		JSON      vectors.Bytes
		MetaQuery string             `json:"meta_query"`
		Strict    bool               `json:"strict_json"`
		Decoded   vectors.ReplyError `json:"decoded_by_original"`
	}
	Decode []struct {
		JSON    vectors.Bytes
		Decoded vectors.ReplyError `json:"decoded_by_original"`
	}
}

// recorded reads one file of vectors/interop.
func recorded(name string, v any) error {
	raw, err := fs.ReadFile(vectors.FS(), "interop/"+name)
	if err == nil {
		err = json.Unmarshal(raw, v)
	}
	if err != nil {
		return fmt.Errorf("vectorgen: recorded table %s: %w", name, err)
	}
	return nil
}
