package cli

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"

	"github.com/spf13/cobra"

	tp "github.com/henrylee2cn/teleport/reference"
	"github.com/henrylee2cn/teleport/tools/teleport/service"
)

func newServe() *cobra.Command {
	var network, listen string
	var verbose bool
	c := &cobra.Command{
		Use:   "serve",
		Short: "serve a peer that offers the conformance service",
		Long: `serve runs the reference peer with the conformance service (chapter 19 of the standard) until it is
interrupted. It prints one line, "listening on tcp ADDRESS", when it is ready. A PULL of
/conformance/echo is answered with the body bytes and the codec that it carried.`,
		Example: `  teleport serve --listen 127.0.0.1:9090
  teleport pull 127.0.0.1:9090 /conformance/echo '{"a":1}'`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if !verbose {
				tp.SetRawlogLevel("OFF")
			}
			return serve(cmd.Context(), network, listen, func(addr net.Addr) {
				fmt.Fprintf(cmd.OutOrStdout(), "listening on %s %s\n", addr.Network(), addr)
			})
		},
	}
	c.Flags().StringVar(&network, "network", "tcp", "tcp, tcp4, tcp6 or unix")
	c.Flags().StringVar(&listen, "listen", "127.0.0.1:0", "the address; port 0 picks a free one")
	c.Flags().BoolVarP(&verbose, "verbose", "v", false, "log each call")
	return c
}

// serve offers the conformance service until ctx ends. ready is called once, with the address.
func serve(ctx context.Context, network, listen string, ready func(net.Addr)) error {
	ln, err := net.Listen(network, listen)
	if err != nil {
		return harnessf("%w", err)
	}
	peer := service.New(tp.PeerConfig{Network: network})
	defer peer.Close()
	stop := context.AfterFunc(ctx, func() { ln.Close() })
	defer stop()
	ready(ln.Addr())
	var sessions sync.WaitGroup
	defer sessions.Wait()
	for {
		conn, err := ln.Accept()
		if errors.Is(err, net.ErrClosed) && ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return harnessf("accepting: %w", err)
		}
		sessions.Go(func() {
			if _, err := peer.ServeConn(conn); err != nil {
				conn.Close()
			}
		})
	}
}
