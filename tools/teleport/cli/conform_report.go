package cli

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/henrylee2cn/teleport/conformance/report"
)

// reportFlags say in which forms a report is written, and where.
type reportFlags struct {
	json, tap, junit, markdown, html string
	trace                            bool
}

// form is one form of a report, and where it goes.
type form struct {
	flag, file string
	write      func(*report.Document, io.Writer) error
}

func (f *reportFlags) forms() []form {
	return []form{
		{"json", f.json, (*report.Document).JSON},
		{"tap", f.tap, (*report.Document).TAP},
		{"junit", f.junit, (*report.Document).JUnit},
		{"markdown", f.markdown, (*report.Document).Markdown},
		{"html", f.html, (*report.Document).HTML},
	}
}

// addForms adds the flags that name a file for each form.
func (f *reportFlags) addForms(c *cobra.Command) {
	c.Flags().StringVar(&f.json, "json", "", "write the report as JSON to this file, - for standard output")
	c.Flags().StringVar(&f.tap, "tap", "", "write it in the Test Anything Protocol, version 14, to this file or -")
	c.Flags().StringVar(&f.junit, "junit", "", "write it as JUnit XML to this file or -")
	c.Flags().StringVar(&f.markdown, "markdown", "", "write it as Markdown to this file or -")
	c.Flags().StringVar(&f.html, "html", "", "write it as one HTML page to this file or -")
}

func (f *reportFlags) addReport(c *cobra.Command) {
	f.addForms(c)
	c.Flags().BoolVar(&f.trace, "trace", false, "put the bytes exchanged into the reports for cases that pass too")
}

// stdout reports whether a form takes standard output, where the text would stand.
func (f *reportFlags) stdout() bool {
	for _, form := range f.forms() {
		if form.file == "-" {
			return true
		}
	}
	return false
}

// checkForms refuses two forms on standard output, and a file whose folder is not there: a report that cannot be
// written is better known before the run than after it.
func (f *reportFlags) checkForms() error {
	var out []string
	for _, form := range f.forms() {
		if form.file == "-" {
			out = append(out, "--"+form.flag)
		} else if err := checkFolder("--"+form.flag, form.file); err != nil {
			return err
		}
	}
	if len(out) > 1 {
		return usagef("%s all want standard output: give a file to all but one", strings.Join(out, " and "))
	}
	return nil
}

// checkFolder makes sure that the file that a flag names, if any, can be made where it is wanted.
func checkFolder(flag, file string) error {
	if file == "" || file == "-" {
		return nil
	}
	if at, err := os.Stat(file); err == nil && at.IsDir() {
		return usagef("%s %s: this is a folder, expected a file", flag, file)
	}
	if _, err := os.Stat(filepath.Dir(file)); err != nil {
		return usagef("%s %s: the folder of the file: %w", flag, file, err)
	}
	return nil
}

// write writes every form that is asked for.
func (f *reportFlags) write(stdout io.Writer, d *report.Document) error {
	for _, form := range f.forms() {
		if form.file == "" {
			continue
		}
		if err := writeFile("--"+form.flag, form.file, stdout, func(w io.Writer) error { return form.write(d, w) }); err != nil {
			return err
		}
	}
	return nil
}

// writeFile has do write to a file that the flag names, or to standard output.
func writeFile(flag, file string, stdout io.Writer, do func(io.Writer) error) error {
	if file == "-" {
		return wrapHarness(do(stdout))
	}
	w, err := os.Create(file)
	if err != nil {
		return usagef("%s: %w", flag, err)
	}
	return wrapHarness(errors.Join(do(w), w.Close()))
}

func newConformReport() *cobra.Command {
	var f reportFlags
	c := &cobra.Command{
		Use:   "report FILE.json",
		Short: "write a JSON report in other forms: text, TAP, JUnit XML, Markdown, HTML",
		Long: `report reads a JSON report (- for standard input) and writes it in the forms that are asked for, or else as
text. It judges nothing: the exit code is 0 where the report could be written, 2 where the file cannot be opened,
3 where it is no report.`,
		Example: `  teleport conform report report.json
  teleport conform report report.json --html report.html --junit report.xml`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := f.checkForms(); err != nil {
				return err
			}
			d, err := readReport(args[0], cmd.InOrStdin())
			if err != nil {
				return err
			}
			if f == (reportFlags{}) {
				return wrapHarness(d.Text(cmd.OutOrStdout()))
			}
			return f.write(cmd.OutOrStdout(), d)
		},
	}
	f.addForms(c)
	return c
}

// readReport reads the JSON report in file, - for standard input.
func readReport(file string, stdin io.Reader) (*report.Document, error) {
	r := stdin
	if file != "-" {
		opened, err := os.Open(file)
		if err != nil {
			return nil, usagef("%w", err)
		}
		defer opened.Close()
		r = opened
	}
	d, err := report.Read(r)
	if err != nil {
		return nil, harnessf("%s: %w", file, err)
	}
	return d, nil
}
