package cli

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/henrylee2cn/teleport/tools/teleport/service"
)

// addDialing adds what serve needs to be a testee that dials.
func (f *serveFlags) addDial(c *cobra.Command) {
	fl := c.Flags()
	fl.StringVar(&f.dial, "dial", "", "dial `ADDRESS` in place of listening, and keep four connections open, as teleport conform --listen wants it")
	fl.DurationVar(&f.patience, "connect-timeout", 10*time.Second, "with --dial: how long to go on trying until the first connection stands")
	fl.StringVar(&f.rootCA, "ca", "", "with --dial: trust the authorities in the PEM `FILE`; implies --tls")
	fl.StringVar(&f.serverName, "server-name", "", "with --dial: the `NAME` that the server's certificate must have, where it is not that of ADDRESS; implies --tls")
	fl.BoolVar(&f.insecure, "insecure", false, "with --dial: take any certificate; implies --tls")
}

// completeDial checks the flags of --dial against the others, and takes ADDRESS apart.
func (f *serveFlags) completeDial(c *cobra.Command) error {
	for _, name := range []string{"listen", "unix", "client-ca"} {
		if c.Flags().Changed(name) {
			return usagef("--dial %s: it contradicts --%s", f.dial, name)
		}
	}
	network, address, err := splitAddress("--dial", f.dial, f.network)
	if err != nil {
		return err
	}
	f.network, f.dial = network, address
	if f.patience <= 0 {
		return usagef("--connect-timeout %v: expected more than 0", f.patience)
	}
	return nil
}

// dialOut is serve with --dial.
func (f *serveFlags) dialOut(ctx context.Context, out io.Writer) error {
	cfg, pf, err := f.config()
	if err != nil {
		return err
	}
	cfg.CountTime = f.verbose
	fmt.Fprintf(out, "dialing %s %s\n", cfg.Network, f.dial)
	if err := service.Dial(ctx, cfg, f.dial, f.patience, pf); err != nil {
		return harnessf("%w", err)
	}
	return nil
}

// splitAddress takes apart what a flag says of a network address: tcp://HOST:PORT, unix:PATH, unix://PATH, or
// an address of the default network.
func splitAddress(flag, text, network string) (string, string, error) {
	address := text
	for _, n := range []string{"tcp", "tcp4", "tcp6", "unix"} {
		if rest, ok := strings.CutPrefix(text, n+"://"); ok {
			network, address = n, rest
		} else if rest, ok := strings.CutPrefix(text, n+":"); ok && n == "unix" {
			network, address = n, rest
		}
	}
	switch {
	case strings.Contains(address, "://"):
		return "", "", usagef("%s %s: expected HOST:PORT, tcp://HOST:PORT or unix:PATH", flag, text)
	case address == "":
		return "", "", usagef("%s %s: expected an address behind the network", flag, text)
	case strings.HasPrefix(network, "tcp") && !strings.Contains(address, ":"):
		return "", "", usagef("%s %s: expected HOST:PORT; a unix socket is unix:PATH", flag, text)
	}
	return network, address, nil
}
