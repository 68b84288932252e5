package cli

import (
	"fmt"
	"net"
	"os"

	"github.com/spf13/cobra"

	"github.com/henrylee2cn/teleport/perf/harness"
)

func newServe(c Config) *cobra.Command {
	var listen string
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "start servers for a harness on another host",
		Long: `serve waits for the harness of another host (its --server), and starts a server process here for each run. The harness
says which system; it connects to a port that the system chooses, so a firewall between the two has to let it.

Whoever reaches the address can start servers and use up this machine: the network has to be trusted.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			self, err := os.Executable()
			if err != nil {
				return &ExitError{ExitShort, err}
			}
			lis, err := net.Listen("tcp", listen)
			if err != nil {
				return usagef("--listen: %w", err)
			}
			host, _ := os.Hostname()
			_, port, _ := net.SplitHostPort(lis.Addr().String())
			out := cmd.OutOrStdout()
			fmt.Fprintf(out, "Listening on %s. On the client's host:\n\n  %s --server %s:%s\n\n", lis.Addr(), c.Called, host, port)
			if err := harness.ServeControl(cmd.Context(), lis, append([]string{self}, c.Worker...), out); err != nil {
				return &ExitError{ExitShort, err}
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&listen, "listen", ":7000", "where the harness of the other host finds this")
	return cmd
}
