package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	tp "github.com/henrylee2cn/teleport/reference"
	"github.com/henrylee2cn/teleport/reference/packet"
	"github.com/henrylee2cn/teleport/tools/teleport/refimpl"
)

// watchFlags are the flags of watch.
type watchFlags struct {
	callFlags
	json  bool
	count int
}

func newWatch() *cobra.Command {
	var f watchFlags
	c := &cobra.Command{
		Use:   "watch ADDRESS [URI [DATA]]",
		Short: "print the PUSHes that come",
		Long: `watch connects and prints the PUSHes that come over the connection, in their order, until it is
interrupted (exit code 0) or the other side goes (3). With URI it sends that PULL first, as who
subscribes does; an error reply ends it (1). ` + dataHelp + `

Each PUSH is a line: its uri, a tab, and its body as compact JSON, text, or hex. With --json it is
a packet object, as decode --json prints it. --timeout bounds the connecting and the PULL.`,
		Example: `  teleport watch 127.0.0.1:9090 /topic/subscribe '"weather"'
  teleport watch --unix /run/teleport.sock --json --count 1`,
		Args: f.args(0),
		RunE: func(cmd *cobra.Command, args []string) error { return f.watch(cmd, args) },
	}
	f.add(c, "log each call")
	c.Flags().BoolVar(&f.json, "json", false, "print one JSON packet object a line")
	c.Flags().IntVarP(&f.count, "count", "n", 0, "end after so many PUSHes; 0: never")
	return c
}

func (f *watchFlags) watch(cmd *cobra.Command, args []string) error {
	ctx, cancel, err := f.begin(cmd)
	if err != nil {
		return err
	}
	defer cancel()
	if f.count < 0 {
		return usagef("--count %d: expected 0 (never) or more", f.count)
	}
	c, err := f.packet(args, cmd.InOrStdin())
	if err != nil {
		return err
	}
	cfg, pf, err := f.config()
	if err != nil {
		return err
	}
	peer := tp.NewPeer(cfg)
	defer closeSoon(peer)
	peer.PushRouter.SetUnknown(func(tp.UnknownPushCtx) {}) // it was printed already
	events := peer.Subscribe(8)
	defer events.Close()
	printed := &printer{w: cmd.OutOrStdout(), json: f.json, left: f.count, done: make(chan error, 1)}
	sess, rerr := peer.DialContext(ctx, c.addr, tapped(pf, printed.print))
	if rerr != nil {
		return f.notDialed(ctx, c.addr, rerr)
	}
	if c.uri != "" {
		if _, err := f.pull(ctx, sess, c, nil); err != nil {
			if cmd.Context().Err() != nil {
				return nil // interrupted
			}
			select {
			case err := <-printed.done: // as many as were wanted came before the reply
				return err
			default:
				return err
			}
		}
	}
	return f.wait(cmd.Context(), c.addr, printed.done, events)
}

// wait waits for the first of what ends the watching.
func (f *watchFlags) wait(interrupted context.Context, addr string, done <-chan error, events *tp.Subscription) error {
	for {
		select {
		case err := <-done:
			return err
		case <-interrupted.Done():
			return nil
		case ev := <-events.Events():
			if ev.State != tp.SessionClosed {
				continue
			}
			select {
			case err := <-done: // the last one came with the end
				return err
			default:
				return harnessf("%s: the connection ended: %w", addr, ev.Cause)
			}
		}
	}
}

// printer prints PUSHes, on the connection's one reader.
type printer struct {
	w    io.Writer
	json bool
	left int // 0: without end; -1: no more

	done chan error // gets one value: all that were wanted are printed, or cannot be
}

func (p *printer) print(in *packet.Packet) {
	if p.left < 0 {
		return
	}
	var err error
	switch body := in.RawBody(); {
	case p.json:
		err = json.NewEncoder(p.w).Encode(refimpl.Object(in))
	case len(body) == 0:
		_, err = fmt.Fprintln(p.w, printable(in.Uri()))
	default:
		_, err = fmt.Fprintf(p.w, "%s\t%s\n", printable(in.Uri()), oneLine(in.BodyCodec(), body))
	}
	switch {
	case err != nil:
		p.left = -1
		p.done <- harnessf("writing: %w", err)
	case p.left == 1:
		p.left = -1
		p.done <- nil
	case p.left > 1:
		p.left--
	}
}
