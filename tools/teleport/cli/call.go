package cli

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	tp "github.com/henrylee2cn/teleport/reference"
	"github.com/henrylee2cn/teleport/reference/codec"
	"github.com/henrylee2cn/teleport/reference/packet"
	"github.com/henrylee2cn/teleport/reference/socket"
	"github.com/henrylee2cn/teleport/reference/xfer"
)

// callFlags are what pull and push have in common.
type callFlags struct {
	network, codec, pipe string
	meta                 []string
	hexData              bool
	timeout              time.Duration
	verbose              bool
}

func (f *callFlags) add(c *cobra.Command) {
	c.Flags().StringVar(&f.network, "network", "tcp", "tcp, tcp4, tcp6 or unix")
	c.Flags().StringVar(&f.codec, "codec", "json", "the body codec: json, string or protobuf")
	c.Flags().StringVar(&f.pipe, "pipe", "", "the transfer filters by their letters, outer-most first: g for gzip")
	c.Flags().StringArrayVarP(&f.meta, "meta", "m", nil, "a metadata pair KEY=VALUE; may be given again")
	c.Flags().BoolVar(&f.hexData, "hex", false, "DATA is hex")
	c.Flags().DurationVar(&f.timeout, "timeout", 10*time.Second, "give up after this long")
	c.Flags().BoolVarP(&f.verbose, "verbose", "v", false, "log each call, and print the reply's metadata")
}

const dataHelp = `DATA is the body: JSON under --codec json, else text or, with --hex, bytes. @FILE takes it from a file,
- from standard input; without DATA the body is empty.`

func newPull() *cobra.Command {
	var f callFlags
	c := &cobra.Command{
		Use:   "pull ADDRESS URI [DATA]",
		Short: "send a PULL and print the reply",
		Long:  "pull sends one PULL and prints the body of its reply. " + dataHelp,
		Example: `  teleport pull 127.0.0.1:9090 '/group/home/test?peer_id=call-1' '{"a":1}' -m set=0 --pipe g
  teleport pull 127.0.0.1:9090 /conformance/echo hello --codec string`,
		Args: callArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			return f.call(cmd, args, func(sess tp.Session, data any, settings []socket.PacketSetting) error {
				var reply packet.RawBody
				done := sess.AsyncPull(args[1], data, &reply, make(chan *tp.PullCmd, 1), settings...)
				select {
				case <-done.Done():
				case <-time.After(f.timeout):
					return harnessf("no reply to %s after %v", args[1], f.timeout)
				}
				if rerr := done.Rerror(); rerr != nil {
					return failf("%s: %w", args[1], rerr)
				}
				return f.print(cmd.OutOrStdout(), done.InputBodyCodec(), done.InputMeta(), reply)
			})
		},
	}
	f.add(c)
	return c
}

func newPush() *cobra.Command {
	var f callFlags
	c := &cobra.Command{
		Use:     "push ADDRESS URI [DATA]",
		Short:   "send a PUSH",
		Long:    "push sends one PUSH and waits until it is with the network. " + dataHelp,
		Example: `  teleport push 127.0.0.1:9090 /conformance/note '"hello"'`,
		Args:    callArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			return f.call(cmd, args, func(sess tp.Session, data any, settings []socket.PacketSetting) error {
				if rerr := sess.Push(args[1], data, settings...); rerr != nil {
					return harnessf("%s: %w", args[1], rerr)
				}
				ctx, cancel := context.WithTimeout(cmd.Context(), f.timeout)
				defer cancel()
				if err := sess.Flush(ctx); err != nil {
					return harnessf("%s: %w", args[1], err)
				}
				return nil
			})
		},
	}
	f.add(c)
	return c
}

func callArgs(cmd *cobra.Command, args []string) error {
	if len(args) < 2 || len(args) > 3 {
		return usagef("%s takes ADDRESS URI [DATA], got %d arguments", cmd.Name(), len(args))
	}
	return nil
}

// call dials, hands the session and the body to do, and closes.
func (f *callFlags) call(cmd *cobra.Command, args []string, do func(tp.Session, any, []socket.PacketSetting) error) error {
	settings, data, err := f.packet(args, cmd.InOrStdin())
	if err != nil {
		return err
	}
	if !f.verbose {
		tp.SetRawlogLevel("OFF")
	}
	peer := tp.NewPeer(tp.PeerConfig{Network: f.network, DefaultDialTimeout: f.timeout, PrintBody: true, CountTime: true})
	defer peer.Close()
	sess, rerr := peer.Dial(args[0])
	if rerr != nil {
		return harnessf("%w", rerr)
	}
	return do(sess, data, settings)
}

// packet checks what the flags and arguments say of the packet.
func (f *callFlags) packet(args []string, stdin io.Reader) (settings []socket.PacketSetting, data any, err error) {
	c, err := codec.GetByName(f.codec)
	if err != nil {
		return nil, nil, usagef("--codec: %w", err)
	}
	for _, id := range []byte(f.pipe) {
		if _, err := xfer.Get(id); err != nil {
			return nil, nil, usagef("--pipe: %w", err)
		}
	}
	settings = append(settings, socket.WithBodyCodec(c.Id()), socket.WithXferPipe([]byte(f.pipe)...))
	for _, pair := range f.meta {
		k, v, _ := strings.Cut(pair, "=")
		if k == "" {
			return nil, nil, usagef("--meta %q: expected KEY=VALUE", pair)
		}
		settings = append(settings, socket.WithAddMeta(k, v))
	}
	if len(args) < 3 {
		return settings, nil, nil
	}
	body, err := f.body(args[2], stdin)
	if err != nil {
		return nil, nil, err
	}
	if c.Id() == codec.JSONId && !json.Valid(body) {
		return nil, nil, failf("DATA is not JSON: %s (quote a string as '\"text\"', or use --codec string)", abridge(body))
	}
	return settings, packet.RawBody(body), nil
}

func (f *callFlags) body(arg string, stdin io.Reader) ([]byte, error) {
	var body []byte
	switch {
	case arg == "-":
		b, err := io.ReadAll(io.LimitReader(stdin, maxInput))
		if err != nil {
			return nil, harnessf("reading standard input: %w", err)
		}
		body = b
	case strings.HasPrefix(arg, "@"):
		b, err := os.ReadFile(arg[1:])
		if err != nil {
			return nil, usagef("%w", err)
		}
		body = b
	default:
		body = []byte(arg)
	}
	if f.hexData {
		return parseHex(string(body))
	}
	return body, nil
}

// print shows a reply's body: indented JSON, text as it is, other bytes as hex.
func (f *callFlags) print(w io.Writer, codecID byte, meta *packet.Meta, body []byte) error {
	if f.verbose {
		meta.VisitAll(func(k, v []byte) { fmt.Fprintf(w, "%s: %s\n", k, v) })
	}
	var err error
	switch {
	case len(body) == 0:
	case codecID == codec.JSONId:
		var v json.RawMessage
		if json.Unmarshal(body, &v) != nil {
			_, err = fmt.Fprintf(w, "%s\n", body)
			break
		}
		enc := json.NewEncoder(w)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", "  ")
		err = enc.Encode(v)
	case codecID == codec.StringId:
		_, err = fmt.Fprintf(w, "%s\n", body)
	default:
		_, err = fmt.Fprintln(w, hex.EncodeToString(body))
	}
	if err != nil {
		return harnessf("writing: %w", err)
	}
	return nil
}

func abridge(b []byte) string {
	if len(b) > 40 {
		return fmt.Sprintf("%q...", b[:40])
	}
	return fmt.Sprintf("%q", b)
}
