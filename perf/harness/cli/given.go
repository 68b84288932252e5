package cli

import (
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// givenFlags are the flags as they were given, for whoever wants to do the same again.
func givenFlags(cmd *cobra.Command) []string {
	var out []string
	cmd.Flags().Visit(func(f *pflag.Flag) {
		value := strings.Trim(f.Value.String(), "[]") // lists come with brackets
		switch {
		case value == "true" && f.Value.Type() == "bool", f.NoOptDefVal == value:
			out = append(out, "--"+f.Name)
		case strings.ContainsAny(value, " \"'$"):
			out = append(out, "--"+f.Name+"='"+value+"'")
		default:
			out = append(out, "--"+f.Name+"="+value)
		}
	})
	return out
}
