package cli

import (
	"context"
	"errors"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	tp "github.com/henrylee2cn/teleport/reference"
	"github.com/henrylee2cn/teleport/reference/packet"
	"github.com/henrylee2cn/teleport/reference/socket"
)

// callFlags are what pull, push and watch have in common.
type callFlags struct {
	netFlags
	bodyFlags
	pipe    string
	meta    []string
	timeout time.Duration
}

func (f *callFlags) add(c *cobra.Command, verbose string) {
	f.addDialing(c)
	f.bodyFlags.add(c)
	c.Flags().StringVar(&f.pipe, "pipe", "", "the transfer filters by their letters, outer-most first: "+filterList())
	c.Flags().StringArrayVarP(&f.meta, "meta", "m", nil, "a metadata pair KEY=VALUE; may be given again")
	c.Flags().DurationVar(&f.timeout, "timeout", 10*time.Second, "give up after this long, connecting included; 0: never")
	c.Flags().BoolVarP(&f.verbose, "verbose", "v", false, verbose)
}

const deadlineHelp = `

--timeout is the deadline of the whole: the other side is told how much of it is left (metadata
X-Timeout-Ms), and need not work on what nobody waits for.`

func newPull() *cobra.Command {
	var f callFlags
	c := &cobra.Command{
		Use:   "pull ADDRESS URI [DATA]",
		Short: "send a PULL and print the reply",
		Long: "pull sends one PULL and prints the body of its reply. " + dataHelp + deadlineHelp + `

Exit code 1 says that the reply is an error, 3 that no reply came.`,
		Example: `  teleport pull 127.0.0.1:9090 '/group/home/test?peer_id=call-1' '{"a":1}' -m set=0 --pipe g
  teleport pull 127.0.0.1:9090 /conformance/echo hello --codec string
  teleport pull --unix /run/teleport.sock /conformance/echo '{"a":1}'
  teleport pull localhost:9443 /conformance/echo '{"a":1}' --ca ca.pem --timeout 500ms`,
		Args: f.args(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return f.call(cmd, args, func(ctx context.Context, sess tp.Session, c *call) error {
				var reply packet.RawBody
				done, err := f.pull(ctx, sess, c, &reply)
				if err != nil {
					return err
				}
				return f.print(cmd.OutOrStdout(), done.InputBodyCodec(), f.shownMeta(done.InputMeta()), reply)
			})
		},
	}
	f.add(c, "log each call, and print the reply's metadata")
	return c
}

func newPush() *cobra.Command {
	var f callFlags
	c := &cobra.Command{
		Use:   "push ADDRESS URI [DATA]",
		Short: "send a PUSH",
		Long:  "push sends one PUSH and waits until it is with the network. " + dataHelp + deadlineHelp,
		Example: `  teleport push 127.0.0.1:9090 /conformance/note '"hello"'
  teleport push --unix /run/teleport.sock /conformance/note '"hello"' --pipe zc`,
		Args: f.args(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return f.call(cmd, args, func(ctx context.Context, sess tp.Session, c *call) error {
				if rerr := sess.PushContext(ctx, c.uri, c.data, c.settings...); rerr != nil {
					return f.ended(c.uri, rerr)
				}
				if err := sess.Flush(ctx); err != nil {
					return harnessf("%s: not all of it was sent: %w", c.uri, err)
				}
				return nil
			})
		},
	}
	f.add(c, "log each call")
	return c
}

// args checks the number of arguments: ADDRESS, unless --unix says it, then at least so many of URI and DATA.
func (f *callFlags) args(least int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		_, form, _ := strings.Cut(cmd.Use, " ")
		name, n := cmd.Name(), len(args)
		if f.unix != "" {
			form = strings.TrimPrefix(form, "ADDRESS ")
			name += " --unix"
		} else {
			n--
		}
		if n < least || n > 2 {
			return usagef("%s takes %s, got %d arguments", name, form, len(args))
		}
		return nil
	}
}

// call is what the arguments ask for.
type call struct {
	addr, uri string
	data      any
	settings  []socket.PacketSetting
}

// call dials, hands the session and the call to do, and closes. The context that do gets ends with --timeout.
func (f *callFlags) call(cmd *cobra.Command, args []string, do func(context.Context, tp.Session, *call) error) error {
	ctx, cancel, err := f.begin(cmd)
	if err != nil {
		return err
	}
	defer cancel()
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
	sess, rerr := peer.DialContext(ctx, c.addr, pf)
	if rerr != nil {
		return f.notDialed(ctx, c.addr, rerr)
	}
	return do(ctx, sess, c)
}

// notDialed tells why there is no session.
func (f *callFlags) notDialed(ctx context.Context, addr string, rerr *tp.Rerror) error {
	switch ctx.Err() {
	case nil:
		return harnessf("%w", rerr)
	case context.Canceled:
		return harnessf("dialing %s: interrupted", addr)
	}
	return harnessf("dialing %s: not connected within --timeout %v: %w", addr, f.timeout, rerr)
}

// begin checks the flags and starts the clock.
func (f *callFlags) begin(cmd *cobra.Command) (context.Context, context.CancelFunc, error) {
	if err := f.complete(cmd); err != nil {
		return nil, nil, err
	}
	if f.timeout < 0 {
		return nil, nil, usagef("--timeout %v: expected 0 (never) or more", f.timeout)
	}
	if f.tls && strings.HasPrefix(f.network, "unix") && f.serverName == "" && !f.insecure {
		return nil, nil, usagef("TLS over a unix socket: say with --server-name which name the certificate must have")
	}
	f.logs()
	if f.timeout == 0 {
		ctx, cancel := context.WithCancel(cmd.Context())
		return ctx, cancel, nil
	}
	ctx, cancel := context.WithTimeout(cmd.Context(), f.timeout)
	return ctx, cancel, nil
}

// config is netFlags' with what -v shows.
func (f *callFlags) config() (tp.PeerConfig, packet.ProtoFunc, error) {
	cfg, pf, err := f.netFlags.config()
	cfg.PrintBody, cfg.CountTime = true, true
	return cfg, pf, err
}

// closeSoon closes the peer, but does not wait for an other side that does not go along.
func closeSoon(peer *tp.Peer) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_ = peer.Shutdown(ctx) // the call has ended: nothing can be lost
}

// pull sends the PULL and waits for its end; an error tells it.
func (f *callFlags) pull(ctx context.Context, sess tp.Session, c *call, reply any) (*tp.PullCmd, error) {
	cmd := sess.PullContext(ctx, c.uri, c.data, reply, c.settings...)
	rerr := cmd.Rerror()
	switch {
	case rerr == nil:
		return cmd, nil
	case cmd.InputMeta() == nil: // no reply came
		return nil, f.ended(c.uri, rerr)
	case rerr.Code == tp.CodeTimeout && isOver(ctx): // the other side keeps our deadline, too: it was the first to say so
		return nil, f.late(c.uri)
	case rerr.Code == tp.CodeTimeout:
		return nil, failf("%s: the other side ran out of time: %w", c.uri, rerr)
	}
	return nil, failf("%s: %w", c.uri, rerr)
}

// ended tells of a call that this side has ended.
func (f *callFlags) ended(uri string, rerr *tp.Rerror) error {
	switch {
	case errors.Is(rerr, context.DeadlineExceeded):
		return f.late(uri)
	case errors.Is(rerr, context.Canceled):
		return harnessf("%s: interrupted", uri)
	}
	return harnessf("%s: %w", uri, rerr)
}

func (f *callFlags) late(uri string) error {
	return harnessf("%s: not done within --timeout %v: 408 %s", uri, f.timeout, tp.CodeText(tp.CodeTimeout))
}

// isOver says that ctx's deadline has passed, whether its timer has noticed or not.
func isOver(ctx context.Context) bool {
	until, ok := ctx.Deadline()
	return ok && !time.Now().Before(until)
}

// packet checks what the flags and arguments say of the packet.
func (f *callFlags) packet(args []string, stdin io.Reader) (*call, error) {
	c := &call{addr: f.unix}
	if c.addr == "" {
		c.addr, args = args[0], args[1:]
	}
	id, err := f.codecID()
	if err != nil {
		return nil, err
	}
	if err := checkPipe(f.pipe); err != nil {
		return nil, err
	}
	c.settings = append(c.settings, socket.WithBodyCodec(id), socket.WithXferPipe([]byte(f.pipe)...))
	for _, pair := range f.meta {
		k, v, ok := strings.Cut(pair, "=")
		if !ok || k == "" {
			return nil, usagef("--meta %q: expected KEY=VALUE", pair)
		}
		c.settings = append(c.settings, socket.WithAddMeta(k, v))
	}
	if len(args) > 0 {
		c.uri = args[0]
	}
	if len(args) > 1 {
		body, err := f.body(id, args[1], stdin)
		if err != nil {
			return nil, err
		}
		c.data = packet.RawBody(body)
	}
	return c, nil
}

// shownMeta is the metadata that is printed: those of -v.
func (f *callFlags) shownMeta(m *packet.Meta) *packet.Meta {
	if f.verbose {
		return m
	}
	return nil
}
