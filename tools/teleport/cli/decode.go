package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/henrylee2cn/teleport/reference/packet"
	"github.com/henrylee2cn/teleport/tools/teleport/dump"
	"github.com/henrylee2cn/teleport/tools/teleport/refimpl"
)

func newDecode() *cobra.Command {
	var file, proto string
	var asJSON bool
	c := &cobra.Command{
		Use:   "decode [HEX...]",
		Short: "show what the bytes of a packet say",
		Long: `decode reads packets, as hex arguments, from --file or from standard input (hex or raw bytes),
and prints each field with its offset and meaning, or, with --json, one packet object a line
in the form of the golden vectors. Coalesced packets are decoded one after the other.
Bytes that the standard refuses are shown with the offending byte marked, and end with exit code 1.`,
		Example: `  teleport decode 00000018 66 00 0000000000000000 01 00000000 00000000 00
  teleport decode --json --file frame.bin | teleport encode`,
		RunE: func(cmd *cobra.Command, args []string) error {
			pf, err := protoByName(proto)
			if err != nil {
				return err
			}
			data, err := readInput(args, file, cmd.InOrStdin())
			if err != nil {
				return err
			}
			return decodeAll(cmd.OutOrStdout(), pf, data, asJSON)
		},
	}
	c.Flags().StringVarP(&file, "file", "f", "", "read the bytes (hex or raw) from this file, - for standard input")
	c.Flags().StringVar(&proto, "proto", "fast", "the Proto of the bytes: "+protoNames())
	c.Flags().BoolVar(&asJSON, "json", false, "print one JSON packet object a line")
	return c
}

func decodeAll(w io.Writer, pf packet.ProtoFunc, data []byte, asJSON bool) error {
	framer := pf(nil).(packet.Framer)
	for at, n := 0, 0; at < len(data); at += n {
		p := packet.NewPacket()
		size, err := framer.FrameLen(nil, data[at:])
		switch {
		case err != nil:
			return refused(w, data[at:], at, err, asJSON)
		case size == 0 || size > len(data)-at:
			err := &packet.Error{Class: packet.ClassShort, Stage: packet.StageFrame, Op: "decode",
				Offset: int64(len(data) - at), Err: fmt.Errorf("the input ends inside the frame: %w", io.ErrUnexpectedEOF)}
			return refused(w, data[at:], at, err, asJSON)
		}
		wire := data[at : at+size]
		if err := framer.ParseFrame(wire, p); err != nil {
			return refused(w, wire, at, err, asJSON)
		}
		n = size
		if asJSON {
			if err := json.NewEncoder(w).Encode(refimpl.Object(p)); err != nil {
				return harnessf("writing: %w", err)
			}
			continue
		}
		showPacket(w, wire, at, p)
	}
	return nil
}

func showPacket(w io.Writer, wire []byte, at int, p *packet.Packet) {
	fmt.Fprintf(w, "%s seq %d %q: %d bytes at %d\n", packet.TypeText(p.Ptype()), p.Seq(), p.Uri(), len(wire), at)
	dump.Write(w, wire, dump.Frame(wire, p), -1)
	if n := p.XferPipe().Len(); n > 0 {
		payload, err := p.XferPipe().OnUnpackLimit(wire[6+n:], int(packet.DefaultLimits().MaxPayload))
		if err != nil { // ParseFrame undid the same bytes a moment ago
			fmt.Fprintf(w, "payload: %v\n", err)
			return
		}
		fmt.Fprintf(w, "payload, the pipe undone: %d bytes\n", len(payload))
		dump.Write(w, payload, dump.Payload(wire[4], payload), -1)
	}
}

// refused prints the bytes up to the fault and gives the error as the one line of the exit.
func refused(w io.Writer, wire []byte, at int, err error, asJSON bool) error {
	var pe *packet.Error
	if errors.As(err, &pe) && !asJSON {
		mark := int(pe.Offset)
		if pe.Stage != packet.StageFrame {
			mark = -1 // counts in the payload: with a pipe, no byte of the wire stands for it
			if len(wire) > 5 && wire[5] == 0 {
				mark = 6 + int(pe.Offset)
			}
		}
		fmt.Fprintf(w, "refused: %d bytes at %d\n", len(wire), at)
		dump.Raw(w, wire, mark)
	}
	return failf("packet at byte %d: %w", at, err)
}
