package cli

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/henrylee2cn/teleport/conformance"
	"github.com/henrylee2cn/teleport/reference/packet"
)

// firstWait is how long conform --listen waits for the first connection: somebody may have to start the peer.
const firstWait = time.Minute

// leastPacket is the smallest --max-packet: the ordinary packets of the battery are smaller.
const leastPacket = 16 << 10

// networkFlags are those of conform that judge a peer over the network.
type networkFlags struct {
	netFlags
	server, listen   string
	connect, silence time.Duration
	maxPacket        uint32
}

// networkOnly are the flags that mean nothing without --server or --listen.
var networkOnly = []string{"tls", "ca", "cert", "key", "client-ca", "server-name", "insecure", "connect-timeout", "silence-timeout", "max-packet"}

func (f *conformFlags) addNetwork(c *cobra.Command) {
	fl, n := c.Flags(), &f.network
	fl.StringVar(&n.server, "server", "", "judge the peer that listens at `ADDRESS`: HOST:PORT, tcp://HOST:PORT or unix:PATH")
	fl.StringVar(&n.listen, "listen", "", "judge the peer that dials: listen at `ADDRESS`, and wait for it; port 0 picks a free one")
	fl.BoolVar(&n.tls, "tls", false, "speak TLS; with --listen that takes --cert and --key")
	fl.StringVar(&n.rootCA, "ca", "", "with --server: trust the authorities in the PEM `FILE`; implies --tls")
	fl.StringVar(&n.cert, "cert", "", "with --key: the certificate to show, a PEM `FILE`; implies --tls")
	fl.StringVar(&n.key, "key", "", "the key of --cert, a PEM `FILE`")
	fl.StringVar(&n.clientCA, "client-ca", "", "with --listen: take those peers only that show a certificate of the authorities in the PEM `FILE`; implies --tls")
	fl.StringVar(&n.serverName, "server-name", "", "with --server: the `NAME` that its certificate must have, where it is not that of ADDRESS; implies --tls")
	fl.BoolVar(&n.insecure, "insecure", false, "with --server: take any certificate; implies --tls")
	fl.DurationVar(&n.connect, "connect-timeout", 0, "how long a connection may take to come about (default 10s; with --listen the first 1m)")
	fl.DurationVar(&n.silence, "silence-timeout", 0, "how long the peer may send nothing that is waited for (default: half of the time limit of a case)")
	fl.Uint32Var(&n.maxPacket, "max-packet", 0, "the peer's limit on packets and payloads, where it is not the standard's 4 MiB, in `BYTES`")
}

// overNetwork reports whether a peer at an address is to be judged, and checks the flags for that.
func (f *conformFlags) overNetwork(c *cobra.Command) (bool, error) {
	n := &f.network
	if n.server == "" && n.listen == "" {
		for _, name := range networkOnly {
			if c.Flags().Changed(name) {
				return false, usagef("--%s: it belongs to --server or --listen", name)
			}
		}
		return false, nil
	}
	others := map[string][]string{"server": {"client-ca"}, "listen": {"ca", "server-name", "insecure"}}
	mine := "server"
	if n.server == "" {
		mine = "listen"
	}
	for _, name := range append([]string{"proto"}, others[mine]...) {
		if c.Flags().Changed(name) {
			return true, usagef("--%s: it contradicts --%s", name, mine)
		}
	}
	switch {
	case n.server != "" && n.listen != "":
		return true, usagef("--server and --listen contradict each other: a peer listens, or it dials")
	case n.connect < 0 || n.silence < 0:
		return true, usagef("--connect-timeout %v, --silence-timeout %v: expected no negative time", n.connect, n.silence)
	case n.maxPacket != 0 && n.maxPacket < leastPacket:
		return true, usagef("--max-packet %d: expected at least %d, so that the cases have room", n.maxPacket, leastPacket)
	}
	n.proto = "fast"
	network, address, err := splitAddress("--"+mine, cmp.Or(n.server, n.listen), "tcp")
	if err != nil {
		return true, err
	}
	n.network = network
	n.server, n.listen = "", ""
	if mine == "server" {
		n.server = address
	} else {
		n.listen = address
	}
	if err := n.complete(c); err != nil {
		return true, err
	}
	if mine == "listen" && n.tls && n.cert == "" {
		return true, usagef("--tls: to listen takes --cert and --key")
	}
	return true, nil
}

// ranNetwork judges a peer over the network, where the flags ask for that.
func (f *conformFlags) ranNetwork(cmd *cobra.Command) (bool, error) {
	over, err := f.overNetwork(cmd)
	if over && err == nil {
		err = f.runNetwork(cmd)
	}
	return over || err != nil, err
}

// runNetwork judges the peer at --server, or the one that comes to --listen.
func (f *conformFlags) runNetwork(cmd *cobra.Command) error {
	cases := slices.DeleteFunc(f.selected(), func(c conformance.Case) bool { return !strings.HasPrefix(c.ID, "peer/") })
	if len(cases) == 0 && f.exec.replay != "" {
		return usagef("--replay %s: only cases of the peer battery judge a peer; leave --server or --listen out", f.exec.replay)
	}
	if len(cases) == 0 {
		return usagef("no case of the peer battery matches --only %q: see teleport conform list --only 'peer/*'", f.only)
	}
	if _, _, err := f.network.config(); err != nil { // tells what is wrong with a flag
		return err
	}
	secure, err := f.network.secure()
	if err != nil {
		return err
	}
	progress := newProgress(cmd.ErrOrStderr(), len(cases))
	opts, err := f.options(progress)
	if err != nil {
		return err
	}
	opts = append(opts, f.network.options()...)
	wait := func(string) {}
	if f.exec.attach {
		wait = enter(cmd)
		opts = append(opts, conformance.WithTimeout(unlimited), conformance.WithSilenceTimeout(unlimited))
		if f.network.connect == 0 { // a peer in a debugger neither dials nor accepts
			opts = append(opts, conformance.WithConnectTimeout(unlimited), conformance.WithFirstConnectTimeout(unlimited))
		}
	}
	opts = append(opts, conformance.OnResult(doubts(cmd.ErrOrStderr(), progress)))
	var r *conformance.Report
	start := time.Now()
	if f.network.server != "" {
		wait("the judge of " + f.network.server + " waits")
		opts = append(opts, conformance.WithTarget("the peer at "+f.network.network+" "+f.network.server))
		r = conformance.CheckPeer(cmd.Context(), f.network.dialer(secure), opts...)
	} else {
		ln, err := f.network.open(secure)
		if err != nil {
			return err
		}
		told := cmd.OutOrStdout()
		if f.stdout() {
			told = cmd.ErrOrStderr() // standard output is the report
		}
		fmt.Fprintf(told, "listening on %s %s\n", ln.Addr().Network(), ln.Addr())
		wait("the judge waits")
		opts = append(opts, conformance.WithTarget("the peer that dialed "+f.network.network+" "+ln.Addr().String()))
		r = conformance.CheckDialer(cmd.Context(), ln, opts...)
	}
	progress.done()
	if len(r.Results) == 1 && r.Results[0].Case == "harness/connect" {
		return harnessf("%s", r.Results[0].Detail)
	}
	return f.tell(cmd.OutOrStdout(), r, time.Since(start))
}

// doubtful is how many cases may fail before any has passed, until the run doubts that it judges a Teleport peer.
const doubtful = 5

// doubts gives what to call after each case: it keeps the progress, and says once, early in what may be a long wait,
// that not one case passes.
func doubts(w io.Writer, p *progress) func(conformance.Result) {
	passed, failed := 0, 0
	return func(r conformance.Result) {
		p.result(r)
		switch {
		case r.Verdict == conformance.Pass:
			passed++
		case r.Verdict.Bad():
			failed++
		}
		if passed > 0 || failed != doubtful || !r.Verdict.Bad() {
			return
		}
		p.done()
		fmt.Fprintf(w, "none of the first %d cases passed: is this a Teleport peer that speaks fast/1, with TLS where it wants TLS?\n"+
			"A peer without the conformance service of chapter 19 takes --without service; a silent one costs less with --silence-timeout 1s.\n", doubtful)
	}
}

// options are those of the suite that the flags mean.
func (n *networkFlags) options() []conformance.Option {
	var opts []conformance.Option
	switch {
	case n.connect > 0:
		opts = append(opts, conformance.WithConnectTimeout(n.connect))
	case n.listen != "":
		opts = append(opts, conformance.WithFirstConnectTimeout(firstWait))
	}
	if n.silence > 0 {
		opts = append(opts, conformance.WithSilenceTimeout(n.silence))
	}
	if n.maxPacket > 0 {
		opts = append(opts, conformance.WithLimits(packet.Limits{MaxPacket: n.maxPacket, MaxPayload: n.maxPacket}))
	}
	return opts
}
