package cli

import (
	"crypto/tls"
	"errors"
	"strings"

	"github.com/spf13/cobra"

	tp "github.com/henrylee2cn/teleport/reference"
	"github.com/henrylee2cn/teleport/reference/packet"
)

// netFlags say how packets travel. Both sides have them.
type netFlags struct {
	network, unix, proto string
	tls                  bool
	cert, key            string
	clientCA             string // of serve
	rootCA, serverName   string // of who dials
	insecure             bool   // likewise
	verbose              bool
}

const networkNames = "tcp, tcp4, tcp6, unix or unixpacket"

func (f *netFlags) add(c *cobra.Command) {
	fl := c.Flags()
	fl.StringVar(&f.network, "network", "tcp", networkNames)
	fl.StringVar(&f.proto, "proto", "fast", "the Proto to speak: "+protoNames())
	fl.StringVar(&f.cert, "cert", "", "with --key: the certificate to show, a PEM `FILE`; implies --tls")
	fl.StringVar(&f.key, "key", "", "the key of --cert, a PEM `FILE`")
}

func (f *netFlags) addListening(c *cobra.Command) {
	f.add(c)
	fl := c.Flags()
	fl.StringVar(&f.unix, "unix", "", "listen on the unix socket `PATH`: --network unix --listen PATH")
	fl.BoolVar(&f.tls, "tls", false, "speak TLS, with --cert and --key")
	fl.StringVar(&f.clientCA, "client-ca", "", "take those clients only that show a certificate of the authorities in the PEM `FILE`; implies --tls")
}

func (f *netFlags) addDialing(c *cobra.Command) {
	f.add(c)
	fl := c.Flags()
	fl.StringVar(&f.unix, "unix", "", "dial the unix socket `PATH`; ADDRESS is left out then")
	fl.BoolVar(&f.tls, "tls", false, "speak TLS; the server's certificate must be of an authority that the system trusts, or --ca")
	fl.StringVar(&f.rootCA, "ca", "", "trust the authorities in the PEM `FILE`; implies --tls")
	fl.StringVar(&f.serverName, "server-name", "", "the `NAME` that the server's certificate must have, where it is not that of ADDRESS; implies --tls")
	fl.BoolVar(&f.insecure, "insecure", false, "take any certificate; implies --tls")
}

// complete checks the flags against each other and sets what they imply.
func (f *netFlags) complete(c *cobra.Command) error {
	if f.unix != "" {
		if c.Flags().Changed("network") && !strings.HasPrefix(f.network, "unix") {
			return usagef("--unix %s: it contradicts --network %s", f.unix, f.network)
		}
		if !c.Flags().Changed("network") {
			f.network = "unix"
		}
	}
	if (f.cert == "") != (f.key == "") {
		return usagef("--cert and --key go together: give both PEM files, or neither")
	}
	if f.insecure && f.rootCA != "" {
		return usagef("--insecure takes any certificate: it contradicts --ca")
	}
	f.tls = f.tls || f.insecure || f.cert != "" || f.clientCA != "" || f.rootCA != "" || f.serverName != ""
	return nil
}

// config makes the peer's configuration. What it cannot work with is told now, and by the flag.
func (f *netFlags) config() (tp.PeerConfig, packet.ProtoFunc, error) {
	pf, err := protoByName(f.proto)
	if err != nil {
		return tp.PeerConfig{}, nil, err
	}
	cfg := tp.PeerConfig{Network: f.network, TlsCertFile: f.cert, TlsKeyFile: f.key, TlsClientCAFile: f.clientCA, TlsRootCAFile: f.rootCA}
	if f.tls {
		cfg.TLSConfig = &tls.Config{MinVersion: tls.VersionTLS12, ServerName: f.serverName, InsecureSkipVerify: f.insecure}
	}
	var bad *tp.ConfigError
	switch err := cfg.Reload(func() error { return nil }); {
	case errors.As(err, &bad):
		return cfg, nil, f.badFlag(bad)
	case err != nil:
		return cfg, nil, usagef("%w", err)
	}
	return cfg, pf, nil
}

// flagOf names the flag behind a field.
var flagOf = map[string]string{
	"TlsCertFile": "--cert and --key", "TlsClientCAFile": "--client-ca", "TlsRootCAFile": "--ca", "Network": "--network",
}

func (f *netFlags) badFlag(e *tp.ConfigError) error {
	why := e.Err
	if why == nil {
		why = errors.New("expected " + e.Want)
	}
	if e.Field == "Network" { // what networks there are is the system's matter
		return harnessf("--network %s: %w", f.network, why)
	}
	return usagef("%s %v: %w", flagOf[e.Field], e.Value, why)
}

// logs shows the log of the peer, on standard error, or none of it.
func (f *netFlags) logs() {
	level := "OFF"
	if f.verbose {
		level = "TRACE"
	}
	tp.SetRawlogLevel(level) // both are levels
}
