package cli

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/henrylee2cn/teleport/reference/packet"
	"github.com/henrylee2cn/teleport/tools/teleport/refimpl"
	"github.com/henrylee2cn/teleport/vectors"
)

func newEncode() *cobra.Command {
	var file, proto string
	var raw bool
	c := &cobra.Command{
		Use:   "encode",
		Short: "turn the JSON of decode back into packets",
		Long: `encode reads packet objects, as decode --json prints them, from standard input or --file, and prints
each packet as a line of hex, or, with --raw, its bytes. The body is given as bytes and sent as it is.`,
		Example: `  echo '{"seq":"0","ptype":1,"uri":{"text":"/a"},"meta":[],"body_codec":115,"pipe":[],"body":{"text":"hi"}}' | teleport encode`,
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			pf, err := protoByName(proto)
			if err != nil {
				return err
			}
			in, closeIn, err := openInput(file, cmd.InOrStdin())
			if err != nil {
				return err
			}
			defer closeIn()
			return encodeAll(cmd.OutOrStdout(), pf, in, raw)
		},
	}
	c.Flags().StringVarP(&file, "file", "f", "", "read the JSON from this file, - for standard input")
	c.Flags().StringVar(&proto, "proto", "fast", "the Proto to write: "+protoNames())
	c.Flags().BoolVar(&raw, "raw", false, "write the bytes themselves instead of hex")
	return c
}

func encodeAll(w io.Writer, pf packet.ProtoFunc, in io.Reader, raw bool) error {
	dec := json.NewDecoder(io.LimitReader(in, maxInput))
	dec.DisallowUnknownFields()
	framer := pf(nil).(packet.Framer)
	for n := 0; ; n++ {
		var o vectors.Packet
		err := dec.Decode(&o)
		if errors.Is(err, io.EOF) && n > 0 {
			return nil
		}
		if errors.Is(err, io.EOF) {
			return failf("the input is empty: give a packet object as decode --json prints it")
		}
		if err != nil {
			return failf("packet object %d, near byte %d: %w", n+1, dec.InputOffset(), err)
		}
		p, err := refimpl.PacketOf(&o)
		if err != nil {
			return failf("packet object %d: %w", n+1, err)
		}
		wire, err := framer.AppendFrame(nil, p)
		if err != nil {
			return failf("packet object %d: %w", n+1, err)
		}
		if raw {
			_, err = w.Write(wire)
		} else {
			_, err = fmt.Fprintln(w, hex.EncodeToString(wire))
		}
		if err != nil {
			return harnessf("writing: %w", err)
		}
	}
}
