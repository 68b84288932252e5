package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"

	"github.com/spf13/cobra"

	tp "github.com/henrylee2cn/teleport/reference"
	"github.com/henrylee2cn/teleport/reference/plugin/stats"
	"github.com/henrylee2cn/teleport/tools/teleport/service"
)

// drainTime is how long serve waits for running calls unless --drain says something else.
const drainTime = 30 * time.Second

// serveFlags are the flags of serve.
type serveFlags struct {
	netFlags
	listen   string
	drain    time.Duration
	dial     string        // in place of listen
	patience time.Duration // of dial, until the first connection
}

func newServe() *cobra.Command {
	var f serveFlags
	c := &cobra.Command{
		Use:   "serve",
		Short: "serve a peer that offers the conformance service",
		Long: `serve runs the reference peer with the conformance service (chapter 19 of the standard) until it is
interrupted. It prints one line, "listening on tcp ADDRESS", when it is ready. A PULL of
/conformance/echo is answered with the body bytes and the codec that it carried.

SIGINT or SIGTERM ends it gracefully: nothing new is accepted, clients are asked to go, running calls
get their replies, for as long as --drain allows; what is left then is cut off, with exit code 3. A
second signal ends it at once. With -v it prints at its end what it has served.

With --dial ADDRESS it is the same service the other way round: it dials, keeps four connections open, and ends
when nobody listens there any more. ADDRESS is HOST:PORT, tcp://HOST:PORT or unix:PATH.`,
		Example: `  teleport serve --listen 127.0.0.1:9090
  teleport pull 127.0.0.1:9090 /conformance/echo '{"a":1}'
  teleport serve --listen :9443 --cert server.pem --key server.key --client-ca clients.pem
  teleport serve --unix /run/teleport.sock
  teleport serve --dial 127.0.0.1:9090`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := f.complete(cmd); err != nil {
				return err
			}
			f.logs()
			if f.dial != "" {
				return f.dialOut(cmd.Context(), cmd.OutOrStdout())
			}
			return f.serve(cmd.Context(), cmd.ErrOrStderr(), func(addr net.Addr) {
				fmt.Fprintf(cmd.OutOrStdout(), "listening on %s %s\n", addr.Network(), addr)
			})
		},
	}
	f.addListening(c)
	f.addDial(c)
	c.Flags().StringVar(&f.listen, "listen", "127.0.0.1:0", "the address; port 0 picks a free one")
	c.Flags().DurationVar(&f.drain, "drain", drainTime, "when interrupted, wait so long for running calls")
	c.Flags().BoolVarP(&f.verbose, "verbose", "v", false, "log each call, and print the counts at the end")
	return c
}

func (f *serveFlags) complete(c *cobra.Command) error {
	if f.dial != "" {
		if err := f.completeDial(c); err != nil {
			return err
		}
		return f.netFlags.complete(c)
	}
	for _, name := range []string{"ca", "server-name", "insecure", "connect-timeout"} {
		if c.Flags().Changed(name) {
			return usagef("--%s: it belongs to --dial", name)
		}
	}
	if err := f.netFlags.complete(c); err != nil {
		return err
	}
	given := c.Flags().Changed("listen")
	switch {
	case f.unix != "" && given:
		return usagef("--unix %s: it contradicts --listen %s", f.unix, f.listen)
	case f.unix != "":
		f.listen = f.unix
	case strings.HasPrefix(f.network, "unix") && !given:
		return usagef("--network %s: give the socket's path with --listen, or --unix PATH alone", f.network)
	}
	if f.tls && f.cert == "" {
		return usagef("--tls: a server needs --cert and --key")
	}
	if f.drain < 0 {
		return usagef("--drain %v: expected 0 or more", f.drain)
	}
	return nil
}

// serve offers the conformance service on plain connections until ctx ends. ready is called once, with the address.
func serve(ctx context.Context, network, listen string, ready func(net.Addr)) error {
	f := serveFlags{netFlags: netFlags{network: network, proto: "fast"}, listen: listen, drain: drainTime}
	return f.serve(ctx, io.Discard, ready)
}

// serve is the command: told gets the counts of -v.
func (f *serveFlags) serve(ctx context.Context, told io.Writer, ready func(net.Addr)) error {
	cfg, pf, err := f.config()
	if err != nil {
		return err
	}
	cfg.CountTime, cfg.CloseTimeout = f.verbose, -1 // --drain is the bound
	lis, err := tp.NewListener(cfg.Network, f.listen)
	if err != nil {
		return harnessf("%w", err)
	}
	var plugins []tp.Plugin
	if f.verbose {
		counts := stats.New(stats.Options{})
		plugins = append(plugins, counts)
		defer func() { counts.Snapshot().WriteText(told) }() // standard error: there is nowhere else to tell
	}
	peer := service.New(cfg, plugins...)
	ended := make(chan error, 1)
	go func() { ended <- peer.ServeListener(lis, pf) }() // ends with the peer
	ready(lis.Addr())
	var failed error
	select {
	case failed = <-ended:
	case <-ctx.Done():
	}
	drain, cancel := context.WithTimeout(context.Background(), f.drain)
	defer cancel()
	if failed != nil {
		return harnessf("%w", errors.Join(failed, peer.Shutdown(drain)))
	}
	var forced *tp.ShutdownError
	switch err := peer.Shutdown(drain); {
	case errors.As(err, &forced):
		return harnessf("%d sessions were cut off: their calls took longer than --drain %v", forced.Sessions, f.drain)
	case err != nil:
		return harnessf("closing: %w", err)
	}
	if err := <-ended; !errors.Is(err, tp.ErrListenClosed) {
		return harnessf("%w", err)
	}
	return nil
}
